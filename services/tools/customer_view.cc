#include "services/tools/customer_view.h"

#include <algorithm>

#include "engine/topology/slots.h"
#include "services/tools/value_text.h"

namespace antiphon::tools {
namespace {

using expression::Value;
using topology::SlotKind;

std::string UnitOf(const topology::Topology& topology, expression::HostSlot slot) {
  const std::uint32_t position = topology::PositionOfSlot(slot);
  switch (topology::KindOfSlot(slot)) {
    case SlotKind::kFeature:
    case SlotKind::kFeaturePrevious:
      return topology.features[position].unit;
    case SlotKind::kProfileField:
      return topology.profile_fields[position].unit;
    default:
      return {};
  }
}

// NotingHost: answers as another host does, and notes the answers.
class NotingHost final : public expression::Host {
 public:
  NotingHost(const expression::Program& program, const topology::Topology& topology, const expression::Host& host)
      : program_(program), topology_(topology), host_(host) {}

  [[nodiscard]] Value Load(expression::HostSlot slot) const override {
    const Value value = host_.Load(slot);
    std::string name = "?";
    for (const expression::SlotUse& use : program_.slots()) {
      if (use.slot == slot) name = use.name;
    }
    Note(std::move(name), ValueText(value, UnitOf(topology_, slot)));
    return value;
  }

  [[nodiscard]] Value Call(expression::HostFunction function, std::span<const Value> args, expression::Arena& arena) const override {
    const Value value = host_.Call(function, args, arena);
    std::string name = "?";
    for (const expression::FunctionUse& use : program_.functions()) {
      if (use.function == function) name = use.name;
    }
    name += '(';
    for (const Value& arg : args) name.append(&arg == args.data() ? "" : ", ").append(ValueText(arg));
    Note(name += ')', ValueText(value));
    return value;
  }

  [[nodiscard]] std::vector<Reading> TakeReadings() { return std::move(readings_); }

 private:
  void Note(std::string name, std::string value) const {
    const bool known = std::any_of(readings_.begin(), readings_.end(), [&name](const Reading& reading) { return reading.name == name; });
    if (!known) readings_.push_back({.name = std::move(name), .value = std::move(value)});
  }

  const expression::Program& program_;
  const topology::Topology& topology_;
  const expression::Host& host_;
  mutable std::vector<Reading> readings_;
};

}  // namespace

EvaluationResult EvaluateAndNote(const expression::Program& program, CustomerView& view, const decision::Evaluation& evaluation) {
  NotingHost host(program, view.topology(), evaluation);
  EvaluationResult result;
  result.value = program.Evaluate(host, view.step().scratch.arena);
  result.readings = host.TakeReadings();
  return result;
}

EvaluationResult EvaluateAndNote(const expression::Program& program, CustomerView& view) {
  return EvaluateAndNote(program, view, decision::Evaluation(view.step()));
}

}  // namespace antiphon::tools
