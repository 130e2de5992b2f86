#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/runtime/event_source.h"
#include "services/runtime/group_members.h"
#include "services/runtime/log_directory.h"
#include "services/runtime/membership.h"
#include "services/runtime/output_sink.h"
#include "tests/support/memory_log/committed_reader.h"
#include "tests/support/memory_log/memory_cluster.h"

namespace antiphon::memory_log {

// MemoryProcess: a process as the cluster knows it. Its ports below refer to it; it outlives them. A process that starts again is a new one
// of the same node.
class MemoryProcess {
 public:
  struct Topics {
    std::vector<std::string> names;          // LogId::topic counts in them
    std::uint32_t inputs = 0;                // the first so many are shared out by the group
    std::set<std::uint32_t> with_headers;    // whose records come with their headers
    std::vector<std::uint32_t> shared = {};  // these are shared out instead of `inputs`
    std::string group = {};                  // its group; part of the identity of its sinks
  };

  MemoryProcess(MemoryCluster& cluster, std::string node, Topics topics)
      : cluster_(cluster), node_(std::move(node)), topics_(std::move(topics)) {}

  // SIGKILL: from now on no call of its ports has an effect (those that can fail do, kStopProcess; a commit is kUnknown), and no destructor
  // closes anything. What was left open stays so in the cluster.
  void Kill() { killed_ = true; }
  [[nodiscard]] bool killed() const { return killed_; }

  // For the ports.
  [[nodiscard]] MemoryCluster& cluster() const { return cluster_; }
  [[nodiscard]] const std::string& node() const { return node_; }
  [[nodiscard]] const Topics& topics() const { return topics_; }
  [[nodiscard]] LogName NameOf(runtime::LogId log) const { return {.topic = topics_.names.at(log.topic), .partition = log.partition}; }
  // Where a Java producer would put the key. REQUIRES: there is such a topic.
  [[nodiscard]] std::int32_t PartitionByKey(std::uint32_t topic, std::string_view key) const;
  // What happens to a call of this process; dies if that is it. kKill: it is dead.
  [[nodiscard]] Fault Meet(Point point);

 private:
  MemoryCluster& cluster_;
  std::string node_;
  Topics topics_;
  bool killed_ = false;
};

// A record comes when it was fetched (Knobs::fetch_records_max, kTake). The position passes markers in the Take that finds nothing behind
// them, and only then. Bytes of a record are overwritten by the next Take or Unassign, and freed by the one after.
class MemoryEventSource : public runtime::EventSource {
 public:
  explicit MemoryEventSource(MemoryProcess& process) : process_(process) {}

  [[nodiscard]] Result<void> Assign(std::span<const runtime::LogPosition> from) override;
  void Unassign(std::span<const runtime::LogId> logs) override;
  [[nodiscard]] Result<std::optional<runtime::LogRecord>> Take(runtime::LogId log) override;
  [[nodiscard]] std::int64_t Position(runtime::LogId log) const override { return lanes_.at(log).position; }
  [[nodiscard]] Result<std::vector<std::int64_t>> StableEnds(std::span<const runtime::LogId> logs) override;
  // Returns at once: time is the test's.
  void Wait(Milliseconds at_most) override { waits_.push_back(at_most); }
  void Wake() override {}

  // How long the worker would have waited, since the last call.
  [[nodiscard]] std::vector<Milliseconds> TakeWaits() { return std::exchange(waits_, {}); }

 private:
  struct Lane {
    std::int64_t position = 0;
    std::deque<CommittedRecord> fetched;
    std::int64_t fetched_to = 0;
  };

  void EndLoan();
  [[nodiscard]] std::string_view Lend(std::string_view bytes);

  MemoryProcess& process_;
  std::map<runtime::LogId, Lane> lanes_;
  std::deque<std::string> lent_;   // the bytes of the record that was taken last
  std::deque<std::string> ended_;  // of the one before, overwritten
  std::vector<Milliseconds> waits_;
};

class MemoryOutputSink final : public runtime::OutputSink {
 public:
  MemoryOutputSink(MemoryProcess& process, Producer producer, std::shared_ptr<const void> lease)
      : process_(process), producer_(std::move(producer)), lease_(std::move(lease)) {}
  ~MemoryOutputSink() override;

  [[nodiscard]] Result<void> Append(runtime::LogId log, std::optional<std::string_view> key, std::optional<std::string_view> value,
                                    std::span<const runtime::Header> headers = {}) override;
  [[nodiscard]] runtime::CommitReport Commit(std::span<const runtime::LogPosition> positions, const runtime::MemberToken& member) override;

 private:
  enum class State : std::uint8_t { kUsable, kSpent, kUncertain };

  [[nodiscard]] runtime::CommitReport Refused(Error why);
  [[nodiscard]] runtime::CommitReport Unknown(std::string why);

  MemoryProcess& process_;
  Producer producer_;
  std::shared_ptr<const void> lease_;
  State state_ = State::kUsable;
  std::map<runtime::LogId, std::int64_t> ends_;
};

// Checks that the sink before is gone.
class MemoryOutputSinkFactory final : public runtime::OutputSinkFactory {
 public:
  explicit MemoryOutputSinkFactory(MemoryProcess& process) : process_(process) {}
  [[nodiscard]] Result<std::unique_ptr<runtime::OutputSink>> Make(std::uint32_t worker) override;

 private:
  MemoryProcess& process_;
  std::map<std::uint32_t, std::weak_ptr<const void>> leases_;
};

// One step of the group's protocol per Poll; what a rebalance needs of other members happens in their Polls.
class MemoryMembership final : public runtime::Membership {
 public:
  // The listener outlives it.
  MemoryMembership(MemoryProcess& process, Listener& listener) : process_(process), listener_(&listener) {}
  // Topics of any number of partitions: their logs are shared out one after the other.
  MemoryMembership(MemoryProcess& process, LogsListener& listener) : process_(process), logs_listener_(&listener) {}

  [[nodiscard]] Result<void> Poll(Milliseconds at_most) override;
  void Leave() override;

 private:
  [[nodiscard]] std::vector<std::uint32_t> Shared() const;
  [[nodiscard]] std::vector<runtime::LogId> Logs() const;
  [[nodiscard]] Result<std::int32_t> CheckedPartitions();
  [[nodiscard]] MemoryGroup& Group() const { return process_.cluster().group(process_.topics().group); }
  void Tell();
  void LetGo(bool lost);

  MemoryProcess& process_;
  Listener* listener_ = nullptr;  // one of the two
  LogsListener* logs_listener_ = nullptr;
  std::string member_;    // empty: none
  bool holding_ = false;  // between OnAssigned and OnRevoked
  bool left_ = false;
  std::optional<std::int32_t> partitions_;  // as first seen
};

class MemoryGroupMembers final : public runtime::GroupMembers {
 public:
  explicit MemoryGroupMembers(MemoryProcess& process) : process_(process) {}

  [[nodiscard]] Result<std::vector<std::string>> Ask() override;

 private:
  MemoryProcess& process_;
};

class MemoryLogDirectory final : public runtime::LogDirectory {
 public:
  explicit MemoryLogDirectory(MemoryProcess& process) : process_(process) {}

  [[nodiscard]] Result<std::vector<std::optional<std::int64_t>>> Committed(std::span<const runtime::LogId> logs) override;
  [[nodiscard]] Result<std::vector<std::int64_t>> Starts(std::span<const runtime::LogId> logs) override;
  [[nodiscard]] Result<std::vector<std::int64_t>> HighWatermarks(std::span<const runtime::LogId> logs) override;
  [[nodiscard]] Result<std::optional<runtime::TopicFacts>> Describe(const std::string& topic) override;
  [[nodiscard]] Result<void> Create(const std::string& topic, const runtime::TopicFacts& facts) override;

 private:
  MemoryProcess& process_;
};

}  // namespace antiphon::memory_log
