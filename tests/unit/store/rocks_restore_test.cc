#include "state/store/rocksdb/rocks_restore.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "state/store/digest.h"
#include "state/store/rocksdb/rocks_store.h"
#include "tests/support/temporary_directory.h"

namespace antiphon::store {
namespace {

constexpr std::size_t kCacheBytes = std::size_t{1} << 20U;

std::shared_ptr<const RocksResources> Resources() { return RocksResources::Create(std::size_t{16} << 20U); }

std::unique_ptr<RocksStore> OpenStore(const std::string& directory) {
  return RocksStore::Open({.directory = directory, .definitions = {}, .cache_bytes = kCacheBytes}, Resources()).value();
}

std::unique_ptr<RocksRestore> OpenRestore(const std::string& directory) { return RocksRestore::Open(directory, Resources()).value(); }

using Changelog = std::vector<std::pair<std::string, std::string>>;

// Some customers change and set, move or lose their timer; the rows go to the changelog, as a live run's do.
void ChangeSome(RocksStore& store, std::mt19937& random, Changelog& changelog) {
  for (int i = 0; i < 20; ++i) {
    state::CustomerState& customer = **store.Load("C" + std::to_string(random() % 30));
    ++customer.arrivals;
    customer.timers.clear();
    if (random() % 3 != 0) {
      const auto due = static_cast<std::int64_t>(random() % 1000);
      customer.timers.push_back({.due = FromEpochMs(due), .sequence = 1, .kind = state::TimerKind::kContactDue, .reference = 1});
    }
    store.Touch(customer);
  }
  ASSERT_TRUE(store.ForEachChange([&](auto customer, auto row) { changelog.emplace_back(customer, row); }).has_value());
  ASSERT_TRUE(store.Commit({}).has_value());
}

// The due index in its order, taken out by firing.
std::vector<std::pair<EngineTime, std::string>> Dues(RocksStore& store) {
  std::vector<std::pair<EngineTime, std::string>> dues;
  while (const auto next = store.NextDue().value()) {
    dues.emplace_back(next->due, next->customer);
    state::CustomerState& customer = **store.Load(dues.back().second);
    customer.timers.clear();
    store.Touch(customer);
  }
  return dues;
}

TEST(RocksRestoreTest, ARestoredDirectoryIsTheStoreThatWroteTheChangelog) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    const antiphon::test::TemporaryDirectory written;
    const antiphon::test::TemporaryDirectory restored;
    Changelog changelog;
    const auto store = OpenStore(written.path());
    for (int commit = 0; commit < 5; ++commit) ChangeSome(*store, random, changelog);
    {
      auto restore = OpenRestore(restored.path());
      for (std::size_t i = 0; i < changelog.size(); ++i) {
        ASSERT_TRUE(restore->PutCustomer(changelog[i].first, changelog[i].second).has_value());
        if (random() % 7 == 0) {
          ASSERT_TRUE(restore->Write({{"next", std::to_string(i + 1)}}).has_value());
        }
      }
      ASSERT_TRUE(restore->Write({}).has_value());
      EXPECT_EQ(restore->customers(), store->Figures().customers);
    }
    const auto again = OpenStore(restored.path());
    EXPECT_EQ(DigestOfStore(*again).value().sum(), DigestOfStore(*store).value().sum()) << "seed " << seed;
    EXPECT_EQ(again->Figures().customers, store->Figures().customers);
    EXPECT_EQ(Dues(*again), Dues(*store)) << "seed " << seed;
  }
}

TEST(RocksRestoreTest, GoesOnOverAStoreThatIsBehind) {
  std::mt19937 random(5);
  const antiphon::test::TemporaryDirectory behind;
  const antiphon::test::TemporaryDirectory ahead;
  Changelog changelog;
  {
    const auto store = OpenStore(behind.path());
    ChangeSome(*store, random, changelog);
    ASSERT_TRUE(store->Commit({{"next", "1"}}).has_value());
  }
  // The same changes, and further ones that the first store never had.
  std::mt19937 same(5);
  changelog.clear();
  const auto store = OpenStore(ahead.path());
  ChangeSome(*store, same, changelog);
  changelog.clear();
  ChangeSome(*store, same, changelog);
  {
    auto restore = OpenRestore(behind.path());
    EXPECT_EQ(restore->ReadMeta("next").value(), "1");
    for (const auto& [customer, row] : changelog) ASSERT_TRUE(restore->PutCustomer(customer, row).has_value());
    ASSERT_TRUE(restore->Write({{"next", "2"}}).has_value());
  }
  const auto restored = OpenStore(behind.path());
  EXPECT_EQ(restored->ReadMeta("next").value(), "2");
  EXPECT_EQ(DigestOfStore(*restored).value().sum(), DigestOfStore(*store).value().sum());
  EXPECT_EQ(Dues(*restored), Dues(*store));
}

TEST(RocksRestoreTest, ATombstoneTakesTheCustomerAndHisDue) {
  std::mt19937 random(1);
  const antiphon::test::TemporaryDirectory directory;
  Changelog changelog;
  {
    const auto store = OpenStore(directory.path());
    ChangeSome(*store, random, changelog);
  }
  {
    auto restore = OpenRestore(directory.path());
    for (const auto& [customer, row] : changelog) ASSERT_TRUE(restore->DropCustomer(customer).has_value());
    ASSERT_TRUE(restore->DropCustomer("nobody").has_value());
    ASSERT_TRUE(restore->Write({}).has_value());
    EXPECT_EQ(restore->customers(), 0U);
  }
  const auto store = OpenStore(directory.path());
  EXPECT_TRUE(Dues(*store).empty());
  EXPECT_EQ(DigestOfStore(*store).value().customers(), 0U);
}

TEST(RocksRestoreTest, WhatIsNoRowIsRefused) {
  const antiphon::test::TemporaryDirectory directory;
  const auto restore = OpenRestore(directory.path());
  const auto put = restore->PutCustomer("A", "1234567");
  ASSERT_FALSE(put.has_value());
  EXPECT_EQ(put.error().recovery, Recovery::kRestartTask);
}

}  // namespace
}  // namespace antiphon::store
