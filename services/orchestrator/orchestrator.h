#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "services/orchestrator/process_parts.h"
#include "services/orchestrator/rekeyer.h"
#include "services/orchestrator/standby_keeper.h"
#include "services/orchestrator/worker.h"
#include "services/runtime/membership.h"
#include "state/base/result.h"

namespace antiphon::orchestrator {

// How a run is told to end: 0 go on, 1 drain and leave (SIGTERM, SIGINT). A second signal is the command's affair: it exits at once.
using StopRequest = std::atomic<int>;

// Orchestrator: the process: its membership of the group on the calling thread, its workers on theirs. Partitions go to workers by their
// number, so that a partition that comes back finds its worker again.
// Ends: by request, when every worker has committed, let go and stopped; or by the first Error of a worker or of the membership. A worker
// that stands still for longer than kStuckAfter is such an Error: membership no longer shows that the process lives, so the process must
// go. So is a disk of the state folder that is nearly full. Source: docs/live.md, "Ownership".
class Orchestrator final : private runtime::Membership::Listener {
 public:
  static constexpr Milliseconds kStuckAfter{30'000};

  // Makes the membership that will call this listener.
  using MakeMembership = std::function<Result<std::unique_ptr<runtime::Membership>>(runtime::Membership::Listener&)>;

  // `parts` outlives the orchestrator. One worker per element of `workers`.
  // `rekeyer`: where there are inputs to be re-keyed. `keeper`: where standbys are kept.
  Orchestrator(const ProcessParts& parts, std::vector<Worker::Options> workers, std::unique_ptr<Rekeyer> rekeyer = nullptr,
               std::unique_ptr<StandbyKeeper> keeper = nullptr);
  ~Orchestrator() override;

  // Runs until it ends. After an Error threads may hang in calls of the cluster's client: the caller ends the process without waiting.
  [[nodiscard]] Result<void> Run(const MakeMembership& make_membership, const StopRequest& stop);

  [[nodiscard]] std::span<const std::unique_ptr<Worker>> workers() const { return workers_; }

 private:
  void OnAssigned(std::span<const std::int32_t> partitions, std::shared_ptr<const runtime::MemberToken> member) override;
  void OnRevoked(bool lost) override;

  void StartThreads();
  [[nodiscard]] Result<void> JoinThreads();
  // The first Error of a worker, or of one that stands still.
  [[nodiscard]] Result<void> CheckWorkers();
  // Fails where a store could soon not be written: before it is too late to say so.
  [[nodiscard]] Result<void> CheckDisk() const;

  struct Watch {
    std::uint64_t rounds = 0;
    Milliseconds since{0};
  };
  [[nodiscard]] Result<void> CheckWatch(Watch& watch, const LiveFigures::Worker& shown, const std::string& name) const;

  const ProcessParts& parts_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::unique_ptr<Rekeyer> rekeyer_;
  std::unique_ptr<StandbyKeeper> keeper_;
  std::vector<Watch> watches_;
  Watch rekeyer_watch_;
  std::mutex mutex_;
  Result<void> failure_;  // guarded by mutex_
  bool hung_ = false;     // a worker did not let go in time
};

}  // namespace antiphon::orchestrator
