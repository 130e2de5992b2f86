#include "services/orchestrator/orchestrator.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <future>
#include <system_error>
#include <utility>

namespace antiphon::orchestrator {
namespace {

constexpr Milliseconds kPoll{100};
// What a store writes at once, a memtable. With less, some write will fail, and RocksDB may end the process by an assertion of its own.
constexpr std::uintmax_t kDiskBytesMin = std::uintmax_t{16} << 20U;

}  // namespace

Orchestrator::Orchestrator(const ProcessParts& parts, std::vector<Worker::Options> workers, std::unique_ptr<Rekeyer> rekeyer,
                           std::unique_ptr<StandbyKeeper> keeper)
    : parts_(parts), rekeyer_(std::move(rekeyer)), keeper_(std::move(keeper)), watches_(workers.size()) {
  for (Worker::Options& options : workers) workers_.push_back(std::make_unique<Worker>(parts, std::move(options)));
}

Orchestrator::~Orchestrator() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.detach();  // after an Error: the process ends
  }
}

void Orchestrator::StartThreads() {
  const auto keep = [this](Result<void> done) {
    if (done) return;
    const std::lock_guard lock(mutex_);
    if (failure_) failure_ = std::move(done);
  };
  for (const auto& worker : workers_) threads_.emplace_back([keep, &worker] { keep(worker->Run()); });
  if (rekeyer_ != nullptr) threads_.emplace_back([this, keep] { keep(rekeyer_->Run()); });
  if (keeper_ != nullptr) threads_.emplace_back([this] { keeper_->Run(); });
  for (Watch& watch : watches_) watch.since = parts_.clock->Monotonic();
  rekeyer_watch_.since = parts_.clock->Monotonic();
}

Result<void> Orchestrator::Run(const MakeMembership& make_membership, const StopRequest& stop) {
  if (auto checked = CheckDisk(); !checked) return checked;
  auto membership = make_membership(*this);
  if (!membership) return std::unexpected(std::move(membership.error()));
  StartThreads();
  while (stop.load(std::memory_order_relaxed) == 0) {
    if (auto polled = (*membership)->Poll(kPoll); !polled) return polled;
    if (auto checked = CheckWorkers(); !checked) return checked;
    if (auto checked = CheckDisk(); !checked) return checked;
  }
  spdlog::info("stopping: committing and letting go of all partitions");
  if (rekeyer_ != nullptr) rekeyer_->Stop();
  if (keeper_ != nullptr) keeper_->Stop();
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
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (auto checked = CheckWatch(watches_[i], parts_.figures->workers()[i], "worker " + std::to_string(i)); !checked) return checked;
  }
  return rekeyer_ == nullptr ? Result<void>() : CheckWatch(rekeyer_watch_, parts_.figures->rekeyer, "the re-keyer");
}

Result<void> Orchestrator::CheckWatch(Watch& watch, const LiveFigures::Worker& shown, const std::string& name) const {
  const Milliseconds now = parts_.clock->Monotonic();
  const std::uint64_t rounds = shown.rounds.load(std::memory_order_relaxed);
  if (rounds != watch.rounds) {
    watch = {.rounds = rounds, .since = now};
  } else if (now - watch.since > kStuckAfter) {
    return Fail(Recovery::kStopProcess, name + " stands still for " + FormatDuration(kStuckAfter) + "; the process ends");
  }
  return {};
}

Result<void> Orchestrator::CheckDisk() const {
  const std::filesystem::path& folder = parts_.config->state_folder;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  if (error || space.available >= kDiskBytesMin) return {};  // whatever else is wrong with it, the stores say
  return Fail(Recovery::kStopProcess, "state in " + folder.string() + ": the disk has less than " + std::to_string(kDiskBytesMin >> 20U) +
                                          " MiB left; make room, then start again: nothing that is committed is lost");
}

void Orchestrator::OnAssigned(std::span<const std::int32_t> partitions, std::shared_ptr<const runtime::MemberToken> member) {
  spdlog::info("assigned {} partitions in generation {}", partitions.size(), member->generation());
  if (keeper_ != nullptr) keeper_->Own({partitions.begin(), partitions.end()});
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
