#include "services/orchestrator/worker.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "state/base/check.h"

namespace antiphon::orchestrator {
namespace {

// Transactions that follow each other at once meet the markers of the one before, and wait for them (docs/live.md, "The commit").
constexpr Milliseconds kCommitGap{25};
constexpr Milliseconds kIdleWait{100};
constexpr Milliseconds kPauseAfterLoss{500};
// Of one partition before the others have their turn.
constexpr std::uint32_t kInputsPerPass = 1024;

}  // namespace

Worker::Worker(const ProcessParts& parts, Options options)
    : parts_(parts),
      options_(std::move(options)),
      control_(*options_.source, {.topic = parts.topics->Of(process::TopicRole::kControl), .partition = 0}),
      topologies_(*options_.source, {.topic = parts.topics->Of(process::TopicRole::kTopologies), .partition = 0}, *parts.library),
      watch_(*parts.clock, parts.settings.ahead),
      figures_(parts, options_.number) {
  if (parts_.sources.empty()) return;
  ANTIPHON_CHECK(options_.rekeyed != nullptr);
  rekeyed_.emplace(parts_, *options_.source, *options_.rekeyed);
}

Worker::~Worker() = default;

void Worker::Send(Command command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
  }
  options_.source->Wake();
}

void Worker::Assign(std::vector<std::int32_t> partitions, std::shared_ptr<const runtime::MemberToken> member) {
  Send({.kind = Command::Kind::kAssign, .partitions = std::move(partitions), .member = std::move(member), .lost = false, .done = {}});
}

std::future<void> Worker::Revoke(bool lost) {
  Command command{.kind = Command::Kind::kRevoke, .partitions = {}, .member = {}, .lost = lost, .done = {}};
  std::future<void> done = command.done.get_future();
  Send(std::move(command));
  return done;
}

void Worker::Stop() { Send({.kind = Command::Kind::kStop, .partitions = {}, .member = {}, .lost = false, .done = {}}); }

Result<void> Worker::Run() {
  while (true) {
    auto busy = Round();
    if (!busy) return std::unexpected(std::move(busy.error()));
    if (stopping_) return {};
    if (!*busy) WaitForWork();
  }
}

Result<bool> Worker::Round() {
  if (auto taken = TakeCommands(); !taken) return std::unexpected(std::move(taken.error()));
  const Milliseconds now = parts_.clock->Monotonic();
  figures_.BeginRound(now);
  if (stopping_ || now < not_before_) return false;
  auto busy = TryRound();
  if (!busy) {
    if (busy.error().recovery == Recovery::kStopProcess) return busy;
    Lose(busy.error());
    busy = false;
  }
  figures_.Show(active_, restoring_);
  return busy;
}

Result<void> Worker::TakeCommands() {
  while (true) {
    Command command;
    {
      const std::lock_guard lock(mutex_);
      if (commands_.empty()) return {};
      command = std::move(commands_.front());
      commands_.pop_front();
    }
    switch (command.kind) {
      case Command::Kind::kAssign:
        owned_ = std::move(command.partitions);
        member_ = std::move(command.member);
        BeginRestoring();
        figures_.Show(active_, restoring_);
        figures_.ShowAssigned(true);
        break;
      case Command::Kind::kRevoke:
        LetGo(command.lost);
        figures_.ShowAssigned(false);
        figures_.Show(active_, restoring_);
        command.done.set_value();
        break;
      case Command::Kind::kStop:
        LetGo(false);
        sink_.reset();
        stopping_ = true;
        break;
    }
  }
}

// Between rounds nothing is uncommitted: what was read ahead is simply read again by the next owner.
void Worker::LetGo(bool lost) {
  owned_.clear();
  if (lost && sink_ != nullptr) spdlog::warn("worker {}: its partitions are another's already", options_.number);
  BeginRestoring();
}

void Worker::BeginRestoring() {
  figures_.Reset();
  active_.clear();
  lines_.clear();
  restoring_.clear();
  decoders_.clear();
  topologies_.Renew();
  asks_for_version_ = false;
  for (const std::int32_t partition : owned_) {
    restoring_.push_back(std::make_unique<PartitionRestore>(parts_, partition, member_));
  }
}

void Worker::Lose(const Error& why) {
  if (why.recovery == Recovery::kRetry && active_.empty()) {
    spdlog::info("worker {}: {}; trying again", options_.number, why.message);
  } else {
    spdlog::warn("worker {}: {}; its partitions are restored", options_.number, why.message);
    figures_.Lost();
  }
  BeginRestoring();
  protocol_.reset();
  sink_.reset();
  not_before_ = parts_.clock->Monotonic() + kPauseAfterLoss;
}

Result<bool> Worker::TryRound() {
  if (owned_.empty()) return false;
  if (sink_ == nullptr) {
    auto made = options_.sinks->Make(options_.number);
    if (!made) return std::unexpected(std::move(made.error()));
    sink_ = *std::move(made);
    protocol_ = std::make_unique<CommitProtocol>(parts_, *sink_);
  }
  const auto restored = StepRestores();
  if (!restored) return std::unexpected(restored.error());
  const auto wall = WallTime();
  if (!wall) return std::unexpected(wall.error());
  for (const auto& partition : active_) partition->BeginRound(*wall);
  if (auto applied = ApplyUntilFull(); !applied) return std::unexpected(std::move(applied.error()));
  if (auto answered = AnswerVersions(); !answered) return std::unexpected(std::move(answered.error()));
  for (const auto& partition : active_) {
    if (auto ticked = partition->Tick(); !ticked) return std::unexpected(std::move(ticked.error()));
  }
  const auto committed = Commit();
  if (!committed) return std::unexpected(committed.error());
  LeaveVersions();
  if (auto shown = figures_.ShowLags(active_, *options_.source); !shown) return std::unexpected(std::move(shown.error()));
  return *restored || *committed;
}

Result<EngineTime> Worker::WallTime() {
  if (!parts_.settings.wall_clock) return parts_.clock->Now();
  auto reading = watch_.Read();
  if (!reading) return std::unexpected(std::move(reading.error()));
  if (!reading->warning.empty()) spdlog::warn("worker {}: {}", options_.number, reading->warning);
  return reading->wall;
}

// True if one of them came further.
Result<bool> Worker::StepRestores() {
  if (restoring_.empty()) return false;
  // What a partition runs depends on what was published.
  const auto caught_up = topologies_.CatchUp(*options_.directory);
  if (!caught_up) return std::unexpected(caught_up.error());
  if (!*caught_up) return false;
  bool progress = false;
  for (auto restore = restoring_.begin(); restore != restoring_.end();) {
    const std::uint64_t before = (*restore)->records();
    auto start = (*restore)->Step(*options_.source, *options_.directory);
    const std::uint64_t records = (*restore)->records() - before;
    figures_.Restored(records);
    progress = progress || records != 0;
    if (!start && start.error().recovery != Recovery::kRetry) return std::unexpected(std::move(start.error()));
    if (!start || !*start) {  // kRetry: a transaction of before may still be under way on it
      ++restore;
      continue;
    }
    if (auto activated = Activate(**std::move(start), (*restore)->records()); !activated)
      return std::unexpected(std::move(activated.error()));
    restore = restoring_.erase(restore);
    progress = true;
  }
  return progress;
}

Result<void> Worker::Activate(PartitionStart start, std::uint64_t restored) {
  const std::int32_t number = start.partition;
  std::optional<TopologyLibrary::Ran> ran;
  if (start.meta.sequence > 0) ran = {.active = start.meta.topology_version, .topologies_next = start.meta.topologies_next};
  auto choice = parts_.library->Choose(ran);
  if (!choice) return Fail(choice.error().recovery, "partition " + std::to_string(number) + ": " + choice.error().message);
  const auto decoders = DecodersOf(*choice->version);
  if (!decoders) return std::unexpected(decoders.error());
  if (choice->activates) {
    spdlog::info("partition {}: activates topology {} after {}", number, ToHex(choice->version->version()), ToHex(ran->active));
  }
  const EngineTime floor = start.meta.floor;
  auto lines = std::make_unique<TransactionLines>(parts_, number, *sink_);
  auto partition = LivePartition::Open(
      parts_, std::move(start), *std::move(choice),
      {.source = options_.source.get(), .control = &control_, .decoders = *decoders, .lines = lines.get(), .counts = &figures_.counts()});
  if (!partition) return std::unexpected(std::move(partition.error()));
  spdlog::info("partition {}: up to date after {} records of its changelog, at commit {}, topology {}", number, restored,
               (*partition)->sequence(), ToHex((*partition)->version()));
  if (const EngineTime wall = parts_.clock->Now(); parts_.settings.wall_clock && floor > wall + ClockWatch::kStep) {
    spdlog::warn("partition {}: was at {}, and this machine's clock says {}: timers wait until it is there", number, FormatTime(floor),
                 FormatTime(wall));
  }
  lines_.push_back(std::move(lines));
  active_.push_back(*std::move(partition));
  return {};
}

Result<const Decoders*> Worker::DecodersOf(const TopologyParts& version) {
  if (const auto known = decoders_.find(version.version()); known != decoders_.end()) return &known->second;
  auto made = MakeDecoders(*parts_.config, parts_.descriptors, version.topology());
  if (!made) return std::unexpected(std::move(made.error()));
  return &decoders_.emplace(version.version(), *std::move(made)).first->second;
}

Result<void> Worker::AnswerVersions() {
  const bool asked_before = asks_for_version_;
  asks_for_version_ = std::ranges::any_of(active_, [](const auto& partition) { return partition->AsksForVersion(); });
  if (!asks_for_version_) return {};
  if (!asked_before) topologies_.Renew();
  const auto caught_up = topologies_.CatchUp(*options_.directory);
  if (!caught_up) return std::unexpected(caught_up.error());
  if (!*caught_up) return {};
  asks_for_version_ = false;
  for (const auto& partition : active_) {
    if (!partition->AsksForVersion()) continue;
    if (auto answered = partition->AnswerVersion(*parts_.library); !answered) return answered;
  }
  return {};
}

// Between rounds nothing is uncommitted, so what is restored is what was committed: the new version stands in its meta.
void Worker::LeaveVersions() {
  for (std::size_t i = 0; i < active_.size();) {
    if (!active_[i]->IsLeavingVersion()) {
      ++i;
      continue;
    }
    const std::int32_t partition = active_[i]->partition();
    active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(i));
    lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(i));
    restoring_.push_back(std::make_unique<PartitionRestore>(parts_, partition, member_));
  }
}

// Until the transaction is large or old enough, or nothing more is at hand and the last one is long enough ago.
Result<void> Worker::ApplyUntilFull() {
  const Milliseconds started = parts_.clock->Monotonic();
  std::uint32_t applied = 0;
  while (true) {
    const auto passed = PassAll(parts_.config->commit_inputs - applied);
    if (!passed) return std::unexpected(passed.error());
    applied += *passed;
    const Milliseconds now = parts_.clock->Monotonic();
    const bool full = std::ranges::any_of(active_, [](const auto& partition) { return partition->WantsCommit(); });
    if (full || applied >= parts_.config->commit_inputs || now - started >= parts_.config->commit_every) break;
    const auto unblocked = AskEnds();
    if (!unblocked) return std::unexpected(unblocked.error());
    if (*passed > 0 || *unblocked) continue;
    const Milliseconds gap_ends = committed_at_ + kCommitGap;
    if (applied == 0 || now >= gap_ends) break;
    options_.source->Wait(gap_ends - now);
  }
  return {};
}

Result<std::uint32_t> Worker::PassAll(std::uint32_t inputs_max) {
  std::uint32_t applied = 0;
  for (const auto& partition : active_) {
    const auto passed = partition->Pass(std::min(inputs_max - applied, kInputsPerPass));
    if (!passed) return passed;
    applied += *passed;
  }
  return applied;
}

// Asks for the stable ends of empty lanes, once for all partitions, where a record or a due timer waits for them. True if one of them
// turned out to be idle.
Result<bool> Worker::AskEnds() {
  unknown_.clear();
  for (const auto& partition : active_) {
    const auto due = partition->NextDue();
    if (!due) return std::unexpected(due.error());
    const bool timer_waits = parts_.settings.wall_clock && *due && **due <= partition->wall();
    if (partition->HasHeads() || timer_waits) partition->AppendUnknown(unknown_);
  }
  if (unknown_.empty()) return false;
  std::ranges::sort(unknown_);  // every partition has the control log
  const auto repeated = std::ranges::unique(unknown_);
  unknown_.erase(repeated.begin(), repeated.end());
  const auto rekeyed = std::ranges::partition(unknown_, [this](runtime::LogId log) { return !parts_.topics->IsRekeyed(log.topic); });
  const auto idle = AskStableEnds({unknown_.begin(), rekeyed.begin()});
  if (!idle) return idle;
  const auto rekeyed_idle = AskRekeyed(rekeyed);
  if (!rekeyed_idle) return rekeyed_idle;
  return *idle || *rekeyed_idle;
}

Result<bool> Worker::AskStableEnds(std::span<const runtime::LogId> logs) {
  if (logs.empty()) return false;
  const auto ends = options_.source->StableEnds(logs);
  if (!ends) {
    if (ends.error().recovery == Recovery::kRetry) return false;  // then nothing is idle
    return std::unexpected(ends.error());
  }
  return SetEnds(logs, *ends, std::nullopt);
}

// The high watermark and not the stable end: what the re-keyers have committed may not yet be stable in this log.
Result<bool> Worker::AskRekeyed(std::span<const runtime::LogId> logs) {
  if (logs.empty()) return false;
  ANTIPHON_CHECK(rekeyed_.has_value());
  const auto as_of = rekeyed_->AllHanded();
  if (!as_of) return std::unexpected(as_of.error());
  if (!*as_of) return false;
  const auto ends = options_.directory->HighWatermarks(logs);
  if (!ends) {
    if (ends.error().recovery == Recovery::kRetry) return false;
    return std::unexpected(ends.error());
  }
  return SetEnds(logs, *ends, *as_of);
}

bool Worker::SetEnds(std::span<const runtime::LogId> logs, std::span<const std::int64_t> ends, const std::optional<RekeyedAsOf>& as_of) {
  bool any_idle = false;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    for (const auto& partition : active_) any_idle = partition->SetEnd(logs[i], ends[i], as_of) || any_idle;
  }
  return any_idle;
}

Result<bool> Worker::Commit() {
  const std::uint64_t before = protocol_->commits();
  const Milliseconds begun = parts_.clock->Monotonic();
  auto run = protocol_->Run(active_);
  const bool committed = protocol_->commits() != before;
  if (committed) {  // even if a store failed after it
    committed_at_ = parts_.clock->Monotonic();
    figures_.Committed(committed_at_ - begun);
  }
  if (!run) return std::unexpected(std::move(run.error()));
  return committed;
}

void Worker::WaitForWork() {
  Milliseconds wait = kIdleWait;
  const EngineTime wall = parts_.clock->Now();
  const Milliseconds now = parts_.clock->Monotonic();
  for (const auto& partition : active_) {
    const auto due = partition->NextDue();
    if (parts_.settings.wall_clock && due && *due) wait = std::min(wait, std::max(Milliseconds{1}, **due - wall));
    if (const auto left = partition->WaitLeft(now)) wait = std::min(wait, *left);
  }
  options_.source->Wait(wait);
}

}  // namespace antiphon::orchestrator
