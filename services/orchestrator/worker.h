#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "services/orchestrator/clock_watch.h"
#include "services/orchestrator/commit_protocol.h"
#include "services/orchestrator/decoders.h"
#include "services/orchestrator/live_partition.h"
#include "services/orchestrator/partition_restore.h"
#include "services/orchestrator/process_parts.h"
#include "services/orchestrator/rekey_progress.h"
#include "services/orchestrator/topology_log.h"
#include "services/orchestrator/transaction_lines.h"
#include "services/orchestrator/worker_figures.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log_directory.h"
#include "services/runtime/membership.h"
#include "services/runtime/output_sink.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

// Worker: some partitions of a process, one thread, one source, one sink: it does rounds (docs/live.md, "A worker's round"). Its life:
//
//   empty  -> restoring   Assign
//   restoring -> active   partition by partition, as each is up to date
//   any    -> restoring   a transaction is lost: every partition anew, with a new sink
//   active -> restoring   a partition that was told to run another version of the topology, after the commit that says so
//   any    -> empty       Revoke: the transaction under way is committed, or aborted if the assignment was lost
//
// Assign, Revoke and Stop are called by the process's thread, which waits for Revoke; everything else happens on the worker's. A test calls
// Round() itself instead of Run().
class Worker {
 public:
  struct Options {
    std::uint32_t number = 0;
    std::unique_ptr<runtime::EventSource> source;
    runtime::OutputSinkFactory* sinks = nullptr;  // outlives the worker
    runtime::LogDirectory* directory = nullptr;   // outlives the worker
    runtime::LogDirectory* rekeyed = nullptr;     // of the re-keyers' group; outlives the worker. Where there are such inputs
  };
  Worker(const ProcessParts& parts, Options options);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  // From the process's thread.
  void Assign(std::vector<std::int32_t> partitions, std::shared_ptr<const runtime::MemberToken> member);
  // Ready when the worker has let go of all its partitions.
  [[nodiscard]] std::future<void> Revoke(bool lost);
  void Stop();

  // The thread: until Stop, or an Error that the process must stop for.
  [[nodiscard]] Result<void> Run();

  // One round, commands first. True if it did something. An Error is one that the process must stop for.
  [[nodiscard]] Result<bool> Round();

  [[nodiscard]] std::span<const std::unique_ptr<LivePartition>> active() const { return active_; }  // for tests, between rounds

 private:
  struct Command {
    enum class Kind : std::uint8_t { kAssign, kRevoke, kStop };
    Kind kind = Kind::kStop;
    std::vector<std::int32_t> partitions;
    std::shared_ptr<const runtime::MemberToken> member;
    bool lost = false;
    std::promise<void> done;
  };

  void Send(Command command);
  [[nodiscard]] Result<void> TakeCommands();
  void LetGo(bool lost);
  void BeginRestoring();

  [[nodiscard]] Result<bool> TryRound();
  // Of this round.
  [[nodiscard]] Result<EngineTime> WallTime();
  [[nodiscard]] Result<bool> StepRestores();
  [[nodiscard]] Result<void> Activate(PartitionStart start, std::uint64_t restored);
  [[nodiscard]] Result<const Decoders*> DecodersOf(const TopologyParts& version);
  // Answers the control records that ask for a version of the topology, when all that was published is read.
  [[nodiscard]] Result<void> AnswerVersions();
  // Restores those that leave their version.
  void LeaveVersions();
  [[nodiscard]] Result<void> ApplyUntilFull();
  [[nodiscard]] Result<std::uint32_t> PassAll(std::uint32_t inputs_max);
  [[nodiscard]] Result<bool> AskEnds();
  [[nodiscard]] Result<bool> AskStableEnds(std::span<const runtime::LogId> logs);
  [[nodiscard]] Result<bool> AskRekeyed(std::span<const runtime::LogId> logs);
  [[nodiscard]] bool SetEnds(std::span<const runtime::LogId> logs, std::span<const std::int64_t> ends,
                             const std::optional<RekeyedAsOf>& as_of);
  [[nodiscard]] Result<bool> Commit();
  // Drops everything that is not committed; what is owned is restored.
  void Lose(const Error& why);
  void WaitForWork();

  const ProcessParts& parts_;
  Options options_;
  ControlLog control_;
  TopologyLog topologies_;
  std::map<Hash128, Decoders> decoders_;  // by version of the topology

  std::mutex mutex_;
  std::deque<Command> commands_;  // guarded by mutex_
  bool stopping_ = false;

  std::vector<std::int32_t> owned_;
  std::shared_ptr<const runtime::MemberToken> member_;
  std::unique_ptr<runtime::OutputSink> sink_;
  std::unique_ptr<CommitProtocol> protocol_;
  std::vector<std::unique_ptr<PartitionRestore>> restoring_;
  std::vector<std::unique_ptr<TransactionLines>> lines_;  // of active_
  std::vector<std::unique_ptr<LivePartition>> active_;    // before lines_ and sink_ in destruction
  bool asks_for_version_ = false;                         // one of active_ did at the end of the last round
  std::vector<runtime::LogId> unknown_;                   // reused
  std::optional<RekeyProgress> rekeyed_;
  Milliseconds committed_at_{0};
  Milliseconds not_before_{0};  // after a loss: no round until then
  ClockWatch watch_;
  WorkerFigures figures_;
};

}  // namespace antiphon::orchestrator
