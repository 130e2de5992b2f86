#include "engine/topology/names_in_reach.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/topology/slots.h"
#include "engine/topology/words.h"

namespace antiphon::topology {
namespace {

using expression::ArgumentCheck;
using expression::Declarations;
using expression::EntryCheck;
using expression::EntryLiteral;
using expression::FunctionOverload;
using expression::Type;
using expression::Variable;

// One key of a contact filter.
struct FilterKey {
  std::string_view key;
  std::optional<NameList> list = {};    // its values are names; or
  std::vector<std::string> words = {};  // words of a closed list, sorted
  bool foreign = false;                 // contacts of other systems may have others
};

const std::vector<FilterKey>& FilterKeys() {
  static const std::vector<FilterKey> kKeys = {
      {.key = "campaign", .list = NameList::kCampaigns},
      {.key = "channel", .list = NameList::kChannels},
      {.key = "class", .words = ClassNames()},
      {.key = "direction", .words = {"inbound", "outbound"}},
      {.key = "group", .list = NameList::kGroups, .foreign = true},
      {.key = "issue", .list = NameList::kIssues, .foreign = true},
      {.key = "offer", .list = NameList::kOffers, .foreign = true},
      {.key = "product", .list = NameList::kOfferProducts, .foreign = true},
      {.key = "status",
       .words = {"accepted", "cancelled", "clicked", "declined", "delivered", "expired", "failed", "no_response", "planned", "presented",
                 "proposed", "released", "seen", "sent", "withheld"}},
  };
  return kKeys;
}

void AddFunction(Declarations& scope, const char* name, FunctionId id, std::vector<Type> parameters, Type result,
                 ArgumentCheck argument_check = {}, EntryCheck entry_check = {}) {
  scope.AddFunction(name, FunctionOverload{.parameters = std::move(parameters),
                                           .result = std::move(result),
                                           .function = expression::HostFunction{static_cast<std::uint32_t>(id)},
                                           .argument_check = std::move(argument_check),
                                           .entry_check = std::move(entry_check)});
}

// A complaint if `literal` is not one of `names`.
std::optional<std::string> CheckName(std::string_view what, const std::vector<std::string>& names, std::string_view literal) {
  if (PositionOf(names, literal)) return std::nullopt;
  const std::string remedy = Suggest(literal, names);
  return "no " + std::string(what) + " is called '" + std::string(literal) + "'" + (remedy.empty() ? "" : "; " + remedy);
}

// What the arguments of a function name, in their order.
struct NamedArgument {
  const char* what;
  NameList list;
};
ArgumentCheck NameCheck(const NameLists& names, std::vector<NamedArgument> arguments) {
  return [names, arguments = std::move(arguments)](std::size_t index, std::string_view literal) -> std::optional<std::string> {
    if (index >= arguments.size()) return std::nullopt;
    return CheckName(arguments[index].what, names(arguments[index].list), literal);
  };
}

std::optional<std::string> CheckFilterKey(std::string_view key) {
  std::vector<std::string> keys;
  for (const FilterKey& known : FilterKeys()) {
    if (known.key == key) return std::nullopt;
    keys.emplace_back(known.key);
  }
  return CheckName("key of a contact filter", keys, key);
}

EntryCheck FilterCheck(const NameLists& names, decltype(ContactFindings::on_foreign) on_foreign) {
  return [names, on_foreign = std::move(on_foreign)](const EntryLiteral& entry) -> std::optional<std::string> {
    if (!entry.value) return CheckFilterKey(entry.key);
    const FilterKey& key = *std::ranges::find(FilterKeys(), entry.key, &FilterKey::key);
    const std::vector<std::string>& known = key.list ? names(*key.list) : key.words;
    if (!key.foreign) return CheckName(key.key, known, *entry.value);
    if (on_foreign && !PositionOf(known, *entry.value)) on_foreign(key.key, entry, known);
    return std::nullopt;
  };
}

}  // namespace

std::string UnitOf(std::string_view currency, std::uint8_t scale) {
  return currency.empty() ? std::string{} : std::string(currency) + ":" + std::to_string(scale);
}

ValueType TypeOfField(const EventField& field) {
  switch (field.type) {
    case FieldType::kString:
      return {Type::String(), {}};
    case FieldType::kBool:
      return {Type::Bool(), {}};
    case FieldType::kInt:
      return {Type::Int(), {}};
    case FieldType::kDouble:
      return {Type::Double(), {}};
    case FieldType::kDecimal:
      return {Type::Int(), UnitOf(field.currency, field.scale)};
    case FieldType::kDate:
    case FieldType::kTimestamp:
      return {Type::Timestamp(), {}};
    case FieldType::kStringList:
      return {Type::List(Type::String()), {}};
    case FieldType::kMap:
      return {Type::Map(Type::String(), Type::Dyn()), {}};
  }
  return {};
}

void DeclareCustomer(const Topology& topology, const NameLists& names, Declarations& scope) {
  scope.AddVariable("now", Variable{Type::Timestamp(), MakeSlot(SlotKind::kNow), {}});
  scope.AddVariable("customer.id", Variable{Type::String(), MakeSlot(SlotKind::kCustomerId), {}});
  if (topology.birth_date) scope.AddVariable("customer.age", Variable{Type::Int(), MakeSlot(SlotKind::kCustomerAge), {}});
  for (std::size_t i = 0; i < topology.profile_fields.size(); ++i) {
    const ProfileFieldDefinition& field = topology.profile_fields[i];
    EventField like;
    like.type = field.type;
    scope.AddVariable("customer." + field.name,
                      Variable{TypeOfField(like).type, MakeSlot(SlotKind::kProfileField, static_cast<std::uint32_t>(i)), field.unit});
  }
  AddFunction(scope, "customer.holds", FunctionId::kHolds, {Type::String()}, Type::Bool(),
              NameCheck(names, {{"product", NameList::kProducts}}));
  AddFunction(scope, "customer.holdings", FunctionId::kHoldingsCount, {Type::String()}, Type::Int(),
              NameCheck(names, {{"product", NameList::kProducts}}));
  AddFunction(scope, "customer.consents", FunctionId::kConsents, {Type::String(), Type::String()}, Type::Bool(),
              NameCheck(names, {{"purpose", NameList::kPurposes}, {"channel", NameList::kChannels}}));
  AddFunction(scope, "customer.suppressed", FunctionId::kSuppressed, {Type::String()}, Type::Bool(),
              NameCheck(names, {{"suppression", NameList::kSuppressions}}));
}

void DeclareFeature(const Topology& topology, std::uint32_t feature, Declarations& scope) {
  const Feature& declared = topology.features[feature];
  scope.AddVariable("features." + declared.name, Variable{declared.type, MakeSlot(SlotKind::kFeature, feature), declared.unit});
}

void DeclareFeaturePrevious(const Topology& topology, std::uint32_t feature, Declarations& scope) {
  const Feature& declared = topology.features[feature];
  scope.AddVariable("features." + declared.name + ".previous",
                    Variable{declared.type, MakeSlot(SlotKind::kFeaturePrevious, feature), declared.unit});
}

void DeclareSegment(const Topology& topology, std::uint32_t scheme, Declarations& scope) {
  scope.AddVariable("segments." + topology.segments[scheme].name, Variable{Type::String(), MakeSlot(SlotKind::kSegment, scheme), {}});
}

void DeclareContacts(const NameLists& names, ContactFindings findings, Declarations& scope) {
  const Type filter = Type::Map(Type::String(), Type::String());
  const EntryCheck check = FilterCheck(names, std::move(findings.on_foreign));
  AddFunction(scope, "contacts.count", FunctionId::kContactsCount, {filter}, Type::Int(), {}, check);
  AddFunction(scope, "contacts.count", FunctionId::kContactsCountIn, {filter, Type::Duration()}, Type::Int(), {}, check);
  AddFunction(scope, "contacts.last", FunctionId::kContactsLast, {filter}, Type::Timestamp(), {}, check);
  AddFunction(scope, "since", FunctionId::kSince, {Type::String()}, Type::Duration(),
              [names, on_since = std::move(findings.on_since)](std::size_t /*index*/, std::string_view literal) {
                if (on_since) on_since(literal);
                return CheckName("scheme of segments", names(NameList::kSchemes), literal);
              });
}

void DeclareEvent(const Topology& topology, EventTypeIndex type, Declarations& scope) {
  scope.AddVariable("event.time", Variable{Type::Timestamp(), MakeSlot(SlotKind::kEventTime), {}});
  scope.AddVariable("event.type", Variable{Type::String(), MakeSlot(SlotKind::kEventType), {}});
  scope.AddVariable("event.id", Variable{Type::String(), MakeSlot(SlotKind::kEventId), {}});
  const std::vector<EventField>& fields = topology.event_types[type].fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    ValueType value = TypeOfField(fields[i]);
    scope.AddVariable(
        "event." + fields[i].name,
        Variable{std::move(value.type), MakeSlot(SlotKind::kEventField, static_cast<std::uint32_t>(i)), std::move(value.unit)});
  }
}

}  // namespace antiphon::topology
