#include "engine/topology/scopes.h"

#include <algorithm>

#include "engine/expression/compiler.h"
#include "engine/expression/time_text.h"

namespace antiphon::topology {
namespace {

using expression::Declarations;
using expression::Type;
using expression::Variable;

expression::HostFunction Function(FunctionId id) { return expression::HostFunction{static_cast<std::uint32_t>(id)}; }

// What filters of contacts ask for and no offer of the topology has: a warning, since contacts of other systems may have it.
void WarnOfForeignNames(Loading& loading, const CompileRequest& request) {
  for (const ForeignName& foreign : loading.foreign_names) {
    loading.Report(Severity::kWarning, *request.node, request.offset + foreign.offset, "unknown_" + foreign.what, foreign.name,
                   foreign.what == "offer" ? "no offer is called '" + foreign.name + "'"
                                           : "no offer has the " + foreign.what + " '" + foreign.name + "'",
                   Suggest(foreign.name, *foreign.known));
  }
  loading.foreign_names.clear();
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

NameLists Scopes::Names() const {
  return [&loading = loading_](NameList list) -> const std::vector<std::string>& {
    switch (list) {
      case NameList::kProducts:
        return loading.topology.products;
      case NameList::kPurposes:
        return loading.purpose_names;
      case NameList::kChannels:
        return loading.channel_names;
      case NameList::kSuppressions:
        return loading.suppression_names;
      case NameList::kSchemes:
        return loading.scheme_names;
      case NameList::kCampaigns:
        return loading.campaign_names;
      case NameList::kOffers:
        return loading.offer_names;
      case NameList::kIssues:
        return loading.issues;
      case NameList::kGroups:
        return loading.groups;
      case NameList::kOfferProducts:
        break;
    }
    return loading.offer_products;
  };
}

void Scopes::DeclareCustomer() { topology::DeclareCustomer(loading_.topology, Names(), Of(Stage::kCustomer)); }

void Scopes::DeclareFeatures() {
  for (std::uint32_t i = 0; i < loading_.topology.features.size(); ++i) {
    DeclareFeature(loading_.topology, i, Of(Stage::kSegments));
    DeclareFeaturePrevious(loading_.topology, i, Of(Stage::kTrigger));
  }
}

void Scopes::DeclareSegment(std::uint16_t scheme) { topology::DeclareSegment(loading_.topology, scheme, Of(Stage::kSegments)); }

void Scopes::DeclareContacts() {
  ContactFindings findings;
  findings.on_since = [&loading = loading_](std::string_view scheme) {
    ++loading.since_literals;
    if (const auto position = PositionOf(loading.scheme_names, scheme)) loading.schemes_since.insert(*position);
  };
  findings.on_foreign = [&loading = loading_](std::string_view what, const expression::EntryLiteral& entry,
                                              const std::vector<std::string>& known) {
    loading.foreign_names.push_back(
        {.what = std::string(what), .name = std::string(*entry.value), .offset = entry.offset, .known = &known});
  };
  topology::DeclareContacts(Names(), std::move(findings), Of(Stage::kContacts));
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
  WarnOfForeignNames(loading, request);
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
