#include "services/orchestrator/partition_restore.h"

#include <algorithm>
#include <array>
#include <string>

namespace antiphon::orchestrator {
namespace {

std::string PlaceOf(const ProcessParts& parts, runtime::LogId log) {
  return parts.topics->topics()[log.topic].name + "[" + std::to_string(log.partition) + "]";
}

}  // namespace

std::vector<runtime::LogId> PartitionRestore::Inputs() const {
  std::vector<runtime::LogId> logs;
  for (const std::uint32_t topic : parts_.topics->lanes()) logs.push_back({.topic = topic, .partition = partition_});
  return logs;
}

Result<std::optional<PartitionStart>> PartitionRestore::Step(runtime::EventSource& source, runtime::LogDirectory& directory) {
  if (state_ == State::kNew) {
    const auto claimed = ClaimDirectory();
    if (!claimed) return std::unexpected(claimed.error());
    if (!*claimed) return std::nullopt;
    if (auto begun = Begin(source, directory); !begun) return std::unexpected(std::move(begun.error()));
    state_ = State::kReading;
  }
  if (state_ == State::kReading) {
    if (auto read = Read(); !read) return std::unexpected(std::move(read.error()));
    if (tail_ != nullptr) return std::nullopt;
    state_ = State::kRead;
  }
  auto positions = Positions(directory);
  if (!positions) return std::unexpected(std::move(positions.error()));
  return PartitionStart{.partition = partition_,
                        .meta = meta_.value_or(formats::PartitionMeta{}),
                        .positions = *std::move(positions),
                        .member = member_,
                        .claim = std::move(claim_)};
}

// False while the standby keeper still has the store: it was told to let go before the assignment came here.
Result<bool> PartitionRestore::ClaimDirectory() {
  if (parts_.claims == nullptr || claim_) return true;
  claim_ = parts_.claims->Take(partition_);
  if (claim_) return true;
  const Milliseconds now = parts_.clock->Monotonic();
  if (!waits_since_) waits_since_ = now;
  if (now - *waits_since_ <= kClaimWithin) return false;
  return Fail(Recovery::kStopProcess, "partition " + std::to_string(partition_) + ": the standby keeper has not closed its store for " +
                                          FormatDuration(kClaimWithin) + "; the process ends");
}

Result<void> PartitionRestore::Begin(runtime::EventSource& source, runtime::LogDirectory& directory) {
  auto committed = directory.Committed(Inputs());
  if (!committed) return std::unexpected(std::move(committed.error()));
  committed_ = *std::move(committed);
  // Only now: the marker of a transaction whose positions are visible may not yet have reached the changelog, but its records have.
  auto tail = ChangelogTail::Open(parts_, partition_, source, directory);
  if (!tail) return std::unexpected(std::move(tail.error()));
  tail_ = *std::move(tail);
  return {};
}

// Some of it; lets go of the changelog and the store when all is read.
Result<void> PartitionRestore::Read() {
  const auto taken = tail_->Take();
  if (!taken) return std::unexpected(taken.error());
  records_ += *taken;
  if (tail_->Position() < tail_->end()) return {};
  if (auto written = tail_->Write(); !written) return written;
  meta_ = tail_->meta();
  tail_.reset();
  return {};
}

// Of every input and of control: as committed; else as the meta says (the group's offsets expire, the changelog does not); else as the
// process file says where to begin.
Result<std::vector<runtime::LogPosition>> PartitionRestore::Positions(runtime::LogDirectory& directory) const {
  const auto in_meta = [this](const std::string& topic) -> std::optional<std::int64_t> {
    if (!meta_) return std::nullopt;
    const auto found = std::ranges::find(meta_->positions, topic, &formats::TopicPosition::topic);
    if (found == meta_->positions.end()) return std::nullopt;
    return found->next;
  };
  std::vector<runtime::LogId> logs = Inputs();
  logs.push_back({.topic = parts_.topics->Of(process::TopicRole::kControl), .partition = 0});
  std::vector<runtime::LogPosition> positions;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const std::string& topic = parts_.topics->topics()[logs[i].topic].name;
    const std::optional<std::int64_t> stored = in_meta(topic);
    const std::optional<std::int64_t> committed = i < committed_.size() ? committed_[i] : std::nullopt;
    if (committed && (!meta_ || (stored && *stored != *committed))) {
      return Fail(
          Recovery::kStopProcess,
          PlaceOf(parts_, logs[i]) + ": the group stands at offset " + std::to_string(*committed) + ", the state at " +
              (stored ? std::to_string(*stored) : "the beginning") +
              ": somebody moved the group's offsets, or another run has this group. Nothing was read. Give the group its offsets back "
              "(kafka-consumer-groups --reset-offsets), or choose another group");
    }
    std::optional<std::int64_t> next = committed ? committed : stored;
    if (!next) {
      const std::array<runtime::LogId, 1> log{logs[i]};
      const bool is_input = logs[i].topic < parts_.topics->inputs();
      const bool latest = is_input && parts_.config->inputs[logs[i].topic].start == process::StartAt::kLatest;
      const auto edge = latest ? directory.HighWatermarks(log) : directory.Starts(log);
      if (!edge) return std::unexpected(edge.error());
      next = edge->front();
    }
    positions.push_back({.log = logs[i], .next = *next});
  }
  return positions;
}

}  // namespace antiphon::orchestrator
