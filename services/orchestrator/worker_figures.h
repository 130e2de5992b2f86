#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "services/orchestrator/live_figures.h"
#include "services/orchestrator/live_partition.h"
#include "services/orchestrator/partition_restore.h"
#include "services/orchestrator/process_parts.h"
#include "services/runtime/event_source.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

// WorkerFigures: what a worker shows of itself and its partitions in the process's LiveFigures, and how often: what costs nothing at every
// round, what asks the store once a second, what asks the cluster every five. Owned by the worker, used on its thread.
class WorkerFigures {
 public:
  static constexpr Milliseconds kStoresEvery{1'000};
  static constexpr Milliseconds kLagsEvery{5'000};

  using Active = std::span<const std::unique_ptr<LivePartition>>;
  using Restoring = std::span<const std::unique_ptr<PartitionRestore>>;

  // REQUIRES: parts.figures. It outlives this.
  WorkerFigures(const ProcessParts& parts, std::uint32_t worker);

  [[nodiscard]] TransactionCounts& counts() { return counts_; }

  void BeginRound(Milliseconds now);
  // What the group has told this worker: partitions to own, or to let go.
  void ShowAssigned(bool assigned);
  void Restored(std::uint64_t records);
  // The transaction is committed; it took so long.
  void Committed(Milliseconds took);
  // It is not, and never will be as far as anybody knows.
  void Lost();
  // What was applied and not committed is to be forgotten, and stores begin anew.
  void Reset();

  // The partitions as they stand after a round.
  void Show(Active active, Restoring restoring);
  // Asks where the logs of the partitions end, if it is time to. kRetry of the source is no Error: the lags stay as they were.
  [[nodiscard]] Result<void> ShowLags(Active active, runtime::EventSource& source);

 private:
  void ShowStore(LivePartition& partition);

  struct Loads {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
  };

  const ProcessParts& parts_;
  LiveFigures& figures_;
  std::uint32_t worker_;
  TransactionCounts counts_;
  Milliseconds stores_at_{0};  // when they were shown last, of Clock::Monotonic
  Milliseconds lags_at_{0};
  std::vector<Loads> loads_;  // by partition: of its store, as shown last
};

}  // namespace antiphon::orchestrator
