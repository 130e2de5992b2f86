#include "services/orchestrator/input_gate.h"

#include <algorithm>

#include "services/runtime/partitioner.h"

namespace antiphon::orchestrator {

using formats::DeadLetterReason;
using Kind = formats::Decoded::Kind;

InputGate::Verdict InputGate::Judge(const LaneItem& item, const Origin& origin, EngineTime floor) const {
  const formats::Decoded& decoded = item.decoded;
  if (decoded.kind == Kind::kDeadLetter) return {.reason = decoded.reason, .message = decoded.message};
  if (decoded.kind == Kind::kSkipped) return {};
  if (origin.is_control != (decoded.kind == Kind::kControl || decoded.kind == Kind::kActivation)) {
    return {.reason = DeadLetterReason::kBadControl,
            .message = origin.is_control ? "only control records belong here" : "control records belong on the control topic"};
  }
  if (decoded.kind == Kind::kEvent && runtime::PartitionOf(decoded.event.customer, settings_.partitions) != partition_) {
    return {.reason = DeadLetterReason::kWrongPartition,
            .message = "the customer belongs to another partition; is the topic keyed by him?"};
  }
  if (settings_.wall_clock && decoded.time && *decoded.time > floor + settings_.ahead) {
    return {.reason = DeadLetterReason::kTimeOutOfBounds, .message = "later than wall time allows (clock.ahead)"};
  }
  return {};
}

bool InputGate::AsksForVersion(const LaneItem& item, const Origin& origin, EngineTime floor) const {
  return item.decoded.kind == Kind::kActivation && Judge(item, origin, floor).reason == DeadLetterReason::kNone;
}

Result<void> InputGate::Apply(const LaneItem& item, const Origin& lane, EngineTime floor, const std::string& refused) {
  ++figures_.records;
  const Origin origin =
      item.source ? Origin{.topic = item.source->topic, .input = item.source->input, .partition = item.source->partition} : lane;
  Verdict verdict = Judge(item, origin, floor);
  if (verdict.reason == DeadLetterReason::kNone && !refused.empty())
    verdict = {.reason = DeadLetterReason::kBadControl, .message = refused};
  if (verdict.reason != DeadLetterReason::kNone) {
    PutDeadLetter(item, origin, verdict);
    return output_.status();
  }
  const formats::Decoded& decoded = item.decoded;
  if (decoded.kind == Kind::kSkipped) {
    const auto found = figures_.skipped.find(decoded.type);
    ++(found != figures_.skipped.end() ? found->second : figures_.skipped[std::string(decoded.type)]);
    return {};
  }
  if (decoded.kind == Kind::kActivation) return {};  // it says nothing of a customer, and moves no clock
  output_.BeginInput(origin.input, item.correlation);
  const bool is_event = decoded.kind == Kind::kEvent;
  const EngineTime now = std::max(task_.clock(), is_event ? decoded.event.time : decoded.control.time);
  auto applied = is_event ? task_.ApplyEvent(decoded.event, now) : task_.ApplyControl(decoded.control, now);
  if (!applied) return applied;
  return output_.status();
}

// A control record that cannot be read is one dead letter, not one of each partition.
void InputGate::PutDeadLetter(const LaneItem& item, const Origin& origin, const Verdict& verdict) {
  if (origin.is_control && partition_ != 0) return;
  ++figures_.dead_letters[verdict.reason];
  const std::string_view customer = item.decoded.kind == Kind::kEvent ? item.decoded.event.customer : std::string_view();
  output_.PutDeadLetter({.source = origin.topic,
                         .file = static_cast<std::uint32_t>(origin.partition),
                         .line = 0,
                         .offset = static_cast<std::uint64_t>(item.source ? item.source->offset : item.offset),
                         .reason = verdict.reason,
                         .message = verdict.message,
                         .time = item.decoded.time,
                         .bytes = item.bytes.substr(0, formats::kDeadLetterBytesMax)},
                        customer, task_.clock());
}

}  // namespace antiphon::orchestrator
