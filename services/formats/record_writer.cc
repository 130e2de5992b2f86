#include "services/formats/record_writer.h"

#include <array>
#include <string_view>

#include "engine/decision/words.h"
#include "services/formats/json_writer.h"

namespace antiphon::formats {
namespace {

using decision::CandidateRecord;
using decision::Stage;

constexpr Hash128 kNoHash{};

template <typename Id, typename Definitions>
std::string_view NameOf(Id id, const Definitions& definitions) {
  if (id == state::kNone<Id>) return {};
  const auto& definition = definitions.at(id.value());
  if constexpr (requires { definition.id; }) {
    return definition.id;
  } else {
    return definition;
  }
}

bool IsRecorded(const CandidateRecord& candidate, topology::RecordCandidates setting) {
  switch (setting) {
    case topology::RecordCandidates::kAll:
      return true;
    case topology::RecordCandidates::kPastGates:
      return candidate.stage > Stage::kSuitable;
    case topology::RecordCandidates::kChosen:
      return candidate.stage >= Stage::kControl;
  }
  return true;
}

// The experiments are named by what they are: there is one of each kind for a candidate.
void AppendArm(JsonWriter& json, std::string_view experiment, std::string_view arm) {
  json.ObjectAt("arms");
  json.TextAt(experiment, arm);
  json.EndObject();
}

void AppendFactors(JsonWriter& json, const CandidateRecord& candidate) {
  static constexpr std::array<std::string_view, 5> kNames{"propensity", "value", "context", "lever", "cost"};
  bool any = false;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (candidate.factors.at(i).is(expression::Kind::kAbsent)) continue;
    if (!any) json.ObjectAt("factors");
    any = true;
    json.NumberIfAny(kNames.at(i), candidate.factors.at(i));
  }
  if (any) json.EndObject();
}

void AppendCandidate(JsonWriter& json, const topology::Topology& topology, const CandidateRecord& candidate) {
  json.BeginObject();
  json.TextIfAny("trigger", NameOf(candidate.trigger, topology.triggers));
  json.TextIfAny("offer", NameOf(candidate.offer, topology.offers));
  json.TextIfAny("treatment", NameOf(candidate.treatment, topology.treatments));
  json.TextIfAny("channel", NameOf(candidate.channel, topology.channels));
  if (candidate.planned != EngineTime{}) json.TimeAt("planned", candidate.planned);
  json.TextAt("stage", StageName(candidate.stage));
  json.TextIfAny("rule", candidate.rule);
  json.NumberIfAny("score", candidate.score);
  AppendFactors(json, candidate);
  if (!candidate.arm.empty()) AppendArm(json, candidate.arm == "control" ? "control" : "universal_holdout", candidate.arm);
  json.EndObject();
}

void AppendActor(JsonWriter& json, const state::Actor& actor) {
  json.ObjectAt("actor");
  json.TextAt("kind", decision::ActorKindName(actor.kind));
  json.TextIfAny("id", actor.id);
  json.TextIfAny("branch", actor.branch);
  json.EndObject();
}

void AppendFacts(JsonWriter& json, std::uint8_t facts) {
  if (facts == 0) return;
  json.ArrayAt("facts");
  if ((facts & state::kFactComplaint) != 0) json.Text("complaint");
  if ((facts & state::kFactConversion) != 0) json.Text("conversion");
  if ((facts & state::kFactOptOut) != 0) json.Text("opt_out");
  json.EndArray();
}

// Of the offer, else of its campaign.
std::string_view GoalOf(const topology::Topology& topology, const state::Contact& contact) {
  if (contact.offer != state::kNone<state::OfferId> && !topology.offers.at(contact.offer.value()).goal.empty()) {
    return topology.offers.at(contact.offer.value()).goal;
  }
  if (contact.campaign == state::kNone<state::CampaignId>) return {};
  return topology.campaigns.at(contact.campaign.value()).goal;
}

void AppendSend(JsonWriter& json, const topology::Topology& topology, const decision::OutboundRecord& record) {
  json.IdAt("contact_id", record.contact_id);
  json.TextIfAny("channel", NameOf(record.channel, topology.channels));
  json.TextIfAny("treatment", NameOf(record.treatment, topology.treatments));
  json.TextIfAny("language", NameOf(record.language, topology.languages));
  json.TextAt("text", record.text);
}

void AppendAnsweredOffers(JsonWriter& json, const topology::Topology& topology,
                          const decision::ReusedList<decision::AnsweredOffer>& offers) {
  json.ArrayAt("offers");
  std::int64_t rank = 0;
  for (const decision::AnsweredOffer& offer : offers) {
    json.BeginObject();
    json.IdAt("contact_id", offer.contact_id);
    json.IntAt("rank", ++rank);
    json.TextIfAny("offer", NameOf(offer.offer, topology.offers));
    json.TextIfAny("treatment", NameOf(offer.treatment, topology.treatments));
    json.TextAt("script", offer.text);
    json.TextIfAny("tell", offer.tell);
    json.NumberIfAny("score", offer.score);
    json.EndObject();
  }
  json.EndArray();
}

void AppendRecentContacts(JsonWriter& json, const topology::Topology& topology,
                          const decision::ReusedList<decision::RecentContact>& contacts) {
  json.ArrayAt("recent_contacts");
  for (const decision::RecentContact& contact : contacts) {
    json.BeginObject();
    json.TimeAt("time", contact.time);
    json.TextIfAny("channel", NameOf(contact.channel, topology.channels));
    const std::string_view offer = NameOf(contact.offer, topology.offers);
    json.TextIfAny("offer", offer.empty() ? std::string_view(contact.offer_text) : offer);
    json.TextAt("direction", decision::DirectionName(contact.direction));
    json.TextAt("status", decision::StatusName(contact.status));
    json.EndObject();
  }
  json.EndArray();
}

void AppendAnswer(JsonWriter& json, const topology::Topology& topology, const decision::OutboundRecord& record) {
  json.TextAt("request_id", record.request_id);
  json.IdAt("decision_id", record.decision_id);
  AppendAnsweredOffers(json, topology, record.offers);
  json.ArrayAt("holdings");
  for (const std::string_view product : record.holdings) json.Text(product);
  json.EndArray();
  AppendRecentContacts(json, topology, record.recent_contacts);
  if (!record.web_allowed) return;
  json.ObjectAt("web");
  json.ArrayAt("pages");
  for (const decision::RecentPage& page : record.web) {
    json.BeginObject();
    json.TimeAt("time", page.time);
    json.TextAt("path", page.path);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

}  // namespace

RecordWriter::RecordWriter(const topology::Topology& topology) : topology_(topology), version_(ToHex(topology.version)) {}

void RecordWriter::AppendDecision(std::string& out, const decision::DecisionRecord& record) const {
  JsonWriter json(out);
  json.BeginObject();
  json.IdAt("decision_id", record.id);
  json.TextAt("customer", record.customer);
  json.TimeAt("time", record.time);
  json.ObjectAt("cause");
  json.TextAt("kind", CauseKindName(record.cause.kind));
  json.TextIfAny("source", record.cause.source);
  json.TextIfAny("id", record.cause.id);
  json.EndObject();
  json.ArrayAt("triggers");
  for (const state::TriggerId trigger : record.triggers) json.Text(NameOf(trigger, topology_.triggers));
  json.EndArray();
  json.TextAt("topology_version", version_);
  json.ArrayAt("candidates");
  for (const CandidateRecord& candidate : record.candidates) {
    if (IsRecorded(candidate, topology_.record_candidates)) AppendCandidate(json, topology_, candidate);
  }
  json.EndArray();
  json.ArrayAt("chosen");
  for (const Hash128& contact : record.chosen) json.Id(contact);
  json.EndArray();
  if (record.silence_stage != Stage::kChosen) {
    json.ObjectAt("silence");
    json.TextAt("stage", StageName(record.silence_stage));
    json.TextIfAny("rule", record.silence_rule);
    json.EndObject();
  }
  json.EndObject();
}

void RecordWriter::AppendContact(std::string& out, const decision::ContactRecord& record) const {
  const state::Contact& contact = record.contact;
  JsonWriter json(out);
  json.BeginObject();
  if (contact.foreign_id.empty()) {
    json.IdAt("contact_id", contact.id);
  } else {
    json.TextAt("contact_id", contact.foreign_id);
  }
  json.TextAt("customer", record.customer);
  json.TimeAt("time", record.time);
  json.TextAt("status", decision::StatusName(contact.status));
  if (record.previous != state::ContactStatus::kNone) json.TextAt("previous", decision::StatusName(record.previous));
  json.TextAt("direction", decision::DirectionName(contact.direction));
  json.TextIfAny("channel", NameOf(contact.channel, topology_.channels));
  const std::string_view offer = NameOf(contact.offer, topology_.offers);
  json.TextIfAny("offer", offer.empty() ? std::string_view(contact.foreign_offer) : offer);
  json.TextAt("class", decision::ClassName(contact.contact_class));
  json.TextIfAny("treatment", NameOf(contact.treatment, topology_.treatments));
  json.TextIfAny("language", NameOf(contact.language, topology_.languages));
  json.TextIfAny("campaign", NameOf(contact.campaign, topology_.campaigns));
  json.TextIfAny("goal", GoalOf(topology_, contact));
  json.TextIfAny("trigger", NameOf(contact.trigger, topology_.triggers));
  if (contact.decision_id != kNoHash) json.IdAt("decision_id", contact.decision_id);
  if (contact.due != EngineTime{}) json.TimeAt("due", contact.due);
  if (contact.expires != EngineTime{} && contact.expires != kEngineTimeMax) json.TimeAt("expires_at", contact.expires);
  json.IntAt("attempt", contact.attempt);
  json.IntAt("cost", contact.cost);
  if (contact.withholding == state::Withholding::kUniversalHoldout) AppendArm(json, "universal_holdout", "holdout");
  if (contact.withholding == state::Withholding::kControl) AppendArm(json, "control", "control");
  AppendActor(json, contact.actor);
  json.TextIfAny("interaction_id", contact.interaction_id);
  json.TextIfAny("source_system", contact.source_system);
  json.TextAt("topology_version", version_);
  json.TextIfAny("reason", record.reason);
  json.TextIfAny("note", record.note);
  AppendFacts(json, contact.facts);
  json.EndObject();
}

void RecordWriter::AppendOutbound(std::string& out, const decision::OutboundRecord& record) const {
  const bool send = record.kind == decision::OutboundRecord::Kind::kSend;
  JsonWriter json(out);
  json.BeginObject();
  json.TextAt("kind", send ? "send" : "answer");
  json.TextAt("customer", record.customer);
  json.TimeAt("time", record.time);
  json.TextAt("topology_version", version_);
  if (send) {
    AppendSend(json, topology_, record);
  } else {
    AppendAnswer(json, topology_, record);
  }
  json.EndObject();
}

void RecordWriter::AppendDeadLetter(std::string& out, const DeadLetter& letter) const {
  JsonWriter json(out);
  json.BeginObject();
  json.TextAt("source", letter.source);
  json.UintAt("file", letter.file);
  json.UintAt("line", letter.line);
  json.UintAt("offset", letter.offset);
  json.TextAt("reason", DeadLetterReasonName(letter.reason));
  json.TextAt("message", letter.message);
  json.TextAt("topology_version", version_);
  if (letter.time) json.TimeAt("time", *letter.time);
  json.Base64At("bytes", letter.bytes.substr(0, kDeadLetterBytesMax));
  json.EndObject();
}

}  // namespace antiphon::formats
