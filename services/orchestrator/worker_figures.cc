#include "services/orchestrator/worker_figures.h"

#include <algorithm>
#include <utility>

#include "state/base/check.h"

namespace antiphon::orchestrator {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

LiveFigures& FiguresOf(const ProcessParts& parts) {
  ANTIPHON_CHECK(parts.figures != nullptr);
  return *parts.figures;
}

}  // namespace

WorkerFigures::WorkerFigures(const ProcessParts& parts, std::uint32_t worker)
    : parts_(parts), figures_(FiguresOf(parts)), worker_(worker), counts_(figures_), loads_(parts.settings.partitions) {}

void WorkerFigures::BeginRound(Milliseconds now) {
  LiveFigures::Worker& worker = figures_.workers()[worker_];
  worker.rounds.fetch_add(1, kRelaxed);
  worker.round_at_ms.store(now.count(), kRelaxed);
}

void WorkerFigures::ShowAssigned(bool assigned) { figures_.workers()[worker_].assigned.store(assigned, kRelaxed); }

void WorkerFigures::Restored(std::uint64_t records) { figures_.restored_records.fetch_add(records, kRelaxed); }

void WorkerFigures::Committed(Milliseconds took) {
  figures_.commits.fetch_add(1, kRelaxed);
  HistogramPart part;
  figures_.commit_time.Observe(part, took);
  figures_.commit_time.Add(part);
  counts_.Commit(parts_.clock->Now());
}

void WorkerFigures::Lost() { figures_.losses.fetch_add(1, kRelaxed); }

void WorkerFigures::Reset() {
  counts_.Drop();
  std::ranges::fill(loads_, Loads{});
}

void WorkerFigures::Show(Active active, Restoring restoring) {
  using State = LiveFigures::State;
  const auto workers = static_cast<std::uint32_t>(figures_.workers().size());
  std::vector<State> states(parts_.settings.partitions, State::kNotOwned);
  for (const auto& restore : restoring) {
    const std::int32_t number = restore->partition();
    states[static_cast<std::size_t>(number)] = State::kRestoring;
    figures_.partition(number).restore_left.store(restore->left(), kRelaxed);
  }
  const Milliseconds now = parts_.clock->Monotonic();
  const bool stores = now - stores_at_ >= kStoresEvery;
  if (stores) stores_at_ = now;
  for (const auto& partition : active) {
    const std::int32_t number = partition->partition();
    LiveFigures::Partition& shown = figures_.partition(number);
    const bool is_new = shown.state.load(kRelaxed) != State::kActive;
    states[static_cast<std::size_t>(number)] = State::kActive;
    shown.clock_ms.store(ToEpochMs(partition->task().clock()), kRelaxed);
    shown.sequence.store(partition->sequence(), kRelaxed);
    if (stores || is_new) ShowStore(*partition);
  }
  for (std::uint32_t number = worker_; number < states.size(); number += workers) {
    LiveFigures::Partition& shown = figures_.partition(static_cast<std::int32_t>(number));
    shown.state.store(states[number], kRelaxed);
    if (states[number] == State::kActive) continue;
    for (std::atomic<std::int64_t>& lag : shown.lags) lag.store(LiveFigures::kUnknown, kRelaxed);
  }
}

void WorkerFigures::ShowStore(LivePartition& partition) {
  const store::StoreFigures store = partition.task().store().Figures();
  LiveFigures::Partition& shown = figures_.partition(partition.partition());
  shown.customers.store(store.customers, kRelaxed);
  shown.bytes_in_memory.store(store.bytes_in_memory, kRelaxed);
  shown.bytes_at_rest.store(store.bytes_at_rest, kRelaxed);
  Loads& loads = loads_[static_cast<std::size_t>(partition.partition())];
  figures_.cache_hits.fetch_add(store.cache_hits - loads.hits, kRelaxed);
  figures_.cache_misses.fetch_add(store.cache_misses - loads.misses, kRelaxed);
  loads = {.hits = store.cache_hits, .misses = store.cache_misses};
}

Result<void> WorkerFigures::ShowLags(Active active, runtime::EventSource& source) {
  const Milliseconds now = parts_.clock->Monotonic();
  if (active.empty() || now - lags_at_ < kLagsEvery) return {};
  lags_at_ = now;
  std::vector<runtime::LogId> logs;
  for (const auto& partition : active) {
    for (const runtime::LogPosition& position : partition->Positions()) logs.push_back(position.log);
  }
  std::ranges::sort(logs);  // every partition has the control log
  const auto repeated = std::ranges::unique(logs);
  logs.erase(repeated.begin(), repeated.end());
  const auto ends = source.StableEnds(logs);
  if (!ends) {
    if (ends.error().recovery == Recovery::kRetry) return {};
    return std::unexpected(ends.error());
  }
  for (const auto& partition : active) {
    const std::vector<runtime::LogPosition> positions = partition->Positions();
    LiveFigures::Partition& shown = figures_.partition(partition->partition());
    for (std::size_t lane = 0; lane < positions.size(); ++lane) {
      const auto log = static_cast<std::size_t>(std::ranges::lower_bound(logs, positions[lane].log) - logs.begin());
      shown.lags[lane].store(std::max<std::int64_t>((*ends)[log] - positions[lane].next, 0), kRelaxed);
    }
  }
  return {};
}

}  // namespace antiphon::orchestrator
