#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/expression/arena.h"
#include "engine/topology/topology.h"
#include "services/formats/decode_plan.h"
#include "services/formats/decoded.h"
#include "services/formats/value_reader.h"
#include "state/model/partition_state.h"

namespace antiphon::formats {

// EventDraft: what has been read of one record so far, whatever its format. Texts are borrowed from the record or the arena.
struct EventDraft {
  const DecodePlan* plan = nullptr;
  std::span<const ColumnForm> forms;  // by member of the plan; empty: values as JSON has them
  expression::Arena* arena = nullptr;
  std::span<expression::Value> fields;
  std::string_view source;  // empty: the type's
  std::string_view id;
  std::string_view customer;
  std::optional<EngineTime> time;
  bool backfill = false;
  int control_targets = 0;
  state::PausedKind paused = state::PausedKind::kAll;
  std::string_view control_id;
  std::string_view control_version;
  ValueFault fault;           // the first one
  std::string_view fault_at;  // the path of its value

  void SetControlTarget(state::PausedKind kind, std::string_view named) {
    ++control_targets;
    paused = kind;
    control_id = named;
  }
  void SetControlVersion(std::string_view version) {
    if (version.empty()) return;
    ++control_targets;
    control_version = version;
  }
  void Note(const ValueFault& found, std::string_view at) {
    if (fault.bad()) return;
    fault = found;
    fault_at = at;
  }
};

// The reason that a fault of a value has where the value is an id, a customer, a time.
[[nodiscard]] ValueFault AsIdFault(ValueFault fault);
[[nodiscard]] ValueFault AsCustomerFault(ValueFault fault);
[[nodiscard]] ValueFault AsTimeFault(ValueFault fault);

// DraftFinisher: a draft -> an event, a control record, or a dead letter: the rules that hold for every format. Keeps its memory.
class DraftFinisher {
 public:
  // `topology` must outlive it.
  explicit DraftFinisher(const topology::Topology& topology) : topology_(topology) {}

  // `type` is a number of TypePlans, the draft's.
  void Finish(EventDraft& draft, std::uint32_t type, const RecordPosition& position, Decoded& out);

 private:
  void FinishEvent(EventDraft& draft, std::uint32_t type, const RecordPosition& position, Decoded& out);
  void FinishControl(const EventDraft& draft, bool pause, Decoded& out) const;
  static void FinishActivation(const EventDraft& draft, Decoded& out);
  std::string_view MadeId(const topology::EventType& type, const RecordPosition& position, expression::Arena& arena);

  const topology::Topology& topology_;
  std::string made_id_;
};

}  // namespace antiphon::formats
