#include <algorithm>
#include <set>
#include <utility>

#include "engine/topology/contact_filter.h"
#include "engine/topology/loaders.h"
#include "engine/topology/words.h"

namespace antiphon::topology {
namespace {

using expression::Type;
using state::ContactStatus;

const Words<CooldownScope>& ScopeWords() {
  static const Words<CooldownScope> kWords = {{"offer", CooldownScope::kOffer},          {"group", CooldownScope::kGroup},
                                              {"issue", CooldownScope::kIssue},          {"product", CooldownScope::kProduct},
                                              {"campaign", CooldownScope::kCampaign},    {"channel", CooldownScope::kChannel},
                                              {"everything", CooldownScope::kEverything}};
  return kWords;
}

// The outcomes that have a status of their own; any other word is a response code of a channel.
const Words<ContactStatus>& OutcomeWords() {
  static const Words<ContactStatus> kWords = {
      {"sent", ContactStatus::kSent},           {"presented", ContactStatus::kPresented}, {"released", ContactStatus::kReleased},
      {"delivered", ContactStatus::kDelivered}, {"seen", ContactStatus::kSeen},           {"clicked", ContactStatus::kClicked},
      {"accepted", ContactStatus::kAccepted},   {"declined", ContactStatus::kDeclined},   {"no_response", ContactStatus::kNoResponse},
      {"failed", ContactStatus::kFailed}};
  return kWords;
}

class PolicyLoader {
 public:
  PolicyLoader(Loading& loading, Scopes& scopes) : loading_(loading), scopes_(scopes), topology_(loading.topology) {}

  void Load() {
    EachRule("caps", [this](const YamlNode& node) { LoadCap(node); });
    EachRule("gaps", [this](const YamlNode& node) { LoadGap(node); });
    EachRule("exclusions", [this](const YamlNode& node) { LoadExclusion(node); });
    for (const Written& outcome : loading_.sections.Of("contact_policy.after")) LoadCooldowns(outcome);
    for (const Written& suppression : loading_.sections.Of("contact_policy.suppressions")) LoadSuppression(suppression);
    if (const YamlNode* remember = loading_.sections.Value("contact_policy.remember"))
      if (const auto length = ReadDuration(loading_, *remember, "remember")) topology_.remember = *length;
    topology_.remember = std::max(topology_.remember, LongestReach());
  }

 private:
  template <typename Load>
  void EachRule(const std::string& key, const Load& load) {
    const auto found = loading_.sections.values.find("contact_policy." + key);
    if (found == loading_.sections.values.end()) return;
    ids_.clear();
    for (const Written& written : found->second) {
      if (!written.value->is_sequence()) {
        loading_.Error(*written.value, "wrong_type", "`" + key + "` is written as a list of rules");
        continue;
      }
      for (const YamlNode& node : written.value->items) load(node);
    }
  }

  // The rule's id, which must be its own among its kind.
  std::string ReadId(MapReader& reader, const std::string& fallback = {}) {
    const YamlNode* node = reader.Find("id");
    const std::string id = reader.Text("id", fallback);
    if (id.empty() && reader.good()) loading_.Error(reader.node(), "missing_key", "a rule of the contact policy needs an `id`");
    if (!id.empty() && !ids_.insert(id).second)
      loading_.Error(node == nullptr ? reader.node() : *node, "duplicate_id", "another rule is called '" + id + "'",
                     node == nullptr ? "give both an `id`" : "");
    return id;
  }

  void LoadCap(const YamlNode& node) {
    MapReader reader(loading_, node, "a cap");
    Cap cap;
    cap.id = ReadId(reader);
    cap.about = reader.Text("about");
    cap.tell = reader.Text("tell");
    static_cast<void>(reader.Require("max"));
    if (const auto max = reader.Int("max", 0, 1'000'000)) cap.max = static_cast<std::uint32_t>(*max);
    const YamlNode* per = reader.Find("per");
    const bool has_over = reader.Has("over");
    cap.over = reader.Duration("over");
    if (per != nullptr && has_over) loading_.Error(*per, "second_operation", "a cap is either `over` a length or `per` a calendar period");
    if (per == nullptr && !has_over && reader.good()) loading_.Error(node, "missing_key", "a cap needs `over` or `per`", "write over: 7d");
    if (per != nullptr)
      if (const auto period = ReadCalendarPeriod(loading_, *per))
        cap.calendar_period.emplace(topology_.zone, *period, topology_.week_starts);
    cap.filter = ReadContactFilter(loading_, reader);
    cap.counts = ReadDirections(loading_, reader, "counts", kOutboundBit);
    cap.limits = ReadDirections(loading_, reader, "limits", kOutboundBit);
    cap.count_failed = reader.Bool("count_failed", false);
    reader.Finish();
    loading_.cap_nodes.push_back(&node);
    topology_.caps.push_back(std::move(cap));
  }

  void LoadGap(const YamlNode& node) {
    MapReader reader(loading_, node, "a gap");
    Gap gap;
    gap.id = ReadId(reader);
    gap.about = reader.Text("about");
    static_cast<void>(reader.Require("min"));
    gap.min = reader.Duration("min").value_or(Milliseconds{0});
    gap.filter = ReadContactFilter(loading_, reader);
    gap.counts = ReadDirections(loading_, reader, "counts", kOutboundBit);
    gap.limits = ReadDirections(loading_, reader, "limits", kOutboundBit);
    reader.Finish();
    topology_.gaps.push_back(std::move(gap));
  }

  void LoadExclusion(const YamlNode& node) {
    MapReader reader(loading_, node, "an exclusion");
    Exclusion exclusion;
    exclusion.id = ReadId(reader);
    exclusion.about = reader.Text("about");
    exclusion.offers.assign(topology_.offers.size(), false);
    for (const auto& [key, word] : {std::pair{"offers", "offer"}, {"groups", "group"}, {"issues", "issue"}, {"products", "product"}}) {
      const std::vector<bool> picked = OffersBy(loading_, word, reader.Scalars(key));
      for (std::size_t i = 0; i < picked.size(); ++i) exclusion.offers[i] = exclusion.offers[i] || picked[i];
    }
    static_cast<void>(reader.Require("over"));
    exclusion.over = reader.Duration("over").value_or(Milliseconds{0});
    exclusion.counts = ReadDirections(loading_, reader, "counts", kOutboundBit | kInboundBit);
    exclusion.limits = ReadDirections(loading_, reader, "limits", kOutboundBit | kInboundBit);
    reader.Finish();
    if (std::ranges::count(exclusion.offers, true) < 2 && reader.good())
      loading_.Warn(node, "rule_never_binds", "'" + exclusion.id + "' excludes fewer than two offers: it can never bind");
    topology_.exclusions.push_back(std::move(exclusion));
  }

  void LoadCooldowns(const Written& outcome) {
    const YamlNode& value = *outcome.value;
    ids_.clear();
    for (const Cooldown& cooldown : topology_.cooldowns) ids_.insert(cooldown.id);
    if (value.is_sequence()) {
      for (const YamlNode& node : value.items) LoadCooldown(*outcome.key, node, true);
    } else {
      LoadCooldown(*outcome.key, value, false);
    }
  }

  void LoadCooldown(const YamlNode& outcome, const YamlNode& node, bool one_of_several) {
    MapReader reader(loading_, node, "a cooldown");
    Cooldown cooldown;
    ResolveOutcome(outcome, cooldown);
    static_cast<void>(reader.Require("suppress"));
    static_cast<void>(reader.Require("over"));
    const YamlNode* suppress = reader.Find("suppress");
    cooldown.scope = reader.Word<CooldownScope>("suppress", ScopeWords()).value_or(CooldownScope::kOffer);
    cooldown.id = ReadId(reader, one_of_several && suppress != nullptr ? outcome.text + "/" + suppress->text : outcome.text);
    cooldown.about = reader.Text("about");
    cooldown.over = reader.Duration("over").value_or(Milliseconds{0});
    cooldown.filter = ReadContactFilter(loading_, reader);
    cooldown.limits = ReadDirections(loading_, reader, "limits", kOutboundBit | kInboundBit);
    reader.Finish();
    topology_.cooldowns.push_back(std::move(cooldown));
  }

  void ResolveOutcome(const YamlNode& outcome, Cooldown& cooldown) {
    std::vector<std::string> names;
    for (const auto& [word, status] : OutcomeWords()) {
      names.emplace_back(word);
      if (word != outcome.text) continue;
      cooldown.outcome = status;
      return;
    }
    for (const Channel& channel : topology_.channels)
      for (const ResponseCode& response : channel.responses) {
        names.push_back(response.code);
        if (response.code != outcome.text) continue;
        cooldown.outcome = ContactStatus::kNone;
        cooldown.code = response.code;
        return;
      }
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    loading_.UnknownName(outcome, "outcome", outcome.text, names);
  }

  void LoadSuppression(const Written& written) {
    MapReader reader(loading_, *written.value, "a suppression");
    Suppression suppression;
    suppression.id = written.key->text;
    suppression.about = reader.Text("about");
    suppression.tell = reader.Text("tell");
    const YamlNode* case_id = reader.Find("case");
    const YamlNode* where = reader.Find("where");
    if (const YamlNode* open = reader.Require("open")) suppression.open = ReadSides(*open, where, case_id);
    if (const YamlNode* close = reader.Find("close")) suppression.close = ReadSides(*close, nullptr, case_id);
    if (suppression.close.empty() && reader.good())
      loading_.Warn(*written.key, "never_closed", "'" + suppression.id + "' is never closed", "say what closes it: close: ...");
    if (const YamlNode* then = reader.Find("then")) {
      MapReader aftermath(loading_, *then, "`then`");
      static_cast<void>(aftermath.Require("quiet"));
      suppression.quiet = aftermath.Duration("quiet", true).value_or(Milliseconds{0});
      aftermath.Finish();
    }
    if (const YamlNode* scope = reader.Find("scope"); scope != nullptr && !(scope->is_scalar() && scope->text == "everything")) {
      MapReader filter(loading_, *scope, "the scope of a suppression");
      suppression.filter = ReadContactFilter(loading_, filter);
      filter.Finish();
    }
    suppression.limits = ReadDirections(loading_, reader, "limits", kOutboundBit | kInboundBit);
    reader.Finish();
    topology_.suppressions.push_back(std::move(suppression));
  }

  // An event type, a list of them, or {on, where, case}.
  std::vector<Suppression::Side> ReadSides(const YamlNode& node, const YamlNode* where, const YamlNode* case_id) {
    const YamlNode* on = &node;
    if (node.is_map()) {
      MapReader reader(loading_, node, "one side of a suppression");
      on = reader.Require("on");
      if (const YamlNode* own = reader.Find("where")) where = own;
      if (const YamlNode* own = reader.Find("case")) case_id = own;
      reader.Finish();
    }
    std::vector<Suppression::Side> sides;
    if (on == nullptr) return sides;
    for (const YamlNode* event : ReadScalars(loading_, *on, "on")) {
      const auto type = loading_.Resolve(*event, "event type", loading_.event_names);
      if (!type) continue;
      Suppression::Side side;
      side.event_type = *type;
      const expression::Declarations& scope = scopes_.WithEvent(Stage::kSegments, *type);
      const std::string place = " (for events of type " + event->text + ")";
      if (where != nullptr) side.where = CompileCondition(loading_, *where, scope, place);
      if (case_id != nullptr) {
        CompileRequest request;
        request.node = case_id;
        request.scope = &scope;
        request.expected = {Type::String(), Type::Int()};
        request.place = place;
        side.case_id = Compile(loading_, request);
      }
      sides.push_back(std::move(side));
    }
    return sides;
  }

  // How far back any rule looks.
  [[nodiscard]] Milliseconds LongestReach() const {
    Milliseconds reach = std::chrono::days{30};
    for (const Cap& cap : topology_.caps) {
      if (cap.over) reach = std::max(reach, *cap.over);
      if (cap.calendar_period) reach = std::max(reach, Milliseconds{std::chrono::days{367}});
    }
    for (const Gap& gap : topology_.gaps) reach = std::max(reach, gap.min);
    for (const Cooldown& cooldown : topology_.cooldowns) reach = std::max(reach, cooldown.over);
    for (const Exclusion& exclusion : topology_.exclusions) reach = std::max(reach, exclusion.over);
    for (const Channel& channel : topology_.channels) reach = std::max({reach, channel.response_window, channel.answer_valid_for});
    return std::max(reach, loading_.contacts_reach);
  }

  Loading& loading_;
  Scopes& scopes_;
  Topology& topology_;
  std::set<std::string> ids_;
};

void LoadClass(Loading& loading, const YamlNode& node, ClassRules& rules) {
  MapReader reader(loading, node, "the rules of a class");
  if (const YamlNode* consent = reader.Find("consent")) {
    if (consent->text == "none") {
      rules.consent.reset();
    } else if (const auto known = loading.Resolve(*consent, "purpose", loading.purpose_names)) {
      rules.consent = state::PurposeId{*known};
    }
  }
  rules.quiet_hours = reader.Bool("quiet_hours", rules.quiet_hours);
  rules.suppressions = reader.Bool("suppressions", rules.suppressions);
  rules.cooldowns = reader.Bool("cooldowns", rules.cooldowns);
  rules.exclusions = reader.Bool("exclusions", rules.exclusions);
  rules.gaps = reader.Bool("gaps", rules.gaps);
  rules.caps = reader.Bool("caps", rules.caps);
  rules.holdout = reader.Bool("holdout", rules.holdout);
  reader.Finish();
}

ConsentPurpose LoadPurpose(Loading& loading, const std::string& id, const YamlNode* node) {
  static const YamlNode kNothing;
  ConsentPurpose purpose;
  purpose.id = id;
  MapReader reader(loading, node == nullptr ? kNothing : *node, "a purpose of consent");
  static_cast<void>(reader.Text("about"));
  purpose.other = reader.Word<ConsentDefault>("default", {{"unknown_is_no", ConsentDefault::kNo}, {"unknown_is_yes", ConsentDefault::kYes}})
                      .value_or(ConsentDefault::kNo);
  for (const std::string& channel : loading.channel_names)
    purpose.by_channel.push_back(
        reader.Word<ConsentDefault>(channel, {{"opt_in", ConsentDefault::kNo}, {"opt_out", ConsentDefault::kYes}}).value_or(purpose.other));
  reader.Finish();
  return purpose;
}

}  // namespace

void LoadConsent(Loading& loading) {
  Topology& topology = loading.topology;
  for (const std::string& id : loading.purpose_names) {
    const YamlNode* node = nullptr;
    for (const Written& written : loading.sections.Of("consent"))
      if (written.key->text == id) node = written.value;
    topology.purposes.push_back(LoadPurpose(loading, id, node));
  }
  topology.profiling = state::PurposeId{*PositionOf(loading.purpose_names, "profiling")};
  const state::PurposeId marketing{*PositionOf(loading.purpose_names, "marketing")};
  using state::ContactClass;
  const auto rules = [&topology](ContactClass contact_class) -> ClassRules& {
    return topology.classes[static_cast<std::size_t>(contact_class)];
  };
  rules(ContactClass::kMarketing).consent = marketing;
  rules(ContactClass::kAdvice).consent = marketing;
  for (const ContactClass contact_class : {ContactClass::kService, ContactClass::kMandatory})
    rules(contact_class) = {.consent = std::nullopt,
                            .quiet_hours = true,
                            .suppressions = false,
                            .cooldowns = true,
                            .exclusions = true,
                            .gaps = false,
                            .caps = false,
                            .holdout = false};
  for (const Written& written : loading.sections.Of("classes")) {
    if (!loading.Resolve(*written.key, "class", ClassNames())) continue;
    for (const auto& [word, contact_class] : ClassWords())
      if (word == written.key->text) LoadClass(loading, *written.value, rules(contact_class));
  }
  for (const Written& written : loading.sections.Of("consent"))
    if (written.key->text == "marketing") return;
  if (loading.sections.root != nullptr && !topology.offers.empty() &&
      (rules(ContactClass::kMarketing).consent == marketing || rules(ContactClass::kAdvice).consent == marketing))
    loading.Warn(*loading.sections.root, "no_consent_rules",
                 "`consent` has no `marketing`: nothing is offered to a customer before he consents",
                 "write consent: {marketing: {default: unknown_is_no}}, or classes: {marketing: {consent: none}, advice: {consent: none}}");
}

void LoadPolicy(Loading& loading, Scopes& scopes) { PolicyLoader(loading, scopes).Load(); }

void LoadExperiments(Loading& loading) {
  const YamlNode* node = loading.sections.Value("experiments");
  if (node == nullptr) return;
  MapReader reader(loading, *node, "`experiments`");
  if (const YamlNode* holdout = reader.Find("universal_holdout")) {
    MapReader group(loading, *holdout, "the universal holdout");
    if (const YamlNode* share = group.Require("share"))
      loading.topology.universal_holdout.share_ppm = ReadShare(loading, *share, "share").value_or(0);
    loading.topology.universal_holdout.salt = group.Text("salt", "universal_holdout");
    group.Finish();
  }
  reader.Finish();
}

}  // namespace antiphon::topology
