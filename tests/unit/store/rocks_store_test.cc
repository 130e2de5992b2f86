#include "state/store/rocksdb/rocks_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "state/store/rocksdb/due_window.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/store/numbered_commits.h"

namespace antiphon::store {
namespace {

using state::CustomerState;

constexpr std::size_t kCacheBytes = std::size_t{1} << 20U;

std::shared_ptr<const RocksResources> Resources() { return RocksResources::Create(std::size_t{16} << 20U); }

RocksStoreOptions Options(const antiphon::test::TemporaryDirectory& directory, std::vector<SlotDefinition> definitions = {}) {
  return {.directory = directory.path(), .definitions = std::move(definitions), .cache_bytes = kCacheBytes};
}

std::unique_ptr<RocksStore> Open(RocksStoreOptions options) { return RocksStore::Open(std::move(options), Resources()).value(); }

SlotDefinition Trigger(std::string id, std::uint64_t definition = 1) {
  return {.kind = SlotKind::kTrigger, .id = std::move(id), .definition = {.high = 0, .low = definition}};
}

TEST(RocksStoreTest, ReopensAtTheLastCommit) {
  const antiphon::test::TemporaryDirectory directory;
  {
    const auto store = Open(Options(directory));
    test::CommitNumber(*store, 7);
    (*store->Load("C3"))->arrivals = 8;
    store->Touch(**store->Load("C3"));  // not committed
  }
  EXPECT_EQ(test::NumberOf(*Open(Options(directory))), 7U);
}

TEST(RocksStoreTest, GatheredCommitsAreWrittenAtACleanEndAndReadBefore) {
  const antiphon::test::TemporaryDirectory directory;
  RocksStoreOptions options = Options(directory);
  options.write_behind_bytes = kCacheBytes / 2;
  {
    const auto store = Open(options);
    for (std::uint64_t number = 1; number <= 5; ++number) {
      test::CommitNumber(*store, number);
      EXPECT_EQ(test::NumberOf(*store), number);
    }
  }
  EXPECT_EQ(test::NumberOf(*Open(options)), 5U);
}

TEST(RocksStoreTest, KeepsTheDictionaryAndTellsThePlan) {
  const antiphon::test::TemporaryDirectory directory;
  test::CommitNumber(*Open(Options(directory, {Trigger("a"), Trigger("b")})), 1);
  Open(Options(directory, {Trigger("b")})).reset();  // without a commit nothing is dropped
  const auto store = Open(Options(directory, {Trigger("b"), Trigger("c")}));
  ASSERT_EQ(store->plan().slots.size(), 3U);
  EXPECT_EQ(store->plan().slots[0].fate, SlotFate::kKeep);
  EXPECT_EQ(store->plan().slots[1].fate, SlotFate::kNew);
  EXPECT_EQ(store->plan().slots[2].fate, SlotFate::kDropped);
  EXPECT_EQ(store->plan().map.StoredOf(SlotKind::kTrigger, 0), 1U);
}

TEST(RocksStoreTest, TheDueOfADroppedTriggerDoesNotCome) {
  const antiphon::test::TemporaryDirectory directory;
  {
    const auto store = Open(Options(directory, {Trigger("gone"), Trigger("stays")}));
    for (const char* name : {"A", "B"}) {
      CustomerState* customer = *store->Load(name);
      customer->timers = {{.due = FromEpochMs(10), .sequence = 1, .kind = state::TimerKind::kPattern, .reference = 0}};
      if (name[0] == 'B')
        customer->timers.push_back({.due = FromEpochMs(20), .sequence = 2, .kind = state::TimerKind::kPattern, .reference = 1});
      store->Touch(*customer);
    }
    ASSERT_TRUE(store->Commit({}).has_value());
  }
  for (int round = 0; round < 2; ++round) {
    const auto store = Open(Options(directory, {Trigger("stays")}));
    EXPECT_EQ(store->NextDue().value(), (DueEntry{.due = FromEpochMs(20), .customer = "B"})) << round;
    ASSERT_TRUE(store->Commit({}).has_value());
  }
}

TEST(RocksStoreTest, TheCacheKeepsItsBoundAndAsksForACommit) {
  const antiphon::test::TemporaryDirectory directory;
  const auto store = Open(Options(directory));
  EXPECT_FALSE(store->WantsCommit());
  int held = 0;
  for (; !store->WantsCommit(); ++held) {
    ASSERT_LT(held, 10'000);
    CustomerState* customer = *store->Load("held " + std::to_string(held));
    customer->arrivals = static_cast<std::uint64_t>(held);
    store->Touch(*customer);
  }
  ASSERT_TRUE(store->Commit({}).has_value());
  EXPECT_FALSE(store->WantsCommit());
  for (int i = 0; i < 20'000; ++i) {
    (void)store->Load("C" + std::to_string(i));
    if (store->WantsCommit()) {
      ASSERT_TRUE(store->Commit({}).has_value());
    }
  }
  ASSERT_TRUE(store->Commit({}).has_value());
  (void)store->Load("one more, which makes room");
  EXPECT_LE(store->Figures().bytes_in_memory, kCacheBytes + kCacheBytes / 4);
  EXPECT_EQ((*store->Find("held 5"))->arrivals, 5U) << "evicted, read again";
  EXPECT_GT(store->Figures().cache_misses, 20'000U);
}

TEST(RocksStoreTest, RefusesASecondOpen) {
  const antiphon::test::TemporaryDirectory directory;
  const auto store = Open(Options(directory));
  const auto second = RocksStore::Open(Options(directory), Resources());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().recovery, Recovery::kStopProcess);
  EXPECT_NE(second.error().message.find(directory.path()), std::string::npos);
}

TEST(RocksStoreTest, RefusesAnotherFormat) {
  const antiphon::test::TemporaryDirectory directory;
  {
    const auto database = RocksDatabase::Open(directory.path(), Durability::kPrefix, Resources()).value();
    database->Put(Table::kStore, "format", "antiphon state 3");
    ASSERT_TRUE(database->Write().has_value());
  }
  const auto store = RocksStore::Open(Options(directory), Resources());
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().recovery, Recovery::kStopProcess);
  EXPECT_NE(store.error().message.find("antiphon state 3"), std::string::npos);
}

TEST(RocksStoreTest, RefusesADatabaseThatIsNotOurs) {
  const antiphon::test::TemporaryDirectory directory;
  {
    const auto database = RocksDatabase::Open(directory.path(), Durability::kPrefix, Resources()).value();
    database->Put(Table::kCustomer, "C1", "something");
    ASSERT_TRUE(database->Write().has_value());
  }
  EXPECT_FALSE(RocksStore::Open(Options(directory), Resources()).has_value());
}

TEST(RocksStoreTest, ADamagedRecordFailsEveryLaterCall) {
  const antiphon::test::TemporaryDirectory directory;
  test::CommitNumber(*Open(Options(directory)), 1);
  {
    const auto database = RocksDatabase::Open(directory.path(), Durability::kPrefix, Resources()).value();
    database->Put(Table::kCustomer, "C1", std::string(8, '\xff') + "\x01 no record");
    ASSERT_TRUE(database->Write().has_value());
  }
  const auto store = Open(Options(directory));
  const auto loaded = store->Load("C1");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().recovery, Recovery::kRestartTask);
  EXPECT_EQ(loaded.error().message.find("C1"), std::string::npos) << "a customer's data in a message";
  EXPECT_FALSE(store->Load("C2").has_value());
  EXPECT_FALSE(store->NextDue().has_value());
  EXPECT_FALSE(store->Commit({}).has_value());
  EXPECT_FALSE(store->ForEach([](const CustomerState&) {}).has_value());
}

TEST(RocksStoreTest, ADamagedFileIsAnErrorWithItsPlace) {
  const antiphon::test::TemporaryDirectory directory;
  {
    const auto store = Open(Options(directory));
    test::CommitNumber(*store, 1);
  }
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory.path())) {
    if (file.path().extension() != ".sst") continue;
    ++files;
    std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(10);
    bytes.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  }
  ASSERT_GT(files, 0);
  const auto store = RocksStore::Open(Options(directory), Resources());
  const auto error = store.has_value() ? (*store)->Load("C1").error() : store.error();
  EXPECT_EQ(error.recovery, Recovery::kRestartTask);
  EXPECT_NE(error.message.find(directory.path()), std::string::npos);
}

TEST(DueWindowTest, HoldsNoMoreThanTwiceWhatIsWanted) {
  DueWindow window(3);
  EXPECT_TRUE(window.NeedsRows());
  EXPECT_EQ(window.Watermark(), EngineTime::min());
  window.Extend(std::nullopt);
  EXPECT_EQ(window.Watermark(), kNeverDue);
  for (int i = 10; i > 0; --i) {
    window.Move("C", kNeverDue, FromEpochMs(i));
    EXPECT_LT(window.size(), 6U);
  }
  EXPECT_EQ(window.First()->first, FromEpochMs(1));
  while (!window.NeedsRows()) window.Move("C", window.First()->first, kNeverDue);
  ASSERT_TRUE(window.border().has_value());
  EXPECT_EQ(window.Watermark(), window.border()->first);
  EXPECT_TRUE(window.IsWithin(window.border()->first, window.border()->second));
  EXPECT_FALSE(window.IsWithin(window.border()->first, "D"));
}

}  // namespace
}  // namespace antiphon::store
