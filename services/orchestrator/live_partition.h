#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/formats/live_records.h"
#include "services/orchestrator/decoders.h"
#include "services/orchestrator/directory_claims.h"
#include "services/orchestrator/input_gate.h"
#include "services/orchestrator/lane.h"
#include "services/orchestrator/ledger_output.h"
#include "services/orchestrator/live_figures.h"
#include "services/orchestrator/live_journal.h"
#include "services/orchestrator/process_parts.h"
#include "services/orchestrator/record_feed.h"
#include "services/orchestrator/rekey_progress.h"
#include "services/orchestrator/rekeyed_records.h"
#include "services/orchestrator/topology_library.h"
#include "services/runtime/event_source.h"
#include "services/runtime/membership.h"
#include "services/runtime/output_sink.h"
#include "services/runtime/partition_task.h"
#include "state/base/result.h"
#include "state/base/time.h"
#include "state/store/rocksdb/rocks_store.h"

namespace antiphon::orchestrator {

// The names under which a partition's store keeps what a live run needs, beside the partition's state (CommitMeta).
inline constexpr std::string_view kLiveMeta = "live";            // antiphon.v1.PartitionMeta of the last commit that is stored
inline constexpr std::string_view kChangelogMeta = "changelog";  // the offset in antiphon.state from which the store lacks records, decimal

// Where a restored partition goes on.
struct PartitionStart {
  std::int32_t partition = 0;
  formats::PartitionMeta meta;                  // sequence 0: a partition that never committed
  std::vector<runtime::LogPosition> positions;  // of every lane: TopicTable::lanes in order, control last
  std::shared_ptr<const runtime::MemberToken> member;
  std::optional<DirectoryClaims::Claim> claim;  // of the store, where others could have it
};

// LivePartition: one partition that this process owns and that is up to date: its store, its task, its lanes, and what the transaction
// under way will say of it. Used on one worker's thread.
//
//   BeginRound -> (Pass | SetEnds)* -> Tick -> Seal -> [the transaction is committed] -> Store -> BeginRound ..
//
// After an Error, or a transaction that was not committed, it is to be dropped and restored: its store holds what the cluster does not
// have. Source: docs/live.md, "A worker's round".
class LivePartition {
 public:
  // What a partition works with; all outlive it.
  struct Means {
    runtime::EventSource* source = nullptr;
    ControlLog* control = nullptr;
    const Decoders* decoders = nullptr;  // for the version
    OutputLines* lines = nullptr;
    TransactionCounts* counts = nullptr;  // of the worker
  };

  // Opens the restored store with a version of the topology and starts reading.
  [[nodiscard]] static Result<std::unique_ptr<LivePartition>> Open(const ProcessParts& parts, PartitionStart start, TopologyChoice choice,
                                                                   const Means& means);

  // A round begins at wall time `wall`: the floor rises to it, no lane is known to be idle.
  void BeginRound(EngineTime wall);

  // Applies up to `inputs_max` records, the least time first, until a lane that is not known to be idle is empty. Returns how many.
  [[nodiscard]] Result<std::uint32_t> Pass(std::uint32_t inputs_max);

  // True if a record waits, that another lane may hold up.
  [[nodiscard]] bool HasHeads() const;
  // The lanes that hold up the merge, or the clock: empty, and not known to be idle.
  void AppendUnknown(std::vector<runtime::LogId>& logs) const;
  // The stable end of one of them, asked after the round began. True if it is this partition's, and idle. Of rekeyed an end before which
  // is all that stood in the topics behind it `as_of` then: idle only if that is not before the records that wait, or this round; for the
  // clock, which goes no further than that, it is enough.
  bool SetEnd(runtime::LogId log, std::int64_t end, const std::optional<RekeyedAsOf>& as_of = std::nullopt);
  // How long from `now` until the first lane that waits in vain may be found idle; nothing: none waits. Clock::Monotonic.
  [[nodiscard]] std::optional<Milliseconds> WaitLeft(Milliseconds now) const;

  // If all lanes are idle and a timer is due by the round's wall time (or that as of which one is idle), the clock goes on to it. Nothing
  // under `clock: event`.
  [[nodiscard]] Result<void> Tick();
  // The first timer, if there is one.
  [[nodiscard]] Result<std::optional<EngineTime>> NextDue();

  // True if a control record that asks for a version of the topology is next: nothing more is applied until it is answered.
  [[nodiscard]] bool AsksForVersion() const { return asks_for_version_; }
  // Answers it, by what the library has: it is refused, or what was applied so far is the last of this version. REQUIRES: AsksForVersion().
  [[nodiscard]] Result<void> AnswerVersion(TopologyLibrary& library);
  // True if it was not refused: after the commit the partition is to be restored, and opened with the version that its meta says.
  [[nodiscard]] bool IsLeavingVersion() const { return leaves_for_.has_value(); }

  // True if there is something to commit.
  [[nodiscard]] bool HasChanges() const { return journal_.HasInputs(); }
  // True if the store should be relieved soon.
  [[nodiscard]] bool WantsCommit() const { return task_->store().WantsCommit(); }

  // Appends changelog, meta and journal to the transaction, to the first one also who owns it (owner_record.h), and the group's positions
  // to `positions`.
  [[nodiscard]] Result<void> Seal(runtime::OutputSink& sink, std::vector<runtime::LogPosition>& positions);
  // The transaction is committed: writes it to the store. `changelog_end`: the offset after its last record in the changelog, if it is
  // known.
  [[nodiscard]] Result<void> Store(std::optional<std::int64_t> changelog_end);

  // Where each lane goes on, TopicTable::lanes in order, control last.
  [[nodiscard]] std::vector<runtime::LogPosition> Positions() const;
  [[nodiscard]] EngineTime wall() const { return wall_; }  // of the round
  [[nodiscard]] std::int32_t partition() const { return start_.partition; }
  [[nodiscard]] const runtime::MemberToken& member() const { return *start_.member; }
  [[nodiscard]] std::uint64_t sequence() const { return sequence_; }
  [[nodiscard]] runtime::PartitionTask& task() { return *task_; }
  [[nodiscard]] const Hash128& version() const { return settings_.topology_version; }
  [[nodiscard]] const GateFigures& gate_figures() const { return gate_->figures(); }

 private:
  LivePartition(const ProcessParts& parts, PartitionStart start, TopologyChoice choice, const Means& means);

  [[nodiscard]] Result<void> OpenTask();
  [[nodiscard]] Result<void> OpenLanes(const Means& means);

  struct LaneState {
    Lane lane;
    bool idle = false;  // had nothing unread when it was asked in this round, and nothing has come since
    // The same for the clock alone: of rekeyed, asked before this round.
    bool clock_idle = false;
    EngineTime idle_as_of = EngineTime::max();
    // Clock::Monotonic; a lane with a `wait`: it is empty, and records of others wait.
    std::optional<Milliseconds> holds_since = std::nullopt;
  };

  [[nodiscard]] Result<LaneState*> NextLane();
  void Prefetch(const LaneItem* ahead);
  [[nodiscard]] Result<void> ApplyHead(LaneState& from);
  void NoteBlocked();
  [[nodiscard]] InputGate::Origin OriginOf(const LaneState& lane) const;
  void UseFloor();
  [[nodiscard]] formats::PartitionMeta MakeMeta() const;
  void CountTask();
  [[nodiscard]] bool IsControl(const LaneState& lane) const { return &lane == &lanes_.back(); }

  const ProcessParts& parts_;
  PartitionStart start_;
  TopologyChoice choice_;
  formats::LiveSettings settings_;  // of the process, with the partition's version
  TransactionCounts& counts_;
  runtime::TaskFigures counted_;  // of the task's figures
  LedgerOutput output_;
  std::unique_ptr<runtime::PartitionTask> task_;
  std::unique_ptr<InputGate> gate_;
  std::optional<RekeyedReader> rekeyed_;
  std::optional<Milliseconds> blocked_since_;  // records wait for lanes that are empty. Clock::Monotonic, and so:
  Milliseconds round_began_{0};
  std::vector<LaneState> lanes_;  // TopicTable::lanes in order, control last
  LiveJournal journal_;
  std::string dictionary_;  // to be written with the first commit; empty afterwards
  EngineTime wall_{};       // of the round
  EngineTime floor_{};
  EngineTime floor_journaled_{};
  std::uint64_t sequence_ = 0;
  bool asks_for_version_ = false;
  std::optional<Hash128> leaves_for_;  // the version with which the partition is opened after this commit
  std::string sealed_meta_;
  bool owner_told_ = false;  // in antiphon.owners
  std::string key_;          // reused
};

}  // namespace antiphon::orchestrator
