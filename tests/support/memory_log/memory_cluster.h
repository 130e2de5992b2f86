#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/runtime/clock.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"
#include "tests/support/memory_log/faults.h"
#include "tests/support/memory_log/memory_group.h"

namespace antiphon::memory_log {

struct LogName {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const LogName&, const LogName&) = default;
};

// Where the group's positions stand: a log as far as markers are concerned. Not to be read.
inline const LogName kGroupLog{"__consumer_offsets", 0};

struct Record {
  EngineTime timestamp{};  // the epoch: the cluster's time
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};

using TransactionId = std::uint64_t;  // counts from 1; 0: none

enum class EntryKind : std::uint8_t { kRecord, kMarker, kGone };

struct Entry {
  EntryKind kind = EntryKind::kRecord;
  TransactionId transaction = 0;
  Record record;
};

// One partition of a topic. Offsets count from 0; what was trimmed keeps its place.
struct Log {
  std::vector<Entry> entries;
  std::int64_t start = 0;
  std::map<TransactionId, std::int64_t> open;  // transactions without a marker here, with their first offset

  [[nodiscard]] std::int64_t high_watermark() const { return static_cast<std::int64_t>(entries.size()); }
  [[nodiscard]] std::int64_t stable_end() const;
};

// A transaction, as its coordinator knows it:   kOpen --End, fenced, timed out--> kCommitted or kAborted, then marker after marker.
struct Transaction {
  enum class State : std::uint8_t { kOpen, kCommitted, kAborted };
  State state = State::kOpen;
  std::string producer;
  EngineTime begun{};
  std::map<LogName, std::int64_t> positions;  // of the group, valid with the marker in kGroupLog
  std::string member;                         // by which they were accepted, and its generation
  std::int32_t generation = -1;
  std::uint64_t accepted = 0;              // counts them in the order in which they were accepted
  std::map<LogName, EngineTime> unmarked;  // the logs that it wrote to and that have no marker yet; when it arrives, once decided
};

// A producer as it was initialised; a later one of the same id fences it.
struct Producer {
  std::string id;
  std::int32_t epoch = 0;
};

// MemoryCluster: a cluster of logs with Kafka's transactions and consumer groups, of which no two commit positions of one log, for a
// simulation: single-threaded, time from a clock that the test moves, every choice from Faults. Ports to it: memory_ports.h. What a clock
// that was moved brings (sessions and transactions that end, markers, requests that were late) happens at the next call. Errors of
// producers are kRestartTask. Source: docs/live.md; Kafka's KIP-98 (transactions) and KIP-447 (fencing by the group).
class MemoryCluster {
 public:
  struct Options {
    Milliseconds session{10'000};
    Milliseconds transaction_timeout{10'000};
  };

  MemoryCluster(runtime::Clock& clock, Faults& faults) : MemoryCluster(clock, faults, Options{}) {}
  MemoryCluster(runtime::Clock& clock, Faults& faults, Options options) : clock_(clock), faults_(faults), options_(options) {}

  // Topics.
  [[nodiscard]] Result<void> CreateTopic(const std::string& topic, const runtime::TopicFacts& facts);
  void CreateTopic(const std::string& topic, std::int32_t partitions);  // REQUIRES: there is none
  void DeleteTopic(const std::string& topic);
  void AddPartitions(const std::string& topic, std::int32_t partitions);
  [[nodiscard]] std::optional<runtime::TopicFacts> Describe(const std::string& topic) const;
  // Retention: records before `start` are gone.
  void Trim(const LogName& log, std::int64_t start);
  // Compaction, all at once: of the committed records of a key only the last stays. Offsets stay, so there are holes.
  void Compact(const LogName& log);
  // Nothing: no such log.
  [[nodiscard]] const Log* Find(const LogName& log);

  // A record of somebody who uses no transactions; its offset. REQUIRES: there is such a log.
  std::int64_t Produce(const LogName& log, Record record);

  // Transactions. The sink uses these; so may a test, as the transactional producer of somebody else.
  [[nodiscard]] Result<Producer> InitProducer(const std::string& id);  // kRetry while markers of the last transaction are under way
  [[nodiscard]] Result<std::int64_t> Add(const Producer& producer, const LogName& log, Record record);
  [[nodiscard]] Result<void> AddPositions(const Producer& producer, const std::map<LogName, std::int64_t>& positions,
                                          const std::string& member, std::int32_t generation, const std::string& group = {});
  [[nodiscard]] Result<void> End(const Producer& producer, Transaction::State outcome);
  void CommitLate(const Producer& producer);  // the request arrives Knobs::late from now
  // While a log is held no marker reaches it.
  void HoldMarkers(const LogName& log) { held_.insert(log); }
  void ReleaseMarkers(const LogName& log) { held_.erase(log); }

  // The group's positions. kRetry while a transaction on one of them has no marker in kGroupLog.
  [[nodiscard]] Result<std::vector<std::optional<std::int64_t>>> Committed(const std::vector<LogName>& logs);
  // Somebody moves or forgets them with a tool.
  void MoveCommitted(const LogName& log, std::optional<std::int64_t> next);
  [[nodiscard]] MemoryGroup& group(const std::string& name = {});

  // For checkers.
  [[nodiscard]] const Transaction& transaction(TransactionId id) const { return transactions_.at(id); }
  [[nodiscard]] bool Quiet();  // no transaction is open or lacks a marker
  [[nodiscard]] Faults& faults() { return faults_; }
  // The cluster's own: what is done to a node's clock does not touch it.
  [[nodiscard]] EngineTime Now() { return EngineTime(clock_.Monotonic()); }

 private:
  struct ProducerState {
    std::int32_t epoch = -1;
    TransactionId last = 0;
  };
  struct LateCommit {
    EngineTime due{};
    Producer producer;
    TransactionId transaction = 0;
  };
  struct Topic {
    runtime::TopicFacts facts;
    std::vector<Log> logs;
  };
  struct CommittedPosition {
    std::int64_t next = 0;
    std::uint64_t accepted = 0;
  };

  void CatchUp();
  void Decide(TransactionId id, Transaction::State outcome);
  void WriteMarkers(TransactionId id, EngineTime until);
  void ApplyPositions(TransactionId id);
  [[nodiscard]] Log* FindLog(const LogName& log);
  // The producer's transaction under way, begun if there is none.
  [[nodiscard]] Result<TransactionId> Under(const Producer& producer);

  runtime::Clock& clock_;
  Faults& faults_;
  Options options_;
  std::map<std::string, Topic, std::less<>> topics_;
  std::map<std::string, ProducerState, std::less<>> producers_;
  std::map<TransactionId, Transaction> transactions_;
  std::set<TransactionId> unfinished_;  // open, or without a marker
  std::vector<LateCommit> late_;
  std::set<LogName> held_;
  std::map<std::string, MemoryGroup> groups_;
  std::map<LogName, CommittedPosition> committed_;
  std::uint64_t accepted_ = 0;
};

}  // namespace antiphon::memory_log
