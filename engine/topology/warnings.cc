#include "engine/topology/warnings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "engine/expression/arena.h"
#include "engine/expression/host.h"
#include "engine/topology/scopes.h"
#include "engine/topology/slots.h"

namespace antiphon::topology {
namespace {

// `wide` is true of every contact of which `narrow` is.
bool Covers(const ContactFilter& wide, const ContactFilter& narrow) {
  const auto covers = [](const std::vector<bool>& of_wide, const std::vector<bool>& of_narrow) {
    if (of_wide.empty()) return true;
    if (of_narrow.empty()) return false;
    for (std::size_t i = 0; i < of_wide.size(); ++i)
      if (of_narrow[i] && !of_wide[i]) return false;
    return true;
  };
  return (narrow.classes & ~wide.classes) == 0 && covers(wide.channels, narrow.channels) && covers(wide.offers, narrow.offers);
}

// While `strict` holds, `cap` cannot be exceeded.
bool MakesIdle(const Cap& strict, const Cap& cap) {
  if (strict.max > cap.max || (cap.limits & ~strict.limits) != 0 || (cap.counts & ~strict.counts) != 0) return false;
  if ((cap.counts & ~strict.limits) != 0) return false;  // what is counted but not limited may exceed any cap
  if ((cap.count_failed && !strict.count_failed) || !Covers(strict.filter, cap.filter)) return false;
  if (cap.over && strict.over) return *strict.over >= *cap.over;
  if (cap.calendar_period && strict.calendar_period) {
    const auto length = [](const calendar::PeriodGrid& grid) { return grid.Start(1) - grid.Start(0); };
    return length(*cap.calendar_period) == length(*strict.calendar_period);
  }
  return false;
}

// The factors of a candidate that depend on nothing.
class ConstantFactors final : public expression::Host {
 public:
  [[nodiscard]] expression::Value Load(expression::HostSlot slot) const override { return values.at(PositionOfSlot(slot)); }
  [[nodiscard]] expression::Value Call(expression::HostFunction /*function*/, std::span<const expression::Value> /*args*/,
                                       expression::Arena& /*arena*/) const override {
    return expression::Value::Absent();
  }
  std::array<expression::Value, 5> values{};  // by ScoreFactor
};

// The score of the treatment, if it is the same for everybody and below zero.
std::optional<double> ConstantScoreBelowZero(const Topology& topology, const Treatment& treatment) {
  using expression::Value;
  if (!topology.score) return std::nullopt;
  const Offer& offer = topology.offers[treatment.offer.value()];
  const auto number = [&topology](std::int64_t value) {
    return topology.score_floating ? Value::Double(static_cast<double>(value)) : Value::Int(value);
  };
  ConstantFactors factors;
  std::size_t position = 0;
  for (const auto* const factor : {&offer.propensity, &offer.value, &offer.context, &offer.lever}) {
    const std::optional<Value> value = *factor ? (*factor)->constant() : number(1);
    if (!value) return std::nullopt;
    factors.values.at(position++) = *value;
  }
  factors.values.at(position) = number(treatment.cost.value_or(topology.channels[treatment.channel.value()].cost));
  expression::Arena arena;
  const Value score = topology.score->Evaluate(factors, arena);
  const double shown = score.is(expression::Kind::kInt)      ? static_cast<double>(score.as_int())
                       : score.is(expression::Kind::kDouble) ? score.as_double()
                                                             : 0;
  return shown < 0 ? std::optional(shown) : std::nullopt;
}

std::string ShownScore(double score) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), score).ptr;
  return {text.data(), end};
}

class Warner {
 public:
  explicit Warner(Loading& loading) : loading_(loading), topology_(loading.topology) {}

  void WarnOfAll() {
    WarnOfOffers();
    WarnOfCaps();
    NoteFeatures();
  }

 private:
  const Written* Find(std::string_view section, std::string_view id) {
    for (const Written& written : loading_.sections.Of(section))
      if (written.key->text == id) return &written;
    return nullptr;
  }

  void WarnOfOffers() {
    std::vector<bool> listed(topology_.offers.size(), false);
    for (const Trigger& trigger : topology_.triggers)
      for (const state::OfferId offer : trigger.offers) listed[offer.value()] = true;
    for (const Written& written : loading_.sections.Of("offers")) {
      const auto position = PositionOf(loading_.offer_names, written.key->text);
      if (!position) continue;
      const Offer& offer = topology_.offers[*position];
      if (!listed[*position] && offer.placements.empty())
        loading_.Warn(*written.key, "offer_out_of_reach", "no trigger lists '" + offer.id + "' and no request can ask for it",
                      "list it in a trigger, or say request: {placements: [..]}");
      bool inbound = offer.treatments.empty();
      for (const state::TreatmentId id : offer.treatments) {
        const Treatment& treatment = topology_.treatments[id.value()];
        inbound = inbound || topology_.channels[treatment.channel.value()].inbound;
        WarnOfTreatment(written, treatment);
      }
      if (listed[*position]) WarnOfScore(written, offer);
      if (!listed[*position] && !offer.placements.empty() && !inbound)
        loading_.Warn(*written.key, "offer_out_of_reach",
                      "'" + offer.id + "' can only be asked for by requests, and has no treatment for an inbound channel");
    }
  }

  void WarnOfTreatment(const Written& offer, const Treatment& treatment) {
    const YamlNode* place = offer.key;
    const std::string name = treatment.id.substr(offer.key->text.size() + 1);
    if (const YamlNode* treatments = offer.value->Find("treatments"))
      for (const YamlEntry& entry : treatments->entries)
        if (entry.key.text == name) place = &entry.key;
    const auto never_opens = [this](state::ChannelId id) {
      const Channel& channel = topology_.channels[id.value()];
      return channel.open && channel.open->never_open();
    };
    if (never_opens(treatment.channel))
      loading_.Warn(
          *place, "channel_never_opens",
          "'" + treatment.id + "' can never be said: the channel '" + topology_.channels[treatment.channel.value()].id + "' never opens");
    if (treatment.replies_to && never_opens(treatment.replies_to->channel))
      loading_.Warn(*place, "channel_never_opens", "'" + treatment.id + "' invites a reply on a channel that never opens");
  }

  // Of what sells unasked: arbitration ranks, it does not gate. Service and mandatory offers have costs and no value by nature; whoever
  // asks costs the same whatever he is answered.
  void WarnOfScore(const Written& written, const Offer& offer) {
    if (offer.contact_class != state::ContactClass::kMarketing && offer.contact_class != state::ContactClass::kAdvice) return;
    for (const state::TreatmentId id : offer.treatments) {
      const Treatment& treatment = topology_.treatments[id.value()];
      if (!topology_.channels[treatment.channel.value()].outbound) continue;
      const std::optional<double> score = ConstantScoreBelowZero(topology_, treatment);
      if (!score) continue;
      loading_.Warn(
          *written.key, "negative_score",
          "'" + treatment.id + "' scores " + ShownScore(*score) + " for everybody, and speaks all the same where nothing is better",
          "give '" + offer.id + "' a `value` above its cost, or say in `applicable` when it is worth it");
      return;
    }
  }

  // Is there anything that the cap could keep from being said?
  bool LimitsAnything(const Cap& cap) {
    return std::ranges::any_of(topology_.treatments, [&](const Treatment& treatment) {
      const Offer& offer = topology_.offers[treatment.offer.value()];
      const Channel& channel = topology_.channels[treatment.channel.value()];
      const bool direction = (channel.outbound && (cap.limits & kOutboundBit) != 0) || (channel.inbound && (cap.limits & kInboundBit) != 0);
      return direction && topology_.classes[static_cast<std::size_t>(offer.contact_class)].caps &&
             cap.filter.Fits(offer.contact_class, treatment.channel, treatment.offer);
    });
  }

  void WarnOfCaps() {
    for (std::size_t i = 0; i < topology_.caps.size(); ++i) {
      const Cap& cap = topology_.caps[i];
      const YamlNode& node = *loading_.cap_nodes[i];
      if (cap.max == 0)
        loading_.Warn(node, "cap_of_nothing", "the cap '" + cap.id + "' lets nothing through: its `max` is 0",
                      "if that is meant, leave these offers or this channel out; else say how many");
      if (!LimitsAnything(cap)) {
        loading_.Warn(node, "rule_never_binds", "the cap '" + cap.id + "' can never bind: there is nothing that it limits");
        continue;
      }
      for (std::size_t k = 0; k < topology_.caps.size(); ++k) {
        const Cap& other = topology_.caps[k];
        if (k == i || !MakesIdle(other, cap) || (k > i && MakesIdle(cap, other))) continue;
        loading_.Warn(node, "rule_never_binds", "the cap '" + cap.id + "' can never bind: '" + other.id + "' is stricter");
        break;
      }
    }
  }

  void NoteFeatures() {
    for (std::size_t i = 0; i < topology_.features.size(); ++i) {
      if (loading_.features_used.contains(static_cast<std::uint32_t>(i))) continue;
      if (const Written* written = Find("features", topology_.features[i].name))
        loading_.Note(*written->key, "unused_feature", "nothing reads the feature '" + topology_.features[i].name + "'");
    }
  }

  Loading& loading_;
  const Topology& topology_;
};

}  // namespace

void WarnOfTopology(Loading& loading) { Warner(loading).WarnOfAll(); }

}  // namespace antiphon::topology
