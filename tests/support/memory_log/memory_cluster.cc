#include "tests/support/memory_log/memory_cluster.h"

#include <algorithm>

#include "state/base/check.h"

namespace antiphon::memory_log {

std::int64_t Log::stable_end() const {
  std::int64_t end = high_watermark();
  for (const auto& [transaction, first] : open) end = std::min(end, first);
  return end;
}

Result<void> MemoryCluster::CreateTopic(const std::string& topic, const runtime::TopicFacts& facts) {
  ANTIPHON_CHECK(facts.partitions > 0);
  const auto [found, added] = topics_.try_emplace(topic);
  if (!added) return Fail(Recovery::kStopProcess, "topic " + topic + " exists");
  found->second.facts = facts;
  found->second.logs.resize(static_cast<std::size_t>(facts.partitions));
  return {};
}

void MemoryCluster::CreateTopic(const std::string& topic, std::int32_t partitions) {
  ANTIPHON_CHECK(CreateTopic(topic, {.partitions = partitions, .replication = 1, .settings = {}}).has_value());
}

void MemoryCluster::DeleteTopic(const std::string& topic) { topics_.erase(topic); }

void MemoryCluster::AddPartitions(const std::string& topic, std::int32_t partitions) {
  Topic& found = topics_.at(topic);
  found.facts.partitions += partitions;
  found.logs.resize(static_cast<std::size_t>(found.facts.partitions));
}

std::optional<runtime::TopicFacts> MemoryCluster::Describe(const std::string& topic) const {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return std::nullopt;
  return found->second.facts;
}

void MemoryCluster::Trim(const LogName& log, std::int64_t start) {
  Log* const found = FindLog(log);
  ANTIPHON_CHECK(found != nullptr && start <= found->high_watermark());
  found->start = std::max(found->start, start);
}

void MemoryCluster::Compact(const LogName& log) {
  Log* const found = FindLog(log);
  ANTIPHON_CHECK(found != nullptr);
  CatchUp();
  std::set<std::string> later;
  for (std::int64_t offset = found->stable_end() - 1; offset >= found->start; --offset) {
    Entry& entry = found->entries[static_cast<std::size_t>(offset)];
    if (entry.kind != EntryKind::kRecord || !entry.record.key) continue;
    if (entry.transaction != 0 && transaction(entry.transaction).state == Transaction::State::kAborted) continue;
    if (!later.insert(*entry.record.key).second) entry = {.kind = EntryKind::kGone, .transaction = 0, .record = {}};
  }
}

const Log* MemoryCluster::Find(const LogName& log) {
  CatchUp();
  return FindLog(log);
}

Log* MemoryCluster::FindLog(const LogName& log) {
  const auto found = topics_.find(log.topic);
  if (found == topics_.end() || log.partition < 0 || log.partition >= found->second.facts.partitions) return nullptr;
  return &found->second.logs[static_cast<std::size_t>(log.partition)];
}

std::int64_t MemoryCluster::Produce(const LogName& log, Record record) {
  CatchUp();
  Log* const found = FindLog(log);
  ANTIPHON_CHECK(found != nullptr);
  if (record.timestamp == EngineTime{}) record.timestamp = Now();
  found->entries.push_back({.kind = EntryKind::kRecord, .transaction = 0, .record = std::move(record)});
  return found->high_watermark() - 1;
}

Result<Producer> MemoryCluster::InitProducer(const std::string& id) {
  CatchUp();
  ProducerState& state = producers_[id];
  if (unfinished_.contains(state.last)) {
    if (transaction(state.last).state == Transaction::State::kOpen) Decide(state.last, Transaction::State::kAborted);
    ++state.epoch;
    CatchUp();
    if (unfinished_.contains(state.last)) {
      return Fail(Recovery::kRetry, "the last transaction of producer " + id + " is still being ended");
    }
  }
  return Producer{.id = id, .epoch = ++state.epoch};
}

Result<TransactionId> MemoryCluster::Under(const Producer& producer) {
  CatchUp();
  ProducerState& state = producers_.at(producer.id);
  if (state.epoch != producer.epoch) return Fail(Recovery::kRestartTask, "producer " + producer.id + " was fenced");
  if (unfinished_.contains(state.last)) {
    if (transaction(state.last).state == Transaction::State::kOpen) return state.last;
    // The client waits for the markers of its last transaction; here they arrive at once.
    WriteMarkers(state.last, EngineTime::max());
    if (unfinished_.contains(state.last)) {
      return Fail(Recovery::kRestartTask, "the last transaction of producer " + producer.id + " does not end");
    }
  }
  state.last = transactions_.size() + 1;
  Transaction& begun = transactions_[state.last];
  begun.producer = producer.id;
  begun.begun = Now();
  unfinished_.insert(state.last);
  return state.last;
}

Result<std::int64_t> MemoryCluster::Add(const Producer& producer, const LogName& log, Record record) {
  const Result<TransactionId> id = Under(producer);
  if (!id) return std::unexpected(id.error());
  Log* const found = FindLog(log);
  if (found == nullptr) {
    return Fail(Recovery::kRestartTask, "there is no partition " + std::to_string(log.partition) + " of topic " + log.topic);
  }
  transactions_.at(*id).unmarked.try_emplace(log);
  found->open.try_emplace(*id, found->high_watermark());
  if (record.timestamp == EngineTime{}) record.timestamp = Now();
  found->entries.push_back({.kind = EntryKind::kRecord, .transaction = *id, .record = std::move(record)});
  return found->high_watermark() - 1;
}

Result<void> MemoryCluster::AddPositions(const Producer& producer, const std::map<LogName, std::int64_t>& positions,
                                         const std::string& member, std::int32_t generation, const std::string& group) {
  const Result<TransactionId> id = Under(producer);
  if (!id) return std::unexpected(id.error());
  if (Result<void> checked = this->group(group).Check(member, generation); !checked) return checked;
  Transaction& under = transactions_.at(*id);
  for (const auto& [log, next] : positions) under.positions.insert_or_assign(log, next);
  under.member = member;
  under.generation = generation;
  under.accepted = ++accepted_;
  under.unmarked.try_emplace(kGroupLog);
  return {};
}

Result<void> MemoryCluster::End(const Producer& producer, Transaction::State outcome) {
  CatchUp();
  const ProducerState& state = producers_.at(producer.id);
  if (state.epoch != producer.epoch) return Fail(Recovery::kRestartTask, "producer " + producer.id + " was fenced");
  if (!unfinished_.contains(state.last) || transaction(state.last).state != Transaction::State::kOpen) {
    return Fail(Recovery::kRestartTask, "producer " + producer.id + " has no transaction under way");
  }
  Decide(state.last, outcome);
  CatchUp();
  return {};
}

void MemoryCluster::CommitLate(const Producer& producer) {
  late_.push_back({.due = Now() + faults_.knobs().late, .producer = producer, .transaction = producers_.at(producer.id).last});
}

void MemoryCluster::Decide(TransactionId id, Transaction::State outcome) {
  Transaction& decided = transactions_.at(id);
  ANTIPHON_CHECK(decided.state == Transaction::State::kOpen && outcome != Transaction::State::kOpen);
  decided.state = outcome;
  const Faults::Knobs& knobs = faults_.knobs();
  const auto spread = static_cast<std::uint64_t>(std::max(knobs.markers_within - knobs.markers_after, Milliseconds{0}).count());
  for (auto& [log, due] : decided.unmarked) {
    due = Now() + knobs.markers_after + Milliseconds{static_cast<std::int64_t>(faults_.Below(spread + 1))};
  }
}

void MemoryCluster::WriteMarkers(TransactionId id, EngineTime until) {
  Transaction& decided = transactions_.at(id);
  for (auto unmarked = decided.unmarked.begin(); unmarked != decided.unmarked.end();) {
    const LogName& log = unmarked->first;
    if (unmarked->second > until || held_.contains(log)) {
      ++unmarked;
      continue;
    }
    if (log == kGroupLog) {
      if (decided.state == Transaction::State::kCommitted) ApplyPositions(id);
    } else if (Log* const found = FindLog(log); found != nullptr) {  // else its topic was deleted
      found->open.erase(id);
      found->entries.push_back({.kind = EntryKind::kMarker, .transaction = id, .record = {}});
    }
    unmarked = decided.unmarked.erase(unmarked);
  }
  if (decided.unmarked.empty()) unfinished_.erase(id);
}

void MemoryCluster::ApplyPositions(TransactionId id) {
  for (const auto& [log, next] : transaction(id).positions) {
    // A marker that comes after the next owner's changes nothing of what that one wrote.
    CommittedPosition& committed = committed_[log];
    if (committed.accepted < transaction(id).accepted) committed = {.next = next, .accepted = transaction(id).accepted};
  }
}

void MemoryCluster::CatchUp() {
  const EngineTime now = Now();
  for (auto& [name, group] : groups_) group.Expire(now);
  std::erase_if(late_, [&](const LateCommit& late) {
    if (late.due > now) return false;
    const bool fenced = producers_.at(late.producer.id).epoch != late.producer.epoch;
    if (!fenced && transaction(late.transaction).state == Transaction::State::kOpen)
      Decide(late.transaction, Transaction::State::kCommitted);
    return true;
  });
  for (const TransactionId id : std::vector<TransactionId>(unfinished_.begin(), unfinished_.end())) {
    const Transaction& each = transaction(id);
    if (each.state == Transaction::State::kOpen && now - each.begun > options_.transaction_timeout) {
      ++producers_.at(each.producer).epoch;
      Decide(id, Transaction::State::kAborted);
    }
    if (each.state != Transaction::State::kOpen) WriteMarkers(id, now);
  }
}

Result<std::vector<std::optional<std::int64_t>>> MemoryCluster::Committed(const std::vector<LogName>& logs) {
  CatchUp();
  std::vector<std::optional<std::int64_t>> positions;
  for (const LogName& log : logs) {
    for (const TransactionId id : unfinished_) {
      const Transaction& each = transaction(id);
      if (each.positions.contains(log) && each.unmarked.contains(kGroupLog)) {
        return Fail(Recovery::kRetry, "a transaction on partition " + std::to_string(log.partition) + " of " + log.topic + " is under way");
      }
    }
    const auto found = committed_.find(log);
    positions.push_back(found == committed_.end() ? std::nullopt : std::optional(found->second.next));
  }
  return positions;
}

void MemoryCluster::MoveCommitted(const LogName& log, std::optional<std::int64_t> next) {
  CatchUp();
  if (next) {
    committed_[log] = {.next = *next, .accepted = ++accepted_};
  } else {
    committed_.erase(log);
  }
}

MemoryGroup& MemoryCluster::group(const std::string& name) {
  CatchUp();
  return groups_.try_emplace(name, options_.session).first->second;
}

bool MemoryCluster::Quiet() {
  CatchUp();
  return unfinished_.empty();
}

}  // namespace antiphon::memory_log
