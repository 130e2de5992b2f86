#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "services/orchestrator/fault_points.h"
#include "services/orchestrator/live_partition.h"
#include "services/orchestrator/process_parts.h"
#include "services/runtime/output_sink.h"
#include "state/base/result.h"

namespace antiphon::orchestrator {

// CommitProtocol: how what the partitions of one worker did in a round becomes true, for every reader, once. One transaction holds their
// input positions, changelogs, metas, journals, contacts, decisions, messages and dead letters; RocksDB is written after it.
//
//            a partition has changes            records with the client                EndTxn answered: yes
//   kIdle ───────────────────────────▶ kOpen ───────────────────────────▶ kSealed ───────────────────────────▶ kCommitted
//     ▲                                  │                                    │                                     │
//     │                                  │ an append or a store failed        │ no, or nobody knows                 │ a store failed
//     │                                  ▼                                    ▼                                     ▼
//     │                                kLost ◀──────────────────────────── kLost ◀────────────────────────────── kLost
//     └─────────────────────────────────────────── every store written ─────────────────────────────────────────────┘
//
// What is where if the process dies, or loses:
//   before kCommitted   the transaction is aborted (by the next sink of this worker, or by its timeout): positions, changelog and outputs
//                       are as before, and RocksDB never had it. The inputs are read again.
//   in kCommitted       the cluster has all of it, RocksDB may lack it: restoring reads it from the changelog.
//   nobody knows        it is one of the two; RocksDB is not written, and restoring asks the cluster which.
// In kLost the sink is spent and every partition of the worker is to be dropped and restored; a new protocol begins with a new sink.
// Owned by a worker, used on its thread. Source: docs/live.md, "The commit".
class CommitProtocol {
 public:
  enum class State : std::uint8_t { kIdle, kOpen, kSealed, kCommitted, kLost };

  // Both outlive it.
  CommitProtocol(const ProcessParts& parts, runtime::OutputSink& sink) : parts_(parts), sink_(sink) {}

  // Commits what the partitions have to commit; nothing if they have nothing. All are owned by one assignment.
  // REQUIRES: state() is kIdle. After an Error it is kLost; kStopProcess if the process cannot go on.
  [[nodiscard]] Result<void> Run(std::span<const std::unique_ptr<LivePartition>> partitions);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }

 private:
  void MoveTo(State next);
  [[nodiscard]] Result<void> End(const runtime::MemberToken& member);
  [[nodiscard]] Result<void> StoreAll();

  const ProcessParts& parts_;
  runtime::OutputSink& sink_;
  State state_ = State::kIdle;
  std::vector<LivePartition*> sealed_;
  std::vector<runtime::LogPosition> positions_;
  std::vector<runtime::LogPosition> ends_;  // of the logs written to
  std::uint64_t commits_ = 0;
};

}  // namespace antiphon::orchestrator
