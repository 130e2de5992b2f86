#include "engine/topology/definitions.h"

#include <algorithm>
#include <array>
#include <set>

#include "engine/topology/canonical.h"
#include "engine/topology/slots.h"

namespace antiphon::topology {
namespace {

constexpr std::array kOpNames = {"count", "sum", "min", "max", "avg", "first", "last", "distinct", "time_since", "sessions"};

std::string TypeName(const EventField& field) {
  static constexpr std::array kNames = {"string", "bool", "int", "double", "decimal", "date", "timestamp", "list", "map"};
  std::string name = kNames[static_cast<std::size_t>(field.type)];
  if (field.type == FieldType::kDecimal) name += "(" + std::to_string(field.scale) + ")" + field.currency;
  return name;
}

// The fields of the event that the programs read, with their types: "amount decimal(2)CZK, purpose string".
std::string FieldsRead(const EventType& type, std::initializer_list<const std::optional<expression::Program>*> programs) {
  std::set<std::string> fields;
  for (const auto* program : programs) {
    if (!*program) continue;
    for (const expression::SlotUse& use : (*program)->slots()) {
      if (KindOfSlot(use.slot) != SlotKind::kEventField) continue;
      const EventField& field = type.fields[PositionOfSlot(use.slot)];
      fields.insert(field.name + " " + TypeName(field));
    }
  }
  std::string out;
  for (const std::string& field : fields) out += (out.empty() ? "" : ", ") + field;
  return out;
}

// "sum(event.amount) on transaction.posted [amount decimal(2)CZK] where event.amount>0; over 90 x 1d in Europe/Prague"
std::string Describe(const Topology& topology, const Feature& feature) {
  std::string out = kOpNames[static_cast<std::size_t>(feature.op)];
  std::vector<std::string> inputs;
  for (const FeatureInput& input : feature.inputs) {
    const EventType& type = topology.event_types[input.event_type];
    std::string text = input.value ? "(" + CanonicalExpression(input.value->text()) + ")" : "";
    text += " on " + type.name + " [" + FieldsRead(type, {&input.where, &input.value}) + "]";
    if (input.where) text += " where " + CanonicalExpression(input.where->text());
    inputs.push_back(std::move(text));
  }
  std::ranges::sort(inputs);
  for (const std::string& input : inputs) out += input + ";";
  if (feature.floating) out += " double";
  if (feature.rolling) out += " over " + std::to_string(feature.buckets) + " x " + FormatDuration(feature.rolling->grain());
  if (feature.calendar_period) out += " per calendar " + std::string(PeriodName(*feature.calendar_period));
  if (feature.rolling || feature.calendar_period)
    out += " in " + topology.zone.name() + " from weekday " + std::to_string(topology.week_starts.c_encoding());
  if (feature.gap.count() > 0) out += " gap " + FormatDuration(feature.gap);
  if (feature.op == FeatureOp::kDistinct) out += " at most " + std::to_string(feature.values_max);
  return out;
}

void AppendConditions(const Topology& topology, const std::vector<EventCondition>& conditions, CanonicalText& text) {
  text.Each(conditions, [&](const EventCondition& condition) {
    const EventType& type = topology.event_types[condition.event_type];
    text.Text(type.name).Text(FieldsRead(type, {&condition.where})).Expression(condition.where);
  });
}

// The places that runs stand at, what brings them on, and what they keep.
void AppendPattern(const Topology& topology, const Trigger& trigger, CanonicalText& text) {
  const pattern::CompiledPattern& compiled = trigger.pattern;
  const auto length = [](const Milliseconds& value) { return value; };
  text.Number(compiled.start).Optional<Milliseconds>(compiled.within, length);
  text.Number(static_cast<std::int64_t>(compiled.after_match)).Number(compiled.skip_to);
  text.Each(compiled.places, [&](const pattern::Place& place) {
    text.Number(place.step).Number(place.edge_count).Optional<Milliseconds>(place.within_previous, length);
    text.Flag(place.checks_previous).Flag(place.complete_when_due);
  });
  text.Each(compiled.edges, [&](const pattern::Edge& edge) {
    text.Number(static_cast<std::int64_t>(edge.kind)).Number(edge.target).Number(edge.literal_count);
  });
  text.Each(compiled.literals,
            [&](const pattern::Literal& literal) { text.Number(literal.condition).Flag(literal.negated).Flag(literal.ends_clause); });
  text.Each(compiled.conditions, [&](pattern::ConditionId condition) { AppendConditions(topology, trigger.conditions[condition], text); });
  text.Each(compiled.captures, [&](const pattern::CaptureSpec& capture) {
    text.Number(capture.step).Number(static_cast<std::int64_t>(capture.take));
    text.Each(trigger.capture_fields[capture.field], [&](const EventFieldRef& ref) {
      const EventType& type = topology.event_types[ref.event_type];
      text.Text(type.name);
      if (ref.field < type.fields.size())
        text.Text(type.fields[ref.field].name).Text(TypeName(type.fields[ref.field]));
      else
        text.Number(ref.field);
    });
  });
  text.Each(trigger.watches, [&](EventTypeIndex type) { text.Text(topology.event_types[type].name); });
  text.Length(trigger.lateness);
  if (trigger.lateness.count() == 0) return;
  for (const EventTypeIndex type : trigger.watches)  // events held back are kept by their fields' positions
    text.Each(topology.event_types[type].fields, [&](const EventField& field) { text.Text(field.name).Text(TypeName(field)); });
}

}  // namespace

void DescribeDefinitions(Topology& topology) {
  for (Feature& feature : topology.features) feature.definition = Describe(topology, feature);
  for (Trigger& trigger : topology.triggers) {
    CanonicalText text;
    switch (trigger.kind) {
      case TriggerKind::kEvent:
        trigger.definition = "event";
        continue;
      case TriggerKind::kDate:
        text.Text(topology.profile_fields[trigger.date.field.value()].name).Number(static_cast<std::int64_t>(trigger.date.rule.every));
        text.Length(trigger.date.rule.at).Number(static_cast<std::int64_t>(trigger.date.rule.feb29)).Number(trigger.date.rule.offset_days);
        trigger.definition = "date " + ToHex(HashBytes128(text.bytes()));
        continue;
      case TriggerKind::kPattern:
        AppendPattern(topology, trigger, text);
        trigger.definition = "pattern " + ToHex(HashBytes128(text.bytes()));
        continue;
    }
  }
}

}  // namespace antiphon::topology
