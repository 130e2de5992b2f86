#include "engine/topology/version_hash.h"

#include "engine/topology/canonical.h"

namespace antiphon::topology {
namespace {

template <typename Enum>
std::int64_t Code(Enum value) {
  return static_cast<std::int64_t>(value);
}

Milliseconds SinceEpoch(const EngineTime& time) { return time.time_since_epoch(); }
Milliseconds Itself(const Milliseconds& length) { return length; }

// One topology, section by section; names stand for positions.
class Writer {
 public:
  explicit Writer(const Topology& topology) : topology_(topology) {}

  std::string Write() {
    text_.Text("antiphon topology 1");
    Basics();
    text_.Each(topology_.event_types, [this](const EventType& type) { Event(type); });
    Customer();
    text_.Each(topology_.features,
               [this](const Feature& feature) { text_.Text(feature.name).Text(feature.definition).Value(feature.default_value); });
    text_.Each(topology_.segments, [this](const SegmentScheme& scheme) {
      text_.Text(scheme.name).Each(scheme.classes, [this](const SegmentScheme::Class& one) { text_.Text(one.name).Expression(one.when); });
    });
    text_.Each(topology_.triggers, [this](const Trigger& trigger) { OneTrigger(trigger); });
    text_.Each(topology_.offers, [this](const Offer& offer) { OneOffer(offer); });
    text_.Each(topology_.treatments, [this](const Treatment& treatment) { OneTreatment(treatment); });
    text_.Each(topology_.campaigns, [this](const Campaign& campaign) {
      text_.Text(campaign.id).Text(campaign.goal).Optional(campaign.from, SinceEpoch).Optional(campaign.until, SinceEpoch);
      text_.Number(campaign.control_share_ppm).Text(campaign.control_salt);
    });
    text_.Each(topology_.channels, [this](const Channel& channel) { OneChannel(channel); });
    Classes();
    Policy();
    text_.Expression(topology_.score).Flag(topology_.score_floating);
    text_.Number(topology_.universal_holdout.share_ppm).Text(topology_.universal_holdout.salt);
    return std::move(text_.bytes());
  }

 private:
  void Basics() {
    topology_.zone.AppendCanonical(text_.bytes());
    text_.Number(topology_.week_starts.c_encoding());
    text_.Path(topology_.envelope.type_path).Path(topology_.envelope.backfill_path).Flag(topology_.envelope.unknown_types_dead_letter);
    text_.Path(topology_.languages).Text(topology_.languages[topology_.default_language.value()]);
    text_.Number(Code(topology_.moments)).Number(Code(topology_.record_candidates));
    text_.Number(topology_.duplicate_ids_max).Length(topology_.duplicate_horizon);
    text_.Number(topology_.page_views_max).Number(topology_.answer_slots_default);
  }

  void Event(const EventType& type) {
    text_.Text(type.name).Text(type.name_in_log).Number(Code(type.role)).Text(type.source);
    text_.Path(type.id_path).Path(type.time_path).Path(type.customer_path).Length(type.lateness);
    text_.Each(type.fields, [this](const EventField& field) {
      text_.Text(field.name).Number(Code(field.type)).Number(field.scale).Text(field.currency).Path(field.path).Flag(field.required);
      text_.Each(field.values, [this](const auto& word) { text_.Text(word.first).Text(word.second); });
    });
  }
  const std::string& EventName(EventTypeIndex type) { return topology_.event_types[type].name; }
  std::string FieldName(EventTypeIndex type, std::uint16_t field) {
    const std::vector<EventField>& fields = topology_.event_types[type].fields;
    return field < fields.size() ? fields[field].name : std::to_string(field);
  }
  std::string ProfileName(const std::optional<state::ProfileFieldId>& field) {
    return field ? topology_.profile_fields[field->value()].name : std::string{};
  }

  void Customer() {
    text_.Each(topology_.profile_fields, [this](const ProfileFieldDefinition& field) {
      text_.Text(field.name).Number(Code(field.type)).Text(field.unit);
      text_.Each(field.inputs, [this](const ProfileFieldDefinition::Input& input) {
        text_.Text(EventName(input.event_type)).Text(FieldName(input.event_type, input.field)).Expression(input.where);
      });
    });
    text_.Text(ProfileName(topology_.birth_date)).Text(ProfileName(topology_.language_field)).Text(ProfileName(topology_.zone_field));
    text_.Each(topology_.customer_zones, [this](const calendar::Zone& zone) { zone.AppendCanonical(text_.bytes()); });
    text_.Path(topology_.products).Path(topology_.contact_points);
    text_.Each(topology_.holding_rules, [this](const HoldingRule& rule) {
      text_.Text(EventName(rule.event_type)).Flag(rule.opens).Expression(rule.where);
      text_.Text(FieldName(rule.event_type, rule.product_field)).Text(FieldName(rule.event_type, rule.account_field));
      text_.Text(rule.product == state::kNone<state::ProductId> ? std::string{} : topology_.products[rule.product.value()]);
    });
  }

  std::string CampaignName(state::CampaignId campaign) {
    return campaign == state::kNone<state::CampaignId> ? std::string{} : topology_.campaigns[campaign.value()].id;
  }

  void OneTrigger(const Trigger& trigger) {
    text_.Text(trigger.id).Text(trigger.tell).Number(Code(trigger.kind)).Number(trigger.priority).Length(trigger.expires_after);
    text_.Flag(trigger.retry_when_open).Optional(trigger.again_after, Itself).Text(CampaignName(trigger.campaign));
    text_.Each(trigger.offers, [this](state::OfferId offer) { text_.Text(topology_.offers[offer.value()].id); });
    text_.Each(trigger.on,
               [this](const EventCondition& condition) { text_.Text(EventName(condition.event_type)).Expression(condition.where); });
    text_.Text(trigger.definition).Number(trigger.runs_max);
  }

  void Gates(const std::vector<Gate>& gates) {
    text_.Each(gates, [this](const Gate& gate) { text_.Text(gate.rule).Expression(gate.when); });
  }
  void OneOffer(const Offer& offer) {
    text_.Text(offer.id).Text(offer.tell).Number(Code(offer.contact_class)).Text(offer.issue).Text(offer.group).Text(offer.product);
    text_.Text(offer.goal).Text(CampaignName(offer.campaign)).Number(offer.priority);
    text_.Optional(offer.valid_from, SinceEpoch).Optional(offer.valid_until, SinceEpoch);
    Gates(offer.eligible);
    Gates(offer.applicable);
    Gates(offer.suitable);
    text_.Expression(offer.propensity).Expression(offer.value).Expression(offer.context).Expression(offer.lever);
    text_.Each(offer.placements, [this](std::uint16_t placement) { text_.Text(topology_.placements[placement]); });
    text_.Path(offer.intents);
  }

  void OneTreatment(const Treatment& treatment) {
    text_.Text(treatment.id).Text(topology_.channels[treatment.channel.value()].id).Flag(treatment.script).Text(treatment.tell);
    text_.Each(treatment.by_language, [this](const std::optional<Template>& one) {
      text_.Flag(one.has_value());
      if (!one) return;
      text_.Text(one->file).Each(one->pieces, [this](const Template::Piece& piece) {
        text_.Text(piece.text).Expression(piece.program).Number(piece.scale).Text(piece.currency);
      });
    });
    text_.Flag(treatment.replies_to.has_value());
    if (treatment.replies_to)
      text_.Text(topology_.channels[treatment.replies_to->channel.value()].id)
          .Length(treatment.replies_to->open_within)
          .Length(treatment.replies_to->open_for);
    text_.Flag(treatment.cost.has_value()).Number(treatment.cost.value_or(0)).Expression(treatment.where);
  }

  void Hours(const std::optional<calendar::WeeklyHours>& hours) {
    text_.Flag(hours.has_value());
    if (hours) hours->AppendCanonical(text_.bytes());
  }
  void OneChannel(const Channel& channel) {
    text_.Text(channel.id).Flag(channel.outbound).Flag(channel.inbound).Flag(channel.address.by_channel);
    text_.Each(channel.address.fields, [this](state::ProfileFieldId field) { text_.Text(ProfileName(field)); });
    text_.Text(channel.address.point == state::kNone<state::ContactPointId> ? std::string{}
                                                                            : topology_.contact_points[channel.address.point.value()]);
    Hours(channel.open);
    Hours(channel.quiet);
    text_.Flag(channel.holidays.has_value());
    if (channel.holidays) channel.holidays->AppendCanonical(text_.bytes());
    text_.Number(channel.cost).Number(Code(channel.when_due)).Length(channel.response_window).Length(channel.answer_valid_for);
    text_.Each(channel.responses, [this](const ResponseCode& response) {
      text_.Text(response.code).Number(Code(response.moves_to)).Number(response.facts);
      text_.Flag(response.opt_out).Flag(response.opt_out_everywhere).Flag(response.bad_address);
    });
  }

  void Classes() {
    for (const ClassRules& rules : topology_.classes) {
      text_.Text(rules.consent ? topology_.purposes[rules.consent->value()].id : std::string{});
      text_.Flag(rules.quiet_hours).Flag(rules.suppressions).Flag(rules.cooldowns).Flag(rules.exclusions);
      text_.Flag(rules.gaps).Flag(rules.caps).Flag(rules.holdout);
    }
    text_.Each(topology_.purposes, [this](const ConsentPurpose& purpose) {
      text_.Text(purpose.id).Number(Code(purpose.other));
      text_.Each(purpose.by_channel, [this](ConsentDefault one) { text_.Number(Code(one)); });
    });
  }

  // By name, so that an offer or channel more does not change what a rule says of the others.
  void Filter(const ContactFilter& filter) {
    text_.Number(filter.classes).Flag(filter.channels.empty()).Flag(filter.offers.empty());
    Offers(filter.offers);
    for (std::size_t i = 0; i < filter.channels.size(); ++i)
      if (filter.channels[i]) text_.Text(topology_.channels[i].id);
  }
  void Offers(const std::vector<bool>& offers) {
    for (std::size_t i = 0; i < offers.size(); ++i)
      if (offers[i]) text_.Text(topology_.offers[i].id);
  }
  void Sides(const std::vector<Suppression::Side>& sides) {
    text_.Each(sides, [this](const Suppression::Side& side) {
      text_.Text(EventName(side.event_type)).Expression(side.where).Expression(side.case_id);
    });
  }
  void Policy() {
    text_.Each(topology_.caps, [this](const Cap& cap) {
      text_.Text(cap.id).Text(cap.tell).Number(cap.max).Optional(cap.over, Itself).Period(cap.calendar_period);
      Filter(cap.filter);
      text_.Number(cap.counts).Number(cap.limits).Flag(cap.count_failed);
    });
    text_.Each(topology_.gaps, [this](const Gap& gap) {
      text_.Text(gap.id).Length(gap.min).Number(gap.counts).Number(gap.limits);
      Filter(gap.filter);
    });
    text_.Each(topology_.cooldowns, [this](const Cooldown& cooldown) {
      text_.Text(cooldown.id).Number(Code(cooldown.outcome)).Text(cooldown.code).Number(Code(cooldown.scope)).Length(cooldown.over);
      Filter(cooldown.filter);
      text_.Number(cooldown.limits);
    });
    text_.Each(topology_.exclusions, [this](const Exclusion& exclusion) {
      text_.Text(exclusion.id).Length(exclusion.over).Number(exclusion.counts).Number(exclusion.limits);
      Offers(exclusion.offers);
    });
    text_.Each(topology_.suppressions, [this](const Suppression& suppression) {
      text_.Text(suppression.id).Text(suppression.tell).Length(suppression.quiet).Number(suppression.limits);
      Sides(suppression.open);
      Sides(suppression.close);
      Filter(suppression.filter);
    });
    text_.Length(topology_.remember);
  }

  const Topology& topology_;
  CanonicalText text_;
};

}  // namespace

Hash128 VersionOf(const Topology& topology) { return HashBytes128(Writer(topology).Write()); }

}  // namespace antiphon::topology
