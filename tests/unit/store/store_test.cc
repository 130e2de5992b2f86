// Rules of every StateStore: each test runs on the store in memory and on the store on disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "state/store/codec.h"
#include "state/store/digest.h"
#include "state/store/memory_store.h"
#include "state/store/rocksdb/rocks_store.h"
#include "state/store/stored_row.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/store/generators.h"

namespace antiphon::store {
namespace {

using state::CustomerState;

// Every slot of the generators, numbered in order.
std::vector<SlotDefinition> TestTopology() {
  std::vector<SlotDefinition> definitions;
  for (std::size_t kind = 1; kind < kSlotKinds; ++kind) {
    for (std::uint16_t i = 0; i < test::kSlots; ++i) {
      definitions.push_back({.kind = static_cast<SlotKind>(kind), .id = std::to_string(i), .definition = {}});
    }
  }
  return definitions;
}

std::unique_ptr<RocksStore> OpenRocks(const std::string& directory, std::size_t cache_bytes, std::size_t write_behind_bytes,
                                      std::size_t due_rows) {
  return RocksStore::Open({.directory = directory,
                           .definitions = TestTopology(),
                           .cache_bytes = cache_bytes,
                           .durability = Durability::kPrefix,
                           .write_behind_bytes = write_behind_bytes,
                           .due_rows = due_rows},
                          RocksResources::Create(std::size_t{16} << 20U))
      .value();
}

CustomerState Empty(std::string customer) {
  CustomerState record;
  record.customer = std::move(customer);
  return record;
}

state::Timer TimerAt(std::int64_t due, std::uint32_t sequence = 1) {
  return {.due = FromEpochMs(due), .sequence = sequence, .kind = state::TimerKind::kContactDue, .reference = 1};
}

enum class Kind : std::uint8_t { kInMemory, kOnDisk, kWriteBehind };

class StoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  StoreTest() {
    constexpr std::size_t kCacheBytes = std::size_t{1} << 20U;
    if (GetParam() == Kind::kInMemory) {
      store_ = std::make_unique<MemoryStore>();
    } else {
      store_ = OpenRocks(directory_.path(), kCacheBytes, GetParam() == Kind::kOnDisk ? 0 : kCacheBytes / 2, 4);
    }
  }
  CustomerState& Load(std::string_view customer) { return **store_->Load(customer); }
  void SetDue(std::string_view customer, std::optional<std::int64_t> due) {
    CustomerState& record = Load(customer);
    record.timers.clear();
    if (due.has_value()) record.timers.push_back(TimerAt(*due));
    store_->Touch(record);
  }
  std::string NextDue() {
    const auto due = store_->NextDue().value();
    return due.has_value() ? std::to_string(ToEpochMs(due->due)) + " " + std::string(due->customer) : "none";
  }

  antiphon::test::TemporaryDirectory directory_;
  std::unique_ptr<StateStore> store_;
};

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreTest, ::testing::Values(Kind::kInMemory, Kind::kOnDisk, Kind::kWriteBehind), [](const auto& instance) {
      return std::string(instance.param == Kind::kInMemory ? "InMemory" : instance.param == Kind::kOnDisk ? "OnDisk" : "WriteBehind");
    });

TEST_P(StoreTest, FindMakesNothing) {
  EXPECT_EQ(store_->Find("C1").value(), nullptr);
  EXPECT_EQ(store_->Figures().customers, 0U);
  EXPECT_EQ(Load("C1"), Empty("C1"));
  EXPECT_EQ(store_->Find("C1").value(), &Load("C1"));
  EXPECT_EQ(store_->Figures().customers, 1U);
}

TEST_P(StoreTest, RecordsKeepTheirPlaceUntilCommit) {
  CustomerState* first = &Load("C0");
  for (int i = 1; i < 5000; ++i) Load("C" + std::to_string(i));
  EXPECT_EQ(first, &Load("C0"));
  EXPECT_EQ(first->customer, "C0");
}

TEST_P(StoreTest, DuesComeByTimeThenCustomer) {
  EXPECT_EQ(NextDue(), "none");
  SetDue("B", 20);
  SetDue("A", 20);
  SetDue("C", -5);
  EXPECT_EQ(NextDue(), "-5 C");
  SetDue("C", std::nullopt);
  EXPECT_EQ(NextDue(), "20 A");
  ASSERT_TRUE(store_->Commit({}).has_value());
  SetDue("A", 21);
  EXPECT_EQ(NextDue(), "20 B");
  SetDue("A", 19);
  EXPECT_EQ(NextDue(), "19 A");
  SetDue("A", std::nullopt);
  SetDue("B", std::nullopt);
  EXPECT_EQ(NextDue(), "none");
}

TEST_P(StoreTest, ATimerSetBeforeThoseThatFiredIsSeen) {
  SetDue("A", 1000);
  ASSERT_TRUE(store_->Commit({}).has_value());
  SetDue("A", std::nullopt);
  ASSERT_TRUE(store_->Commit({}).has_value());
  SetDue("B", 10);
  EXPECT_EQ(NextDue(), "10 B");
}

TEST_P(StoreTest, ARecordThatIsTouchedOftenIsOneDue) {
  for (int i = 0; i < 10'000; ++i) SetDue("A", i % 7);
  SetDue("A", 3);
  EXPECT_EQ(NextDue(), "3 A");
  SetDue("A", std::nullopt);
  EXPECT_EQ(NextDue(), "none");
}

TEST_P(StoreTest, MetaKeepsWhatIsNotGiven) {
  EXPECT_EQ(store_->ReadMeta("positions").value(), std::nullopt);
  ASSERT_TRUE(store_->Commit({{"positions", std::string("\0\1", 2)}, {"ordinals", ""}}).has_value());
  ASSERT_TRUE(store_->Commit({{"ordinals", "2"}}).has_value());
  EXPECT_EQ(store_->ReadMeta("positions").value(), std::string("\0\1", 2));
  EXPECT_EQ(store_->ReadMeta("ordinals").value(), "2");
}

TEST_P(StoreTest, ChangesAreThoseSinceTheLastCommit) {
  Load("A").arrivals = 1;
  Load("B");
  store_->Touch(Load("A"));
  std::map<std::string, std::string, std::less<>> changes;
  const auto collect = [&](std::string_view customer, std::string_view row) { changes.emplace(customer, SplitRow(row)->record); };
  ASSERT_TRUE(store_->ForEachChange(collect).has_value());
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(DecodeCustomer(changes.at("A"), SlotMap::Identity()).value().arrivals, 1U);
  Load("A").arrivals = 2;
  store_->Touch(Load("A"));
  changes.clear();
  ASSERT_TRUE(store_->ForEachChange(collect).has_value());
  EXPECT_EQ(DecodeCustomer(changes.at("A"), SlotMap::Identity()).value().arrivals, 2U) << "told again after another change";
  ASSERT_TRUE(store_->Commit({}).has_value());
  changes.clear();
  ASSERT_TRUE(store_->ForEachChange(collect).has_value());
  EXPECT_TRUE(changes.empty());
}

TEST_P(StoreTest, TheDigestIsOfTheRecordsNotOfTheirHistory) {
  Load("A").arrivals = 1;
  store_->Touch(Load("A"));
  const Hash128 alone = DigestOfStore(*store_).value().sum();
  ASSERT_TRUE(store_->Commit({{"x", "y"}}).has_value());
  EXPECT_EQ(DigestOfStore(*store_).value().sum(), alone);
  Load("B");
  EXPECT_NE(DigestOfStore(*store_).value().sum(), alone);
  MemoryStore other;
  (void)other.Load("B");
  (*other.Load("A"))->arrivals = 1;
  EXPECT_EQ(DigestOfStore(*store_).value().sum(), DigestOfStore(other).value().sum());
  EXPECT_EQ(DigestOfStore(*store_).value().customers(), 2U);
}

// The bytes that are hashed are a promise to whoever compares digests of two builds.
TEST(DigestTest, HashesLengthKeyAndRecord) {
  StateDigest digest;
  digest.Add(Empty("C1"));
  EXPECT_EQ(digest.sum(), HashBytes128(std::string("\x02\0\0\0C1\x02\0\0\0\0\0\0\0\0\0", 16)));
}

// The naive truth: a map of records.
class Oracle {
 public:
  CustomerState& Load(const std::string& customer) {
    CustomerState& record = records_[customer];
    record.customer = customer;
    return record;
  }
  [[nodiscard]] std::optional<std::pair<EngineTime, std::string>> NextDue() const {
    std::set<std::pair<EngineTime, std::string>> dues;
    for (const auto& [customer, record] : records_) {
      if (!record.timers.empty()) dues.emplace(record.timers.front().due, customer);
    }
    if (dues.empty()) return std::nullopt;
    return *dues.begin();
  }
  [[nodiscard]] Hash128 Digest() const {
    StateDigest digest;
    for (const auto& [customer, record] : records_) digest.Add(record);
    return digest.sum();
  }
  [[nodiscard]] const std::map<std::string, CustomerState>& records() const { return records_; }

 private:
  std::map<std::string, CustomerState> records_;
};

// A small store with a cache for a few records and a window of a few dues, so that every way is taken.
class Comparison {
 public:
  Comparison() : rocks_(OpenRocks(directory_.path(), kCacheBytes, write_behind_bytes_, 2)) {}

  void Step() {
    const std::uint32_t chance = test::Below(100);
    if (chance < 2) return Reopen();
    if (chance < 10) return Commit();
    if (chance < 25) return Fire();
    if (chance < 35) return Find();
    Change();
  }

  void Check() {
    const auto expected = oracle_.NextDue();
    for (StateStore* store : {static_cast<StateStore*>(&memory_), static_cast<StateStore*>(rocks_.get())}) {
      const auto due = store->NextDue().value();
      RC_ASSERT(due.has_value() == expected.has_value());
      if (due.has_value()) RC_ASSERT(std::pair(due->due, std::string(due->customer)) == *expected);
      RC_ASSERT(store->Figures().customers == oracle_.records().size());
    }
  }

  void CheckDigests() {
    RC_ASSERT(DigestOfStore(memory_).value().sum() == oracle_.Digest());
    RC_ASSERT(DigestOfStore(*rocks_).value().sum() == oracle_.Digest());
  }

 private:
  static constexpr std::size_t kCacheBytes = 4000;

  static std::string AnyCustomerKey() { return "customer-" + std::to_string(test::Below(12)); }

  void Set(const CustomerState& value) {
    oracle_.Load(value.customer) = value;
    for (StateStore* store : {static_cast<StateStore*>(&memory_), static_cast<StateStore*>(rocks_.get())}) {
      CustomerState& record = **store->Load(value.customer);
      RC_ASSERT(record.customer == value.customer);
      record = value;
      store->Touch(record);
    }
  }

  void Change() {
    const std::string customer = AnyCustomerKey();
    CustomerState value = oracle_.Load(customer);
    if (test::Below(4) == 0) test::FillCustomer(value);
    value.timers = test::Sorted(
        3, [] { return TimerAt(test::Below(30), test::Below(3)); },
        [](const state::Timer& timer) { return std::tie(timer.due, timer.sequence); });
    ++value.arrivals;
    Set(value);
  }

  // What the owner of a partition does: the first timer goes, another may come.
  void Fire() {
    const auto due = oracle_.NextDue();
    if (!due.has_value()) return;
    CustomerState value = oracle_.Load(due->second);
    value.timers.erase(value.timers.begin());
    Set(value);
  }

  void Find() {
    const std::string customer = AnyCustomerKey();
    const auto expected = oracle_.records().find(customer);
    for (StateStore* store : {static_cast<StateStore*>(&memory_), static_cast<StateStore*>(rocks_.get())}) {
      const CustomerState* found = store->Find(customer).value();
      RC_ASSERT((found != nullptr) == (expected != oracle_.records().end()));
      if (found != nullptr) RC_ASSERT(*found == expected->second);
    }
  }

  void Commit() {
    RC_ASSERT(memory_.Commit({}).has_value());
    RC_ASSERT(rocks_->Commit({}).has_value());
  }

  void Reopen() {
    Commit();
    rocks_.reset();
    rocks_ = OpenRocks(directory_.path(), kCacheBytes, write_behind_bytes_, 2);
  }

  antiphon::test::TemporaryDirectory directory_;
  std::size_t write_behind_bytes_ = test::Coin() ? 0 : kCacheBytes / 2;
  Oracle oracle_;
  MemoryStore memory_;
  std::unique_ptr<RocksStore> rocks_;
};

TEST(StoresTest, BothAgreeWithANaiveMap) {
  EXPECT_TRUE(rc::check([] {
    Comparison comparison;
    for (std::uint32_t steps = test::Below(120); steps > 0; --steps) {
      comparison.Step();
      comparison.Check();
    }
    comparison.CheckDigests();
  }));
}

}  // namespace
}  // namespace antiphon::store
