#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "services/formats/dead_letter.h"
#include "services/formats/live_records.h"
#include "services/orchestrator/lane.h"
#include "services/orchestrator/ledger_output.h"
#include "services/runtime/partition_task.h"
#include "state/base/result.h"

namespace antiphon::orchestrator {

// What the records of a partition became.
struct GateFigures {
  std::uint64_t records = 0;
  std::map<std::string, std::uint64_t, std::less<>> skipped;  // by undeclared type
  std::map<formats::DeadLetterReason, std::uint64_t> dead_letters;
};

// InputGate: what becomes of one record of a partition's input: an event or control record that is applied at `now` = max(clock, its time),
// a dead letter, or nothing. A live run and the replay of its journal go through the same gate: its answer depends on the record, the
// settings and the floor in force alone. Owned by the partition. Source: docs/live.md, "Reading".
class InputGate {
 public:
  // All must outlive the gate.
  InputGate(const formats::LiveSettings& settings, std::uint32_t partition, runtime::PartitionTask& task, LedgerOutput& output)
      : settings_(settings), partition_(partition), task_(task), output_(output) {}

  // Of a record that asks for a version, `refused` says why not; empty: it is activated, by the caller, after this, where the clock stands.
  // `topic` is its name; `is_control`: it is antiphon.control, `input` its number among the process's topics. What is written of a record
  // that was re-keyed names where that came from instead. An Error is the task's, or of the output.
  struct Origin {
    std::string_view topic;
    std::uint32_t input = 0;
    std::int32_t partition = 0;
    bool is_control = false;
  };
  [[nodiscard]] Result<void> Apply(const LaneItem& item, const Origin& lane, EngineTime floor, const std::string& refused = {});
  // True if the record asks for a version of the topology, and is a good one of its kind: whoever applies it says whether it is refused.
  [[nodiscard]] bool AsksForVersion(const LaneItem& item, const Origin& origin, EngineTime floor) const;

  [[nodiscard]] const GateFigures& figures() const { return figures_; }

 private:
  struct Verdict {
    formats::DeadLetterReason reason = formats::DeadLetterReason::kNone;
    std::string_view message;
  };
  [[nodiscard]] Verdict Judge(const LaneItem& item, const Origin& origin, EngineTime floor) const;
  void PutDeadLetter(const LaneItem& item, const Origin& origin, const Verdict& verdict);

  const formats::LiveSettings& settings_;
  std::uint32_t partition_;
  runtime::PartitionTask& task_;
  LedgerOutput& output_;
  GateFigures figures_;
};

}  // namespace antiphon::orchestrator
