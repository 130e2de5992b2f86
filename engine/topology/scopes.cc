#include "engine/topology/scopes.h"

#include <algorithm>

#include "engine/expression/compiler.h"
#include "engine/expression/time_text.h"

namespace antiphon::topology {
namespace {

using expression::Declarations;
using expression::FunctionOverload;
using expression::Type;
using expression::Variable;

expression::HostFunction Function(FunctionId id) { return expression::HostFunction{static_cast<std::uint32_t>(id)}; }

// A complaint if `literal` is not one of `names`.
std::optional<std::string> CheckName(std::string_view what, const std::vector<std::string>& names, std::string_view literal) {
  if (PositionOf(names, literal)) return std::nullopt;
  const std::string remedy = Suggest(literal, names);
  return "no " + std::string(what) + " is called '" + std::string(literal) + "'" + (remedy.empty() ? "" : "; " + remedy);
}

// What the arguments of a function name, in their order. The names are those of the load.
struct NamedArgument {
  const char* what;
  const std::vector<std::string>* names;
};
expression::ArgumentCheck NameCheck(std::vector<NamedArgument> arguments) {
  return [arguments = std::move(arguments)](std::size_t index, std::string_view literal) -> std::optional<std::string> {
    if (index >= arguments.size()) return std::nullopt;
    return CheckName(arguments[index].what, *arguments[index].names, literal);
  };
}

// The longest `duration("...")` that is written in an expression which counts contacts. One that is computed is not seen: such an
// expression reaches as far as contacts are remembered.
Milliseconds LongestDuration(std::string_view text) {
  constexpr std::string_view kCall = "duration(";
  Milliseconds longest{0};
  for (std::size_t at = text.find(kCall); at != std::string_view::npos; at = text.find(kCall, at + 1)) {
    const std::size_t open = at + kCall.size();
    if (open >= text.size() || (text[open] != '"' && text[open] != '\'')) continue;
    const std::size_t close = text.find(text[open], open + 1);
    if (close == std::string_view::npos) break;
    const expression::Value value = expression::ParseDurationText(text.substr(open + 1, close - open - 1));
    if (value.is(expression::Kind::kDuration)) longest = std::max(longest, Milliseconds{value.as_ms()});
  }
  return longest;
}

void NoteUses(Loading& loading, const CompileRequest& request, const expression::Program& program) {
  for (const expression::SlotUse& use : program.slots()) {
    const std::uint32_t position = PositionOfSlot(use.slot);
    switch (KindOfSlot(use.slot)) {
      case SlotKind::kFeaturePrevious:
        loading.previous_used.insert(position);
        loading.features_used.insert(position);
        break;
      case SlotKind::kFeature:
        loading.features_used.insert(position);
        break;
      case SlotKind::kSegment:
        loading.segments_used.insert(position);
        break;
      case SlotKind::kMomentValue:
        loading.moment_reads.try_emplace(
            use.name, NameUse{request.node, request.offset + std::min(program.text().find(use.name), program.text().size())});
        break;
      default:
        break;
    }
  }
}

// A class that the scheme does not have is no class of anybody.
void WarnOfUnknownClasses(Loading& loading, const CompileRequest& request, const expression::Program& program) {
  for (const expression::TextComparison& comparison : program.text_comparisons()) {
    if (KindOfSlot(comparison.slot) != SlotKind::kSegment) continue;
    const SegmentScheme& scheme = loading.topology.segments[PositionOfSlot(comparison.slot)];
    const bool known = std::ranges::find(scheme.classes, comparison.text, &SegmentScheme::Class::name) != scheme.classes.end();
    if (known || scheme.classes.empty()) continue;  // without classes the mistake is there
    const std::size_t found = program.text().find(comparison.text, comparison.offset);
    loading.Report(Severity::kWarning, *request.node, request.offset + (found == std::string_view::npos ? comparison.offset : found),
                   "unknown_class", comparison.text, "'" + scheme.name + "' has no class '" + comparison.text + "'" + request.place,
                   Suggest(comparison.text, NamesOf(scheme.classes)));
  }
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

bool IsScalar(const Type& type) {
  using expression::TypeKind;
  switch (type.kind()) {
    case TypeKind::kBool:
    case TypeKind::kInt:
    case TypeKind::kDouble:
    case TypeKind::kString:
    case TypeKind::kTimestamp:
    case TypeKind::kDuration:
      return true;
    default:
      return false;
  }
}

Scopes::Scopes(Loading& loading) : loading_(loading) {
  Of(Stage::kSegments) = Declarations(&Of(Stage::kCustomer));
  Of(Stage::kContacts) = Declarations(&Of(Stage::kSegments));
  Of(Stage::kTrigger) = Declarations(&Of(Stage::kContacts));
  Of(Stage::kOffer) = Declarations(&Of(Stage::kContacts));
}

void Scopes::DeclareCustomer() {
  Declarations& scope = Of(Stage::kCustomer);
  const Topology& topology = loading_.topology;
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
  scope.AddFunction("customer.holds", FunctionOverload{.parameters = {Type::String()},
                                                       .result = Type::Bool(),
                                                       .function = Function(FunctionId::kHolds),
                                                       .argument_check = NameCheck({{"product", &topology.products}})});
  scope.AddFunction("customer.holdings", FunctionOverload{.parameters = {Type::String()},
                                                          .result = Type::Int(),
                                                          .function = Function(FunctionId::kHoldingsCount),
                                                          .argument_check = NameCheck({{"product", &topology.products}})});
  scope.AddFunction(
      "customer.consents",
      FunctionOverload{.parameters = {Type::String(), Type::String()},
                       .result = Type::Bool(),
                       .function = Function(FunctionId::kConsents),
                       .argument_check = NameCheck({{"purpose", &loading_.purpose_names}, {"channel", &loading_.channel_names}})});
  scope.AddFunction("customer.suppressed", FunctionOverload{.parameters = {Type::String()},
                                                            .result = Type::Bool(),
                                                            .function = Function(FunctionId::kSuppressed),
                                                            .argument_check = NameCheck({{"suppression", &loading_.suppression_names}})});
  // The analyzer loses sight of what std::function owns.
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks)

void Scopes::DeclareFeatures() {
  for (std::size_t i = 0; i < loading_.topology.features.size(); ++i) {
    const Feature& feature = loading_.topology.features[i];
    const auto position = static_cast<std::uint32_t>(i);
    Of(Stage::kSegments)
        .AddVariable("features." + feature.name, Variable{feature.type, MakeSlot(SlotKind::kFeature, position), feature.unit});
    Of(Stage::kTrigger)
        .AddVariable("features." + feature.name + ".previous",
                     Variable{feature.type, MakeSlot(SlotKind::kFeaturePrevious, position), feature.unit});
  }
}

void Scopes::DeclareSegment(std::uint16_t scheme) {
  Of(Stage::kSegments)
      .AddVariable("segments." + loading_.topology.segments[scheme].name,
                   Variable{Type::String(), MakeSlot(SlotKind::kSegment, scheme), {}});
}

void Scopes::DeclareContacts() {
  Declarations& scope = Of(Stage::kContacts);
  const Type filter = Type::Map(Type::String(), Type::String());
  scope.AddFunction("contacts.count",
                    FunctionOverload{.parameters = {filter}, .result = Type::Int(), .function = Function(FunctionId::kContactsCount)});
  scope.AddFunction("contacts.count", FunctionOverload{.parameters = {filter, Type::Duration()},
                                                       .result = Type::Int(),
                                                       .function = Function(FunctionId::kContactsCountIn)});
  scope.AddFunction("contacts.last",
                    FunctionOverload{.parameters = {filter}, .result = Type::Timestamp(), .function = Function(FunctionId::kContactsLast)});
  scope.AddFunction("since", FunctionOverload{.parameters = {Type::String()},
                                              .result = Type::Duration(),
                                              .function = Function(FunctionId::kSince),
                                              .argument_check = [this](std::size_t /*index*/, std::string_view literal) {
                                                ++loading_.since_literals;
                                                if (const auto scheme = PositionOf(loading_.scheme_names, literal))
                                                  loading_.schemes_since.insert(*scheme);
                                                return CheckName("scheme of segments", loading_.scheme_names, literal);
                                              }});
}

void Scopes::DeclareRequest() {
  Declarations& scope = Of(Stage::kOffer);
  scope.AddVariable("planned", Variable{Type::Timestamp(), MakeSlot(SlotKind::kAt), {}});
  scope.AddVariable("channel", Variable{Type::String(), MakeSlot(SlotKind::kChannel), {}});
  if (!loading_.topology.request_type) return;
  const EventType& request = loading_.topology.event_types[*loading_.topology.request_type];
  for (std::size_t i = 0; i < request.fields.size(); ++i) {
    ValueType value = TypeOfField(request.fields[i]);
    scope.AddVariable(
        "request." + request.fields[i].name,
        Variable{std::move(value.type), MakeSlot(SlotKind::kRequestField, static_cast<std::uint32_t>(i)), std::move(value.unit)});
  }
}

const Declarations& Scopes::WithEvent(Stage stage, EventTypeIndex type) {
  auto& scope = with_event_[{stage, type}];
  if (scope == nullptr) {
    scope = std::make_unique<Declarations>(&Of(stage));
    DeclareEvent(loading_.topology, type, *scope);
  }
  return *scope;
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

std::optional<expression::Program> Compile(Loading& loading, const CompileRequest& request) {
  const YamlNode& node = *request.node;
  if (!node.is_scalar()) {
    loading.Error(node, "wrong_type", "an expression is expected here");
    return std::nullopt;
  }
  const std::string& text = request.text ? *request.text : node.text;
  expression::CompileOptions options;
  options.expected_types = request.expected;
  const std::size_t since_literals = loading.since_literals;
  auto compiled = expression::Compile(text, *request.scope, options);
  if (!compiled) {
    for (const expression::ExpressionDiagnostic& diagnostic : compiled.error()) {
      const std::size_t begin = std::min<std::size_t>(diagnostic.offset, text.size());
      loading.Report(Severity::kError, node, request.offset + begin, "bad_expression",
                     diagnostic.length == 0 ? text : text.substr(begin, diagnostic.length), diagnostic.message + request.place,
                     diagnostic.remedy);
    }
    return std::nullopt;
  }
  NoteUses(loading, request, *compiled);
  WarnOfUnknownClasses(loading, request, *compiled);
  for (const expression::FunctionUse& use : compiled->functions()) {
    if (use.function == Function(FunctionId::kSince) && loading.since_literals == since_literals) loading.since_of_any = true;
    if (use.function == Function(FunctionId::kContactsCountIn))
      loading.contacts_reach = std::max(loading.contacts_reach, LongestDuration(text));
  }
  if (!request.may_be_constant)
    if (const auto constant = compiled->constant(); constant && constant->is(expression::Kind::kBool))
      loading.Report(Severity::kWarning, node, request.offset, "constant_condition", text,
                     std::string("this condition is always ") + (constant->is_true() ? "true" : "false") + request.place,
                     constant->is_true() ? "leave it out, or say what it is meant to ask" : "leave out what can never happen");
  return std::move(*compiled);
}

std::optional<expression::Program> CompileCondition(Loading& loading, const YamlNode& node, const Declarations& scope, std::string place) {
  return Compile(loading, {.node = &node,
                           .scope = &scope,
                           .expected = {Type::Bool()},
                           .offset = 0,
                           .text = {},
                           .place = std::move(place),
                           .may_be_constant = false});
}

}  // namespace antiphon::topology
