#include "services/orchestrator/orchestrator.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <future>
#include <utility>

namespace antiphon::orchestrator {
namespace {

constexpr Milliseconds kPoll{100};

}  // namespace

Orchestrator::Orchestrator(const ProcessParts& parts, std::vector<Worker::Options> workers) : parts_(parts), watches_(workers.size()) {
  for (Worker::Options& options : workers) workers_.push_back(std::make_unique<Worker>(parts, std::move(options)));
}

Orchestrator::~Orchestrator() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.detach();  // after an Error: the process ends
  }
}

void Orchestrator::StartThreads() {
  for (const auto& worker : workers_) {
    threads_.emplace_back([this, &worker] {
      auto done = worker->Run();
      if (done) return;
      const std::lock_guard lock(mutex_);
      if (failure_) failure_ = std::move(done);
    });
  }
  for (Watch& watch : watches_) watch.since = parts_.clock->Monotonic();
}

Result<void> Orchestrator::Run(const MakeMembership& make_membership, const StopRequest& stop) {
  auto membership = make_membership(*this);
  if (!membership) return std::unexpected(std::move(membership.error()));
  StartThreads();
  while (stop.load(std::memory_order_relaxed) == 0) {
    if (auto polled = (*membership)->Poll(kPoll); !polled) return polled;
    if (auto checked = CheckWorkers(); !checked) return checked;
  }
  spdlog::info("stopping: committing and letting go of all partitions");
  (*membership)->Leave();
  if (hung_) return CheckWorkers();
  return JoinThreads();
}

Result<void> Orchestrator::JoinThreads() {
  for (const auto& worker : workers_) worker->Stop();
  for (std::thread& thread : threads_) thread.join();
  const std::lock_guard lock(mutex_);
  return failure_;
}

Result<void> Orchestrator::CheckWorkers() {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) return failure_;
  }
  if (hung_) return Fail(Recovery::kStopProcess, "a worker did not let go of its partitions in time (stop_within); the process ends");
  const Milliseconds now = parts_.clock->Monotonic();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Watch& watch = watches_[i];
    const std::uint64_t rounds = parts_.figures->workers()[i].rounds.load(std::memory_order_relaxed);
    if (rounds != watch.rounds) {
      watch = {.rounds = rounds, .since = now};
    } else if (now - watch.since > kStuckAfter) {
      return Fail(Recovery::kStopProcess,
                  "worker " + std::to_string(i) + " stands still for " + FormatDuration(kStuckAfter) + "; the process ends");
    }
  }
  return {};
}

void Orchestrator::OnAssigned(std::span<const std::int32_t> partitions, std::shared_ptr<const runtime::MemberToken> member) {
  spdlog::info("assigned {} partitions in generation {}", partitions.size(), member->generation());
  std::vector<std::vector<std::int32_t>> shares(workers_.size());
  for (const std::int32_t partition : partitions) shares[static_cast<std::size_t>(partition) % workers_.size()].push_back(partition);
  for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i]->Assign(std::move(shares[i]), member);
}

void Orchestrator::OnRevoked(bool lost) {
  spdlog::info("all partitions are {}", lost ? "lost" : "revoked");
  std::vector<std::future<void>> done;
  done.reserve(workers_.size());
  for (const auto& worker : workers_) done.push_back(worker->Revoke(lost));
  const auto deadline = std::chrono::steady_clock::now() + parts_.config->stop_within;
  for (std::future<void>& each : done) hung_ = hung_ || each.wait_until(deadline) != std::future_status::ready;
}

}  // namespace antiphon::orchestrator
