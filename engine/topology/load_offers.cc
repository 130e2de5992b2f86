#include <algorithm>
#include <array>
#include <utility>

#include "engine/topology/offer_loader.h"
#include "engine/topology/words.h"

namespace antiphon::topology {
namespace {

using expression::Type;
using expression::TypeKind;

using Factor = std::optional<expression::Program> Offer::*;
struct FactorWord {
  const char* word;
  Factor factor;
  ScoreFactor slot;
};
constexpr std::array kFactors = {
    FactorWord{"propensity", &Offer::propensity, ScoreFactor::kPropensity}, FactorWord{"value", &Offer::value, ScoreFactor::kValue},
    FactorWord{"context", &Offer::context, ScoreFactor::kContext}, FactorWord{"lever", &Offer::lever, ScoreFactor::kLever}};
constexpr const char* kScoreDefault = "propensity * value * context * lever - cost";

// One factor as it was written, for the check that all are of one type.
struct WrittenFactor {
  state::OfferId offer;
  Factor factor;
  const YamlNode* node;
};

std::string NotOf(const std::string& trigger, const std::string& value) {
  return "the trigger '" + trigger + "', which lists this offer, has no " + value;
}

std::string OtherTypeIn(const std::string& trigger) {
  return "in the trigger '" + trigger + "', which lists this offer too, this is of another type";
}

class OfferLoader {
 public:
  OfferLoader(Loading& loading, Scopes& scopes, TriggerLoader& triggers) : loading_(loading), scopes_(scopes), triggers_(triggers) {}

  void LoadAll() {
    const std::vector<Written> definitions = SortedDefinitions(loading_, "offers", loading_.offer_names);
    CollectPlacements(definitions);
    loading_.topology.offers_by_placement.resize(loading_.topology.placements.size());
    for (std::size_t i = 0; i < definitions.size(); ++i) {
      const state::OfferId id{static_cast<std::uint16_t>(i)};
      loading_.topology.offers.push_back(LoadWithMoments(definitions[i], id));
      for (const std::uint16_t placement : loading_.topology.offers.back().placements)
        loading_.topology.offers_by_placement[placement].push_back(id);
    }
    NumberTreatments();
    UnifyFactors();
    LoadScore();
  }

 private:
  // The names of a moment that the offer's triggers have in common are in reach. What it reads of them is known only after it was compiled,
  // so an offer that does is compiled a second time, with the places that the values then have.
  Offer LoadWithMoments(const Written& written, state::OfferId id) {
    MomentSources sources;
    for (const state::TriggerId trigger : triggers_.TriggersOf(id))
      for (const auto& [name, source] : triggers_.SourcesOf(trigger)) sources.emplace(name, source);
    loading_.moment_reads.clear();
    const std::size_t treatments = treatments_.size();
    const std::size_t factors = factors_.size();
    Offer offer = Load(written, id, ScopeOf(sources));
    const auto reads = std::exchange(loading_.moment_reads, {});
    if (reads.empty()) return offer;
    MomentSources read;
    for (const auto& [name, use] : reads) {
      CheckTriggersHave(name, use, sources.at(name), id);
      read.emplace(name, sources.at(name));
      std::vector<std::string>& values = loading_.topology.moment_values;
      if (std::ranges::find(values, name) == values.end()) values.push_back(name);
    }
    treatments_.resize(treatments);
    factors_.resize(factors);
    return Load(written, id, ScopeOf(read));
  }

  expression::Declarations ScopeOf(const MomentSources& sources) {
    expression::Declarations scope(&scopes_.At(Stage::kOffer));
    const std::vector<std::string>& values = loading_.topology.moment_values;
    std::size_t provisional = values.size();
    for (const auto& [name, source] : sources) {
      const auto known = static_cast<std::size_t>(std::ranges::find(values, name) - values.begin());
      const auto position = static_cast<std::uint32_t>(known < values.size() ? known : provisional++);
      scope.AddVariable(name, {source.value.type, MakeSlot(SlotKind::kMomentValue, position), source.value.unit});
    }
    return scope;
  }

  void CheckTriggersHave(const std::string& name, const NameUse& use, const MomentSource& source, state::OfferId id) {
    for (const state::TriggerId trigger : triggers_.TriggersOf(id)) {
      const auto found = triggers_.SourcesOf(trigger).find(name);
      const std::string& trigger_name = loading_.trigger_names[trigger.value()];
      if (found == triggers_.SourcesOf(trigger).end()) {
        loading_.Report(Severity::kError, *use.node, use.offset, "value_not_of_all_triggers", name, NotOf(trigger_name, name),
                        "an offer may read what all of its triggers have");
      } else if (!(found->second.value == source.value)) {
        loading_.Report(Severity::kError, *use.node, use.offset, "value_not_of_all_triggers", name, OtherTypeIn(trigger_name), {});
      } else {
        triggers_.Want(trigger, name);
      }
    }
  }

  void CollectPlacements(const std::vector<Written>& definitions) {
    std::set<std::string> placements;
    if (const YamlNode* section = loading_.sections.Value("placements")) {
      for (const YamlNode* placement : ReadScalars(loading_, *section, "placements")) placements.insert(placement->text);
    } else {
      for (const Written& offer : definitions)
        if (const YamlNode* request = offer.value->Find("request"))
          if (const YamlNode* list = request->Find("placements")) {
            if (list->is_scalar()) placements.insert(list->text);
            for (const YamlNode& item : list->items) placements.insert(item.text);
          }
    }
    loading_.topology.placements.assign(placements.begin(), placements.end());
  }

  Offer Load(const Written& written, state::OfferId id, const expression::Declarations& scope) {
    Offer offer;
    offer.id = written.key->text;
    MapReader reader(loading_, *written.value, "an offer");
    offer.about = reader.Text("about");
    offer.tell = reader.Text("tell");
    offer.owner = reader.Text("owner");
    offer.issue = reader.Text("issue");
    offer.group = reader.Text("group");
    offer.product = reader.Text("product");
    offer.goal = reader.Text("goal");
    offer.contact_class = reader.Word<state::ContactClass>("class", ClassWords()).value_or(state::ContactClass::kMarketing);
    if (const YamlNode* campaign = reader.Find("campaign"))
      if (const auto known = loading_.Resolve(*campaign, "campaign", loading_.campaign_names)) offer.campaign = state::CampaignId{*known};
    if (const auto priority = reader.Int("priority", -1'000'000, 1'000'000)) offer.priority = static_cast<std::int32_t>(*priority);
    if (const YamlNode* valid = reader.Find("valid")) ReadValidity(*valid, offer);
    offer.eligible = ReadGates(reader, "eligible", scope);
    offer.applicable = ReadGates(reader, "applicable", scope);
    offer.suitable = ReadGates(reader, "suitable", scope);
    for (const FactorWord& factor : kFactors) {
      const YamlNode* node = reader.Find(factor.word);
      if (node == nullptr) continue;
      CompileRequest request;
      request.node = node;
      request.scope = &scope;
      request.expected = {Type::Int(), Type::Double()};
      offer.*factor.factor = Compile(loading_, request);
      factors_.push_back({id, factor.factor, node});
    }
    if (offer.value && (offer.contact_class == state::ContactClass::kService || offer.contact_class == state::ContactClass::kMandatory))
      loading_.Warn(*reader.Find("value"), "service_with_sales_value", "a service offer with a sales value",
                    "what sells is marketing or advice; service ignores consent and caps");
    ReadTreatments(reader, id, scope);
    if (const YamlNode* request = reader.Find("request")) ReadRequest(*request, offer);
    reader.Finish();
    return offer;
  }

  void ReadValidity(const YamlNode& node, Offer& offer) {
    MapReader reader(loading_, node, "`valid`");
    const YamlNode* until = reader.Find("until");
    if (const YamlNode* from = reader.Find("from")) offer.valid_from = ReadTime(loading_, *from, "from");
    if (until != nullptr) offer.valid_until = ReadTime(loading_, *until, "until");
    reader.Finish();
    if (offer.valid_from && offer.valid_until && *offer.valid_until <= *offer.valid_from)
      loading_.Error(*until, "impossible_dates", "the offer is over before it begins");
  }

  std::vector<Gate> ReadGates(MapReader& reader, std::string_view stage, const expression::Declarations& scope) {
    std::vector<Gate> gates;
    const YamlNode* node = reader.Find(stage);
    if (node == nullptr) return gates;
    const auto add = [&](std::string rule, const YamlNode& written) {
      std::string about;
      const YamlNode* when = &written;
      if (written.is_map()) {
        MapReader gate(loading_, written, "a rule");
        about = gate.Text("about");
        when = gate.Require("when");
        gate.Finish();
      }
      if (when == nullptr) return;
      if (auto program = CompileCondition(loading_, *when, scope))
        gates.push_back({std::move(rule), std::move(about), std::move(*program)});
    };
    if (node->is_scalar()) add(std::string(stage), *node);
    for (const YamlEntry& entry : node->entries) add(std::string(stage) + "/" + entry.key.text, entry.value);
    for (const YamlNode& item : node->items) {
      if (item.is_map() && item.entries.size() == 1) {
        add(std::string(stage) + "/" + item.entries[0].key.text, item.entries[0].value);
      } else {
        loading_.Error(item, "wrong_type", "a rule is written as `name: condition`");
      }
    }
    return gates;
  }

  void ReadRequest(const YamlNode& node, Offer& offer) {
    MapReader reader(loading_, node, "`request`");
    std::set<std::uint16_t> placements;
    for (const YamlNode* placement : reader.Scalars("placements"))
      if (const auto known = loading_.Resolve(*placement, "placement", loading_.topology.placements)) placements.insert(*known);
    std::set<std::string> intents;
    for (const YamlNode* intent : reader.Scalars("intents")) intents.insert(intent->text);
    offer.placements.assign(placements.begin(), placements.end());
    offer.intents.assign(intents.begin(), intents.end());
    if (!reader.Has("placements")) loading_.Error(node, "missing_key", "`request` needs `placements`");
    reader.Finish();
  }

  void ReadTreatments(MapReader& reader, state::OfferId id, const expression::Declarations& scope) {
    const YamlNode* node = reader.Find("treatments");
    if (node == nullptr || node->entries.empty()) {
      if (node != nullptr && !node->is_map() && !node->is_null())
        loading_.Error(*node, "wrong_type", "`treatments` is written as a map from names to treatments");
      loading_.Warn(reader.node(), "offer_without_treatments",
                    "the offer '" + loading_.offer_names[id.value()] + "' has no treatments and can never be said");
      return;
    }
    for (const YamlEntry& entry : node->entries) ReadTreatment(entry, id, scope);
  }

  void ReadTreatment(const YamlEntry& entry, state::OfferId id, const expression::Declarations& scope) {
    Treatment treatment;
    treatment.id = loading_.offer_names[id.value()] + "." + entry.key.text;
    treatment.offer = id;
    MapReader reader(loading_, entry.value, "a treatment");
    const YamlNode* channel = reader.Find("channel");
    const auto known = loading_.Resolve(channel == nullptr ? entry.key : *channel, "channel", loading_.channel_names);
    if (known) treatment.channel = state::ChannelId{*known};
    treatment.by_language.resize(loading_.topology.languages.size());
    const char* first = nullptr;
    for (const auto& [word, form] :
         Words<TextForm>{{"template", TextForm::kTemplate}, {"script", TextForm::kScript}, {"file", TextForm::kFile}}) {
      const YamlNode* text = reader.Find(word);
      if (text == nullptr) continue;
      if (first != nullptr)
        loading_.Error(*text, "second_operation", std::string("a treatment has either `") + first + "` or `" + std::string(word) + "`");
      first = word.data();
      treatment.script = form == TextForm::kScript;
      treatment.by_language = ReadTexts(loading_, *text, form, scope);
    }
    if (first == nullptr && reader.good())
      loading_.Error(entry.key, "missing_key", "the treatment '" + entry.key.text + "' says nothing",
                     "write `template`, `script` or `file`");
    if (const YamlNode* replies_to = reader.Find("replies_to")) ReadRepliesTo(*replies_to, treatment);
    treatment.cost = reader.Int("cost", 0, 1'000'000'000'000);
    if (const YamlNode* where = reader.Find("where")) treatment.where = CompileCondition(loading_, *where, scope);
    treatment.tell = reader.Text("tell");
    reader.Finish();
    if (!IsId(entry.key.text)) {
      loading_.Error(entry.key, "bad_id", "'" + entry.key.text + "' cannot be the name of a treatment");
    } else if (known) {
      treatments_.push_back(std::move(treatment));
    }
  }

  void ReadRepliesTo(const YamlNode& node, Treatment& treatment) {
    MapReader reader(loading_, node, "`replies_to`");
    RepliesTo replies;
    const YamlNode* channel = reader.Require("channel");
    static_cast<void>(reader.Require("open_within"));
    replies.open_within = reader.Duration("open_within").value_or(Milliseconds{0});
    replies.open_for = reader.Duration("open_for", true).value_or(Milliseconds{0});
    reader.Finish();
    if (replies.open_for > replies.open_within)
      loading_.Error(*reader.Find("open_for"), "impossible_value", "`open_for` is longer than `open_within`: this can never hold");
    const auto known = channel == nullptr ? std::nullopt : loading_.Resolve(*channel, "channel", loading_.channel_names);
    if (!known) return;
    replies.channel = state::ChannelId{*known};
    treatment.replies_to = replies;
  }

  // Treatments are numbered in order of their ids, over all offers.
  void NumberTreatments() {
    std::ranges::sort(treatments_, {}, &Treatment::id);
    if (treatments_.size() > 60'000) {
      loading_.Error(*loading_.sections.root, "too_many_definitions", "more than 60000 treatments");
      treatments_.resize(60'000);
    }
    for (std::size_t i = 1; i < treatments_.size(); ++i)
      if (treatments_[i].id == treatments_[i - 1].id)  // "a" and "b.c", "a.b" and "c"
        for (const Written& offer : loading_.sections.Of("offers"))
          if (offer.key->text == loading_.offer_names[treatments_[i].offer.value()])
            loading_.Error(*offer.key, "duplicate_id", "another offer has a treatment with the id '" + treatments_[i].id + "'");
    for (std::size_t i = 0; i < treatments_.size(); ++i)
      loading_.topology.offers[treatments_[i].offer.value()].treatments.emplace_back(static_cast<std::uint16_t>(i));
    loading_.topology.treatments = std::move(treatments_);
  }

  // All factors of a topology are ints, or all are doubles; a constant int is good for both.
  void UnifyFactors() {
    const WrittenFactor* floating = nullptr;
    for (const WrittenFactor& factor : factors_) {
      const auto& program = loading_.topology.offers[factor.offer.value()].*factor.factor;
      if (floating == nullptr && program && program->result_type().kind() == TypeKind::kDouble) floating = &factor;
    }
    if (floating == nullptr) return;
    loading_.topology.score_floating = true;
    for (const WrittenFactor& factor : factors_) {
      auto& program = loading_.topology.offers[factor.offer.value()].*factor.factor;
      if (!program || program->result_type().kind() == TypeKind::kDouble) continue;
      if (!program->constant()) {
        const Sources::Place place = loading_.sources.PlaceOf(floating->node->file, floating->node->offset);
        loading_.Error(*factor.node, "mixed_factors",
                       "this factor is an int, that in " + loading_.sources.path(floating->node->file) + ":" + std::to_string(place.line) +
                           " a double: all factors are of one type",
                       "write double(..) around it");
        continue;
      }
      CompileRequest request;
      request.node = factor.node;
      request.scope = &scopes_.At(Stage::kOffer);
      request.text = "double(" + factor.node->text + ")";
      program = Compile(loading_, request);
    }
  }

  void LoadScore() {
    static const YamlNode kNothing;
    Topology& topology = loading_.topology;
    YamlNode fallback;
    fallback.kind = YamlNode::Kind::kScalar;
    fallback.text = kScoreDefault;
    const YamlNode* arbitration = loading_.sections.Value("arbitration");
    MapReader reader(loading_, arbitration == nullptr ? kNothing : *arbitration, "`arbitration`");
    const YamlNode* score = reader.Find("score");
    reader.Finish();
    if (loading_.sources.size() == 0) return;
    const Type type = topology.score_floating ? Type::Double() : Type::Int();
    expression::Declarations scope;
    for (const FactorWord& factor : kFactors)
      scope.AddVariable(factor.word, {type, MakeSlot(SlotKind::kScoreFactor, static_cast<std::uint32_t>(factor.slot)), {}});
    scope.AddVariable("cost", {type, MakeSlot(SlotKind::kScoreFactor, static_cast<std::uint32_t>(ScoreFactor::kCost)), {}});
    CompileRequest request;
    request.node = score == nullptr ? &fallback : score;
    request.scope = &scope;
    request.expected = {type};
    request.place = topology.score_floating ? " (the factors of this topology are doubles)" : " (the factors of this topology are ints)";
    topology.score = Compile(loading_, request);
  }

  Loading& loading_;
  Scopes& scopes_;
  TriggerLoader& triggers_;
  std::vector<Treatment> treatments_;
  std::vector<WrittenFactor> factors_;
};

}  // namespace

void LoadOffers(Loading& loading, Scopes& scopes, TriggerLoader& triggers) { OfferLoader(loading, scopes, triggers).LoadAll(); }

}  // namespace antiphon::topology
