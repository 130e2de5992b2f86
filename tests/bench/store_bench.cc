// What the store costs per event: the stored form, a look-up in memory, and read-modify-write on disk behind the cache.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "state/base/check.h"
#include "state/store/codec.h"
#include "state/store/memory_store.h"
#include "state/store/rocksdb/rocks_store.h"

namespace antiphon::store {
namespace {

using state::CustomerState;

EngineTime At(std::uint64_t second) { return FromEpochMs(1'770'000'000'000 + static_cast<std::int64_t>(second) * 1000); }

// A customer of some months: 24 ids remembered, 8 features with 40 buckets, 4 contacts, 2 timers. About 1 KB stored.
void Fill(CustomerState& customer, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  customer.newest_event = At(random() % 1'000'000);
  customer.arrivals = 200 + random() % 100;
  customer.contacts_made = 4;
  for (state::RecentIds::Entry& entry : customer.recent_ids.Refill(24))
    entry = {.id = {.high = random(), .low = random()}, .seen = At(random() % 100'000)};
  customer.features.resize(8);
  for (std::uint16_t i = 0; i < 8; ++i) {
    state::FeatureState& feature = customer.features[i];
    feature.feature = state::FeatureId{i};
    feature.newest = At(random() % 1'000'000);
    feature.buckets.resize(5);
    for (std::uint32_t day = 0; day < 5; ++day) {
      feature.buckets[day] = {.index = 20'000 + 3 * day, .count = 2, .value = random() % 10'000'000};
    }
  }
  customer.profile.resize(3);
  for (std::uint16_t i = 0; i < 3; ++i) {
    customer.profile[i] = {.field = state::ProfileFieldId{i}, .time = At(i), .value = static_cast<std::int64_t>(random() % 100'000)};
  }
  customer.contacts.resize(4);
  for (std::uint32_t i = 0; i < 4; ++i) {
    state::Contact& contact = customer.contacts[i];
    contact.id = {.high = random(), .low = random()};
    contact.decision_id = {.high = random(), .low = random()};
    contact.number = i + 1;
    contact.status = state::ContactStatus::kSent;
    contact.channel = state::ChannelId{1};
    contact.offer = state::OfferId{static_cast<std::uint16_t>(i)};
    contact.decided = contact.counted = contact.due = contact.changed = At(random() % 1'000'000);
    contact.expires = At(2'000'000);
    contact.moments = {i + 1};
  }
  customer.timers = {{.due = At(3'000'000 + random() % 1000), .sequence = 1, .kind = state::TimerKind::kNoResponse, .reference = 1},
                     {.due = At(4'000'000), .sequence = 2, .kind = state::TimerKind::kNoResponse, .reference = 2}};
}

void BM_EncodeCustomer(benchmark::State& bench) {
  CustomerState customer;
  Fill(customer, 1);
  const SlotMap map = SlotMap::Identity();
  std::string out;
  for ([[maybe_unused]] auto _ : bench) {
    out.clear();
    EncodeCustomer(customer, map, out);
    benchmark::DoNotOptimize(out.data());
  }
  bench.counters["bytes"] = static_cast<double>(out.size());
}
BENCHMARK(BM_EncodeCustomer);

void BM_DecodeCustomerInto(benchmark::State& bench) {
  CustomerState customer;
  Fill(customer, 1);
  const SlotMap map = SlotMap::Identity();
  std::string bytes;
  EncodeCustomer(customer, map, bytes);
  for ([[maybe_unused]] auto _ : bench) {
    benchmark::DoNotOptimize(DecodeCustomerInto(bytes, map, customer).has_value());
  }
}
BENCHMARK(BM_DecodeCustomerInto);

void BM_DecodeCustomerFresh(benchmark::State& bench) {
  CustomerState customer;
  Fill(customer, 1);
  const SlotMap map = SlotMap::Identity();
  std::string bytes;
  EncodeCustomer(customer, map, bytes);
  for ([[maybe_unused]] auto _ : bench) {
    benchmark::DoNotOptimize(DecodeCustomer(bytes, map)->arrivals);
  }
}
BENCHMARK(BM_DecodeCustomerFresh);

std::vector<std::string> Keys(std::size_t count) {
  std::vector<std::string> keys(count);
  for (std::size_t i = 0; i < count; ++i) keys[i] = std::to_string(100'000'000 + i);
  return keys;
}

std::vector<std::uint32_t> Uniform(std::size_t count, std::size_t draws) {
  std::mt19937_64 random(7);
  std::vector<std::uint32_t> drawn(draws);
  for (std::uint32_t& draw : drawn) draw = static_cast<std::uint32_t>(random() % count);
  return drawn;
}

// Zipf of exponent 0.99, ranks scattered over the keys. By the inverse of the continuous distribution.
std::vector<std::uint32_t> Zipf(std::size_t count, std::size_t draws) {
  constexpr double kExponent = 0.99;
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  const double top = std::pow(static_cast<double>(count), 1.0 - kExponent) - 1.0;
  std::vector<std::uint32_t> drawn(draws);
  for (std::uint32_t& draw : drawn) {
    const double rank = std::pow(1.0 + uniform(random) * top, 1.0 / (1.0 - kExponent));
    draw = static_cast<std::uint32_t>(static_cast<std::uint64_t>(rank) * 2'654'435'761U % count);
  }
  return drawn;
}

constexpr std::size_t kDraws = std::size_t{1} << 20U;

// Argument 0: customers; 1: how many inputs ahead to prefetch (0: not at all).
void BM_MemoryLoad(benchmark::State& bench) {
  const std::vector<std::string> keys = Keys(static_cast<std::size_t>(bench.range(0)));
  const auto ahead = static_cast<std::size_t>(bench.range(1));
  MemoryStore store;
  for (const std::string& key : keys) (void)store.Load(key);
  const std::vector<std::uint32_t> drawn = Uniform(keys.size(), kDraws);
  std::size_t next = 0;
  for ([[maybe_unused]] auto _ : bench) {
    if (ahead != 0) store.Prefetch(keys[drawn[(next + ahead) % kDraws]]);
    CustomerState* customer = *store.Load(keys[drawn[next]]);
    ++customer->arrivals;
    store.Touch(*customer);
    next = (next + 1) % kDraws;
    if (next % 4096 == 0) (void)store.Commit({});
  }
  bench.counters["bytes/customer"] = static_cast<double>(store.Figures().bytes_in_memory) / static_cast<double>(keys.size());
}
BENCHMARK(BM_MemoryLoad)->Args({100'000, 0})->Args({100'000, 16})->Args({1'000'000, 0})->Args({1'000'000, 16});

// Timers: each event moves its customer's first timer; every due that is passed is taken.
void BM_MemoryDue(benchmark::State& bench) {
  const std::vector<std::string> keys = Keys(100'000);
  MemoryStore store;
  const std::vector<std::uint32_t> drawn = Uniform(keys.size(), kDraws);
  std::size_t next = 0;
  std::int64_t now = 0;
  for ([[maybe_unused]] auto _ : bench) {
    CustomerState* customer = *store.Load(keys[drawn[next]]);
    customer->timers.assign(1, {.due = FromEpochMs(++now + 50'000), .sequence = 1, .kind = state::TimerKind::kPattern, .reference = 0});
    store.Touch(*customer);
    next = (next + 1) % kDraws;
    for (auto due = *store.NextDue(); due.has_value() && ToEpochMs(due->due) <= now; due = *store.NextDue()) {
      CustomerState* fired = *store.Find(due->customer);
      fired->timers.clear();
      store.Touch(*fired);
    }
    if (next % 4096 == 0) (void)store.Commit({});
  }
}
BENCHMARK(BM_MemoryDue);

// Read-modify-write of 1 KB records on disk, zipf, a commit every 4096 events. Argument 0: customers; 1: MiB of cache; 2: MiB gathered
// before a write.
void BM_RocksReadModifyWrite(benchmark::State& bench) {
  const std::vector<std::string> keys = Keys(static_cast<std::size_t>(bench.range(0)));
  const std::filesystem::path directory = std::filesystem::temp_directory_path() / "antiphon-store-bench";
  std::filesystem::remove_all(directory);
  {
    std::vector<SlotDefinition> definitions;
    for (std::size_t kind = 1; kind < kSlotKinds; ++kind) {
      for (int i = 0; i < 10; ++i) definitions.push_back({.kind = static_cast<SlotKind>(kind), .id = std::to_string(i), .definition = {}});
    }
    auto store = RocksStore::Open({.directory = directory.string(),
                                   .definitions = std::move(definitions),
                                   .cache_bytes = static_cast<std::size_t>(bench.range(1)) << 20U,
                                   .write_behind_bytes = static_cast<std::size_t>(bench.range(2)) << 20U},
                                  RocksResources::Create(std::size_t{256} << 20U))
                     .value();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      CustomerState* customer = *store->Load(keys[i]);
      Fill(*customer, i);
      store->Touch(*customer);
      if (i % 4096 == 0) ANTIPHON_CHECK(store->Commit({}).has_value());
    }
    ANTIPHON_CHECK(store->Commit({}).has_value());
    ANTIPHON_CHECK(store->Flush().has_value());
    const std::vector<std::uint32_t> drawn = Zipf(keys.size(), kDraws);
    const StoreFigures before = store->Figures();
    std::size_t next = 0;
    for ([[maybe_unused]] auto _ : bench) {
      CustomerState* customer = *store->Load(keys[drawn[next]]);
      ++customer->arrivals;
      store->Touch(*customer);
      next = (next + 1) % kDraws;
      if (next % 4096 == 0 || store->WantsCommit()) ANTIPHON_CHECK(store->Commit({}).has_value());
    }
    const StoreFigures after = store->Figures();
    const auto hits = static_cast<double>(after.cache_hits - before.cache_hits);
    const auto misses = static_cast<double>(after.cache_misses - before.cache_misses);
    bench.counters["hit%"] = 100.0 * hits / (hits + misses);
    bench.counters["disk_B/customer"] = static_cast<double>(after.bytes_at_rest) / static_cast<double>(keys.size());
    bench.counters["cache_MB"] = static_cast<double>(after.bytes_in_memory) / (1024.0 * 1024.0);
    bench.SetItemsProcessed(static_cast<std::int64_t>(bench.iterations()));
  }
  std::filesystem::remove_all(directory);
}
BENCHMARK(BM_RocksReadModifyWrite)
    ->Args({100'000, 512, 0})
    ->Args({100'000, 512, 128})
    ->Args({100'000, 64, 16})
    ->Args({500'000, 512, 128})
    ->Iterations(1 << 20)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace antiphon::store

BENCHMARK_MAIN();
