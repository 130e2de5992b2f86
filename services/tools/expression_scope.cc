#include "services/tools/expression_scope.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/calendar/nearest_name.h"
#include "engine/topology/slots.h"

namespace antiphon::tools {
namespace {

using expression::ArgumentCheck;
using expression::Declarations;
using expression::FunctionOverload;
using expression::Type;
using topology::FieldType;
using topology::FunctionId;
using topology::MakeSlot;
using topology::SlotKind;
using topology::Topology;

template <typename Definitions>
std::vector<std::string> NamesOf(const Definitions& definitions) {
  std::vector<std::string> names;
  for (const auto& definition : definitions) {
    if constexpr (requires { definition.id; }) {
      names.push_back(definition.id);
    } else if constexpr (requires { definition.name; }) {
      names.push_back(definition.name);
    } else {
      names.push_back(definition);
    }
  }
  return names;
}

// A complaint if the literal at `at` is not one of `names`.
ArgumentCheck NameCheck(std::size_t at, std::string what, std::vector<std::string> names) {
  return [at, what = std::move(what), names = std::move(names)](std::size_t index, std::string_view literal) -> std::optional<std::string> {
    if (index != at || std::find(names.begin(), names.end(), literal) != names.end()) return std::nullopt;
    return "no " + what + " is called '" + std::string(literal) + "'" + calendar::DidYouMean(literal, names);
  };
}

Type TypeOf(FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return Type::Bool();
    case FieldType::kInt:
    case FieldType::kDecimal:
      return Type::Int();
    case FieldType::kDouble:
      return Type::Double();
    case FieldType::kDate:
    case FieldType::kTimestamp:
      return Type::Timestamp();
    case FieldType::kString:
    case FieldType::kStringList:  // records do not keep lists and maps
    case FieldType::kMap:
      break;
  }
  return Type::String();
}

void AddFunction(Declarations& scope, const char* name, FunctionId id, std::vector<Type> parameters, Type result,
                 ArgumentCheck check = {}) {
  scope.AddFunction(name, FunctionOverload{.parameters = std::move(parameters),
                                           .result = std::move(result),
                                           .function = expression::HostFunction{static_cast<std::uint32_t>(id)},
                                           .argument_check = std::move(check)});
}

void DeclareCustomer(const Topology& topology, Declarations& scope) {
  scope.AddVariable("now", {Type::Timestamp(), MakeSlot(SlotKind::kNow), {}});
  scope.AddVariable("customer.id", {Type::String(), MakeSlot(SlotKind::kCustomerId), {}});
  if (topology.birth_date) scope.AddVariable("customer.age", {Type::Int(), MakeSlot(SlotKind::kCustomerAge), {}});
  for (std::size_t i = 0; i < topology.profile_fields.size(); ++i) {
    const topology::ProfileFieldDefinition& field = topology.profile_fields[i];
    scope.AddVariable("customer." + field.name,
                      {TypeOf(field.type), MakeSlot(SlotKind::kProfileField, static_cast<std::uint32_t>(i)), field.unit});
  }
  AddFunction(scope, "customer.holds", FunctionId::kHolds, {Type::String()}, Type::Bool(), NameCheck(0, "product", topology.products));
  AddFunction(scope, "customer.holdings", FunctionId::kHoldingsCount, {Type::String()}, Type::Int(),
              NameCheck(0, "product", topology.products));
  const ArgumentCheck purpose = NameCheck(0, "purpose of consent", NamesOf(topology.purposes));
  const ArgumentCheck channel = NameCheck(1, "channel", NamesOf(topology.channels));
  AddFunction(scope, "customer.consents", FunctionId::kConsents, {Type::String(), Type::String()}, Type::Bool(),
              [purpose, channel](std::size_t index, std::string_view literal) {
                return index == 0 ? purpose(index, literal) : channel(index, literal);
              });
  AddFunction(scope, "customer.suppressed", FunctionId::kSuppressed, {Type::String()}, Type::Bool(),
              NameCheck(0, "suppression", NamesOf(topology.suppressions)));
}

}  // namespace

Declarations ScopeOf(const Topology& topology) {
  Declarations scope;
  DeclareCustomer(topology, scope);
  for (std::size_t i = 0; i < topology.features.size(); ++i) {
    const topology::Feature& feature = topology.features[i];
    const auto position = static_cast<std::uint32_t>(i);
    scope.AddVariable("features." + feature.name, {feature.type, MakeSlot(SlotKind::kFeature, position), feature.unit});
    scope.AddVariable("features." + feature.name + ".previous",
                      {feature.type, MakeSlot(SlotKind::kFeaturePrevious, position), feature.unit});
  }
  for (std::size_t i = 0; i < topology.segments.size(); ++i) {
    scope.AddVariable("segments." + topology.segments[i].name,
                      {Type::String(), MakeSlot(SlotKind::kSegment, static_cast<std::uint32_t>(i)), {}});
  }
  const Type filter = Type::Map(Type::String(), Type::String());
  AddFunction(scope, "contacts.count", FunctionId::kContactsCount, {filter}, Type::Int());
  AddFunction(scope, "contacts.count", FunctionId::kContactsCountIn, {filter, Type::Duration()}, Type::Int());
  AddFunction(scope, "contacts.last", FunctionId::kContactsLast, {filter}, Type::Timestamp());
  AddFunction(scope, "since", FunctionId::kSince, {Type::String()}, Type::Duration(),
              NameCheck(0, "segment scheme", NamesOf(topology.segments)));
  return scope;
}

}  // namespace antiphon::tools
