#include "services/orchestrator/commit_protocol.h"

#include <algorithm>
#include <array>
#include <utility>

#include "state/base/check.h"

namespace antiphon::orchestrator {
namespace {

using State = CommitProtocol::State;

// The arrows of the header.
constexpr std::array<std::pair<State, State>, 7> kArrows{{{State::kIdle, State::kOpen},
                                                          {State::kOpen, State::kSealed},
                                                          {State::kOpen, State::kLost},
                                                          {State::kSealed, State::kCommitted},
                                                          {State::kSealed, State::kLost},
                                                          {State::kCommitted, State::kIdle},
                                                          {State::kCommitted, State::kLost}}};

}  // namespace

void CommitProtocol::MoveTo(State next) {
  ANTIPHON_CHECK(std::ranges::find(kArrows, std::pair(state_, next)) != kArrows.end());
  state_ = next;
}

Result<void> CommitProtocol::Run(std::span<const std::unique_ptr<LivePartition>> partitions) {
  ANTIPHON_CHECK(state_ == State::kIdle);
  sealed_.clear();
  positions_.clear();
  for (const auto& partition : partitions) {
    if (partition->HasChanges()) sealed_.push_back(partition.get());
  }
  if (sealed_.empty()) return {};
  MoveTo(State::kOpen);
  parts_.faults->Reach(FaultPoint::kApplied);
  for (LivePartition* partition : sealed_) {
    ANTIPHON_CHECK(&partition->member() == &sealed_.front()->member());
    if (auto sealed = partition->Seal(sink_, positions_); !sealed) {
      MoveTo(State::kLost);
      return sealed;
    }
  }
  MoveTo(State::kSealed);
  parts_.faults->Reach(FaultPoint::kSealed);
  if (auto ended = End(sealed_.front()->member()); !ended) return ended;
  return StoreAll();
}

Result<void> CommitProtocol::End(const runtime::MemberToken& member) {
  runtime::CommitReport report = sink_.Commit(positions_, member);
  if (report.outcome != runtime::CommitOutcome::kCommitted) {
    MoveTo(State::kLost);
    // Whatever the client says of its own future, the partitions have one: they are restored.
    const Recovery recovery = report.why.recovery == Recovery::kStopProcess ? Recovery::kStopProcess : Recovery::kRestartTask;
    return Fail(recovery, report.why.message);
  }
  MoveTo(State::kCommitted);
  ++commits_;
  ends_ = std::move(report.ends);
  parts_.faults->Reach(FaultPoint::kCommitted);
  return {};
}

Result<void> CommitProtocol::StoreAll() {
  const std::uint32_t changelog = parts_.topics->Of(process::TopicRole::kState);
  for (LivePartition* partition : sealed_) {
    const runtime::LogId log{.topic = changelog, .partition = partition->partition()};
    const auto found = std::ranges::find(ends_, log, &runtime::LogPosition::log);
    const std::optional<std::int64_t> end = found != ends_.end() ? std::optional(found->next) : std::nullopt;
    if (auto stored = partition->Store(end); !stored) {
      MoveTo(State::kLost);
      return stored;
    }
    if (partition == sealed_.front()) parts_.faults->Reach(FaultPoint::kHalfStored);
  }
  MoveTo(State::kIdle);
  parts_.faults->Reach(FaultPoint::kStored);
  return {};
}

}  // namespace antiphon::orchestrator
