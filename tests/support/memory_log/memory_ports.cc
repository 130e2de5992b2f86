#include "tests/support/memory_log/memory_ports.h"

#include "services/runtime/partitioner.h"
#include "state/base/check.h"

namespace antiphon::memory_log {
namespace {

using runtime::CommitOutcome;
using runtime::CommitReport;
using runtime::LogId;

std::unexpected<Error> Killed() { return Fail(Recovery::kStopProcess, "the process was killed"); }
std::unexpected<Error> NoAnswer() { return Fail(Recovery::kRetry, "the cluster did not answer in time"); }

std::optional<std::string> Copy(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  return std::string(*text);
}

class Token final : public runtime::MemberToken {
 public:
  Token(std::int32_t generation, std::string member) : generation_(generation), member_(std::move(member)) {}
  [[nodiscard]] std::int32_t generation() const override { return generation_; }
  [[nodiscard]] const std::string& member_id() const override { return member_; }

 private:
  std::int32_t generation_;
  std::string member_;
};

// One number of each log.
template <typename Number>
Result<std::vector<std::int64_t>> OfEach(MemoryProcess& process, Point point, std::span<const LogId> logs, Number number) {
  const Fault fault = process.Meet(point);
  if (fault == Fault::kKill) return Killed();
  if (fault == Fault::kError) return NoAnswer();
  std::vector<std::int64_t> numbers;
  for (const LogId log : logs) {
    const Log* const found = process.cluster().Find(process.NameOf(log));
    if (found == nullptr) {
      return Fail(Recovery::kStopProcess, "there is no partition " + std::to_string(log.partition) + " of " + process.NameOf(log).topic);
    }
    numbers.push_back(number(*found));
  }
  return numbers;
}

}  // namespace

std::int32_t MemoryProcess::PartitionByKey(std::uint32_t topic, std::string_view key) const {
  const auto facts = cluster_.Describe(topics_.names.at(topic));
  ANTIPHON_CHECK(facts.has_value());
  return static_cast<std::int32_t>(runtime::PartitionOf(key, static_cast<std::uint32_t>(facts->partitions)));
}

Fault MemoryProcess::Meet(Point point) {
  if (killed_) return Fault::kKill;
  const Fault fault = cluster_.faults().Meet({.point = point, .node = node_});
  if (fault == Fault::kKill) Kill();
  return killed_ ? Fault::kKill : fault;  // a hook may have killed it, too
}

Result<void> MemoryEventSource::Assign(std::span<const runtime::LogPosition> from) {
  if (process_.killed()) return Killed();
  for (const auto& [log, next] : from) {
    ANTIPHON_CHECK(next >= 0);
    const bool added = lanes_.try_emplace(log, Lane{.position = next, .fetched = {}, .fetched_to = next}).second;
    ANTIPHON_CHECK(added);
  }
  return {};
}

void MemoryEventSource::Unassign(std::span<const LogId> logs) {
  EndLoan();
  for (const LogId log : logs) ANTIPHON_CHECK(lanes_.erase(log) == 1);
}

Result<std::optional<runtime::LogRecord>> MemoryEventSource::Take(LogId log) {
  EndLoan();
  const Fault fault = process_.Meet(Point::kTake);
  if (fault == Fault::kKill) return Killed();
  if (fault == Fault::kLate) return std::nullopt;
  const LogName name = process_.NameOf(log);
  if (fault == Fault::kError) {
    return Fail(Recovery::kRestartTask, "partition " + std::to_string(log.partition) + " of topic " + name.topic + " cannot be read");
  }
  Lane& lane = lanes_.at(log);
  if (lane.fetched.empty()) {
    Faults& faults = process_.cluster().faults();
    Result<Fetched> fetched = Fetch(process_.cluster(), name, lane.fetched_to, 1 + faults.Below(faults.knobs().fetch_records_max));
    if (!fetched) return std::unexpected(fetched.error());
    lane.fetched.assign(std::make_move_iterator(fetched->records.begin()), std::make_move_iterator(fetched->records.end()));
    lane.fetched_to = fetched->next;
  }
  if (lane.fetched.empty()) {
    lane.position = lane.fetched_to;
    return std::nullopt;
  }
  const CommittedRecord taken = std::move(lane.fetched.front());
  lane.fetched.pop_front();
  lane.position = taken.offset + 1;
  runtime::LogRecord record{
      .offset = taken.offset, .timestamp = taken.record.timestamp, .key = std::nullopt, .value = std::nullopt, .headers = {}};
  if (taken.record.key) record.key = Lend(*taken.record.key);
  if (taken.record.value) record.value = Lend(*taken.record.value);
  if (process_.topics().with_headers.contains(log.topic)) {
    for (const auto& [header, value] : taken.record.headers) record.headers.push_back({.name = Lend(header), .value = Lend(value)});
  }
  return record;
}

void MemoryEventSource::EndLoan() {
  ended_ = std::exchange(lent_, {});
  for (std::string& bytes : ended_) bytes.assign(bytes.size(), '\xdd');
}

std::string_view MemoryEventSource::Lend(std::string_view bytes) { return lent_.emplace_back(bytes); }

Result<std::vector<std::int64_t>> MemoryEventSource::StableEnds(std::span<const LogId> logs) {
  return OfEach(process_, Point::kStableEnds, logs, [](const Log& log) { return log.stable_end(); });
}

MemoryOutputSink::~MemoryOutputSink() {
  if (process_.killed() || state_ == State::kUncertain) return;
  // Refused if nothing is open, or if it was fenced: then there is nothing left to abort.
  (void)process_.cluster().End(producer_, Transaction::State::kAborted);
}

Result<void> MemoryOutputSink::Append(LogId log, std::optional<std::string_view> key, std::optional<std::string_view> value,
                                      std::span<const runtime::Header> headers) {
  const Fault fault = process_.Meet(Point::kAppend);
  if (fault == Fault::kKill) return Killed();
  ANTIPHON_CHECK(state_ == State::kUsable);
  if (log.partition == runtime::kByKey) log.partition = process_.PartitionByKey(log.topic, key.value_or(""));
  Record record{.timestamp = {}, .key = Copy(key), .value = Copy(value), .headers = {}};
  for (const auto& [name, text] : headers) record.headers.emplace_back(name, text);
  Result<std::int64_t> offset = Fail(Recovery::kRestartTask, "the record was not taken");
  if (fault != Fault::kError) offset = process_.cluster().Add(producer_, process_.NameOf(log), std::move(record));
  if (!offset) {
    state_ = State::kSpent;
    return std::unexpected(offset.error());
  }
  ends_.insert_or_assign(log, *offset + 1);
  return {};
}

CommitReport MemoryOutputSink::Refused(Error why) {
  state_ = State::kSpent;
  return {.outcome = CommitOutcome::kNotCommitted, .why = std::move(why), .ends = {}};
}

CommitReport MemoryOutputSink::Unknown(std::string why) {
  state_ = State::kUncertain;
  return {.outcome = CommitOutcome::kUnknown, .why = {.recovery = Recovery::kRestartTask, .message = std::move(why)}, .ends = {}};
}

CommitReport MemoryOutputSink::Commit(std::span<const runtime::LogPosition> positions, const runtime::MemberToken& member) {
  const Fault commit = process_.Meet(Point::kCommit);
  if (commit == Fault::kKill) return Unknown("the process was killed");
  ANTIPHON_CHECK(state_ == State::kUsable && !positions.empty());
  if (commit == Fault::kError) return Refused({Recovery::kRestartTask, "the cluster refused the positions"});
  std::map<LogName, std::int64_t> named;
  for (const auto& [log, next] : positions) {
    ANTIPHON_CHECK(next >= 0);
    named.insert_or_assign(process_.NameOf(log), next);
  }
  if (const Result<void> accepted =
          process_.cluster().AddPositions(producer_, named, member.member_id(), member.generation(), process_.topics().group);
      !accepted) {
    return Refused(accepted.error());
  }

  const Fault end = process_.Meet(Point::kEnd);
  if (end == Fault::kKill) return Unknown("the process was killed");
  if (end == Fault::kError) return Refused({Recovery::kRestartTask, "the cluster refused to end the transaction"});
  if (end == Fault::kLate) process_.cluster().CommitLate(producer_);
  if (end == Fault::kLost || end == Fault::kLate) return Unknown("the transaction's end was not answered");
  if (const Result<void> ended = process_.cluster().End(producer_, Transaction::State::kCommitted); !ended) {
    return Unknown(ended.error().message);  // as from a client that cannot tell a first answer from a second
  }

  const Fault answer = process_.Meet(Point::kAnswer);
  if (answer == Fault::kKill) return Unknown("the process was killed");
  if (answer == Fault::kLost) return Unknown("the transaction's end was not answered");
  CommitReport report{.outcome = CommitOutcome::kCommitted, .why = {}, .ends = {}};
  if (answer != Fault::kLate) {
    for (const auto& [log, next] : ends_) report.ends.push_back({.log = log, .next = next});
  }
  ends_.clear();
  return report;
}

Result<std::unique_ptr<runtime::OutputSink>> MemoryOutputSinkFactory::Make(std::uint32_t worker) {
  const Fault fault = process_.Meet(Point::kMake);
  if (fault == Fault::kKill) return Killed();
  ANTIPHON_CHECK(leases_[worker].expired());
  if (fault == Fault::kError) return NoAnswer();
  Result<Producer> producer = process_.cluster().InitProducer(process_.node() + process_.topics().group + "-w" + std::to_string(worker));
  if (!producer) return std::unexpected(producer.error());
  const auto lease = std::make_shared<const std::uint32_t>(worker);
  leases_[worker] = lease;
  return std::make_unique<MemoryOutputSink>(process_, *std::move(producer), lease);
}

Result<void> MemoryMembership::Poll(Milliseconds /*at_most*/) {
  ANTIPHON_CHECK(!left_);
  MemoryCluster& cluster = process_.cluster();
  const Fault fault = process_.Meet(Point::kPoll);
  if (fault == Fault::kKill) return Killed();
  if (fault == Fault::kError) Group().Rebalance();
  if (fault == Fault::kLost) Group().Expel(process_.node());
  const Result<std::int32_t> partitions = CheckedPartitions();
  if (!partitions) return std::unexpected(partitions.error());

  if (!member_.empty()) {
    switch (Group().StandingOf(process_.node(), member_)) {
      case MemoryGroup::Standing::kMember:
        Group().Seen(process_.node(), cluster.Now());
        break;
      case MemoryGroup::Standing::kReplaced:
        LetGo(true);
        return Fail(Recovery::kStopProcess, "another process has the name of node " + process_.node());
      case MemoryGroup::Standing::kExpelled:
        LetGo(true);
        member_.clear();
        break;
    }
  }
  if (process_.killed()) return Killed();
  if (member_.empty()) member_ = Group().Join(process_.node(), cluster.Now());
  if (Group().preparing()) {
    LetGo(false);
    // Letting go may have taken so long that the group has given up on it, or it may have died of it.
    if (process_.killed()) return Killed();
    if (Group().StandingOf(process_.node(), member_) != MemoryGroup::Standing::kMember) return {};
    Group().Rejoin(process_.node(), *partitions);
  }
  if (!Group().preparing() && !holding_) {
    holding_ = true;
    Tell();
  }
  return {};
}

void MemoryMembership::Tell() {
  // A copy: the listener may do anything.
  const std::vector<std::int32_t> assigned = Group().PartitionsOf(process_.node());
  const auto member = std::make_shared<Token>(Group().generation(), member_);
  if (listener_ != nullptr) return listener_->OnAssigned(assigned, member);
  const std::vector<LogId> all = Logs();
  std::vector<LogId> logs;
  for (const std::int32_t number : assigned) logs.push_back(all.at(static_cast<std::size_t>(number)));
  logs_listener_->OnAssigned(logs, member);
}

std::vector<std::uint32_t> MemoryMembership::Shared() const {
  if (!process_.topics().shared.empty()) return process_.topics().shared;
  std::vector<std::uint32_t> shared;
  for (std::uint32_t topic = 0; topic < process_.topics().inputs; ++topic) shared.push_back(topic);
  return shared;
}

std::vector<LogId> MemoryMembership::Logs() const {
  std::vector<LogId> logs;
  for (const std::uint32_t topic : Shared()) {
    const std::optional<runtime::TopicFacts> facts = process_.cluster().Describe(process_.topics().names.at(topic));
    for (std::int32_t partition = 0; facts && partition < facts->partitions; ++partition) {
      logs.push_back({.topic = topic, .partition = partition});
    }
  }
  return logs;
}

Result<std::int32_t> MemoryMembership::CheckedPartitions() {
  if (logs_listener_ != nullptr) return static_cast<std::int32_t>(Logs().size());
  for (const std::uint32_t topic : Shared()) {
    const std::string& name = process_.topics().names.at(topic);
    const std::optional<runtime::TopicFacts> facts = process_.cluster().Describe(name);
    const std::int32_t partitions = facts ? facts->partitions : 0;
    if (partitions != partitions_.value_or(partitions) || partitions == 0) {
      return Fail(Recovery::kStopProcess, "input topic " + name + " has " + std::to_string(partitions) +
                                              " partitions; the others have, or had, " + std::to_string(partitions_.value_or(0)));
    }
    partitions_ = partitions;
  }
  return partitions_.value_or(0);
}

void MemoryMembership::LetGo(bool lost) {
  if (!std::exchange(holding_, false)) return;
  if (listener_ != nullptr) return listener_->OnRevoked(lost);
  logs_listener_->OnRevoked(lost);
}

void MemoryMembership::Leave() {
  if (process_.killed() || std::exchange(left_, true)) return;
  LetGo(member_.empty() || Group().StandingOf(process_.node(), member_) != MemoryGroup::Standing::kMember);
}

Result<std::vector<std::string>> MemoryGroupMembers::Ask() {
  const Fault fault = process_.Meet(Point::kDirectory);
  if (fault == Fault::kKill) return Killed();
  if (fault == Fault::kError) return NoAnswer();
  const MemoryGroup& group = process_.cluster().group(process_.topics().group);
  if (group.preparing()) return Fail(Recovery::kRetry, "the partitions are being shared out");
  return group.Nodes();
}

Result<std::vector<std::optional<std::int64_t>>> MemoryLogDirectory::Committed(std::span<const LogId> logs) {
  const Fault fault = process_.Meet(Point::kCommitted);
  if (fault == Fault::kKill) return Killed();
  if (fault == Fault::kError) return NoAnswer();
  std::vector<LogName> names;
  for (const LogId log : logs) names.push_back(process_.NameOf(log));
  return process_.cluster().Committed(names);
}

Result<std::vector<std::int64_t>> MemoryLogDirectory::Starts(std::span<const LogId> logs) {
  return OfEach(process_, Point::kDirectory, logs, [](const Log& log) { return log.start; });
}

Result<std::vector<std::int64_t>> MemoryLogDirectory::HighWatermarks(std::span<const LogId> logs) {
  return OfEach(process_, Point::kDirectory, logs, [](const Log& log) { return log.high_watermark(); });
}

Result<std::optional<runtime::TopicFacts>> MemoryLogDirectory::Describe(const std::string& topic) {
  const Fault fault = process_.Meet(Point::kDirectory);
  if (fault == Fault::kKill) return Killed();
  if (fault == Fault::kError) return NoAnswer();
  return process_.cluster().Describe(topic);
}

Result<void> MemoryLogDirectory::Create(const std::string& topic, const runtime::TopicFacts& facts) {
  const Fault fault = process_.Meet(Point::kDirectory);
  if (fault == Fault::kKill) return Killed();
  if (fault == Fault::kError) return NoAnswer();
  return process_.cluster().CreateTopic(topic, facts);
}

}  // namespace antiphon::memory_log
