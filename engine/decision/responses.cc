#include "engine/decision/responses.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/decision/contact_policy.h"
#include "engine/decision/customer_updates.h"
#include "engine/decision/event_fields.h"
#include "engine/decision/ledger.h"
#include "engine/decision/outbound_decision.h"
#include "engine/decision/record_ids.h"
#include "engine/decision/words.h"

namespace antiphon::decision {
namespace {

using state::Contact;
using state::ContactStatus;
using state::kNone;
using topology::ResponseCode;
using topology::RoleField;

const ResponseCode* FindCode(const Step& step, const Contact& contact, std::string_view word) {
  if (contact.channel == kNone<state::ChannelId>) return nullptr;
  return FindSorted(step.topology.channels[contact.channel.value()].responses, &ResponseCode::code, word);
}

// A place taken from outside may break a cap: it is counted and named, and plans that no longer have theirs are decided again.
void JudgePlansAgain(Step& step, CauseKind kind) {
  std::vector<std::uint32_t>& plans = step.scratch.numbers;
  plans.clear();
  for (const Contact& contact : step.customer.contacts) {
    const bool waits = contact.status == ContactStatus::kPlanned || (contact.status == ContactStatus::kWithheld && !contact.settled);
    if (waits && contact.direction == state::Direction::kOutbound && contact.foreign_id.empty()) plans.push_back(contact.number);
  }
  for (const std::uint32_t number : plans) {
    const Contact* plan = FindContact(step, number);
    if (plan == nullptr || !state::IsOpen(plan->status)) continue;
    const PlaceQuestion place{.saying = SayingOf(*plan), .when = plan->due, .free = {&number, 1}};
    if (!CapReached(step, place) && !TooCloseBy(step, place) && !ExcludedBy(step, place)) continue;
    DecideDue(step, number, {.kind = kind, .source = step.event->source, .id = step.event->id});
  }
}

// The cap that a contact from outside breaks, or empty.
std::string_view BrokenCap(Step& step, const Contact& contact) {
  const Forbidden broken = CapReached(step, {.saying = SayingOf(contact), .when = contact.counted, .free = {&contact.number, 1}});
  if (broken) step.effects.Count(Counter::kCapsBrokenFromOutside);
  return broken.rule;
}

// A response implies that what was proposed (or released) was presented. False if the ledger refuses it.
bool ImplyPresented(Step& step, std::uint32_t number, std::string_view code) {
  const ContactStatus before = FindContact(step, number)->status;
  if (before != ContactStatus::kProposed && before != ContactStatus::kReleased) return true;
  std::string reason(code);
  if (before == ContactStatus::kReleased) {
    Contact& contact = *FindContact(step, number);
    contact.counted = std::min(step.event->time, step.time.now);  // a late report counts from its own time
    if (const std::string_view cap = BrokenCap(step, contact); !cap.empty()) reason.append(", breaks cap ").append(cap);
  }
  return MoveContact(step, number, ContactStatus::kPresented, reason, code);
}

// False, and nothing changed, if the ledger refuses it.
bool Move(Step& step, std::uint32_t number, const ResponseCode& response) {
  if (response.moves_to == ContactStatus::kReleased) {
    return MoveContact(step, number, ContactStatus::kReleased, response.code, response.code);
  }
  const ContactStatus before = FindContact(step, number)->status;
  if (!ImplyPresented(step, number, response.code)) return false;
  const ContactStatus status = FindContact(step, number)->status;
  const bool implied = status != before;
  if (implied && response.moves_to == ContactStatus::kPresented) return true;
  const int rank = ResponseRank(response.moves_to);
  if (!TransitionAllowed(status, response.moves_to) && rank > 0 && rank <= ResponseRank(status) && rank < 4) {
    step.effects.Count(Counter::kResponsesNoted);
    NoteOnContact(step, number, response.code);
    return true;
  }
  return MoveContact(step, number, response.moves_to, response.code, response.code) || implied;
}

// False if there is nothing new.
bool AttachFacts(Step& step, std::uint32_t number, const ResponseCode& response) {
  Contact& contact = *FindContact(step, number);
  const auto fresh = static_cast<std::uint8_t>(response.facts & ~contact.facts);  // a conversion counts once
  if (fresh == 0) return false;
  contact.facts = static_cast<std::uint8_t>(contact.facts | fresh);
  NoteOnContact(step, number, response.code);
  return true;
}

// Was it said, or may it have been? What waits, was called off or is withheld can be neither presented nor answered.
bool CanBeAnswered(const Contact& contact) {
  return contact.withholding == state::Withholding::kNone && contact.status != ContactStatus::kPlanned &&
         contact.status != ContactStatus::kWithheld && contact.status != ContactStatus::kCancelled &&
         contact.status != ContactStatus::kExpired;
}

// What the response does to its contact, which can be answered. Of a change that the ledger refuses nothing stays, not even who asked
// for it; facts stand beside the status.
void Follow(Step& step, std::uint32_t number, const ResponseCode& response) {
  step.noted = number;
  step.note = RoleText(step, RoleField::kReason);
  const state::Actor before = std::exchange(FindContact(step, number)->actor, RoleActor(step));
  const bool moved = response.moves_to != ContactStatus::kNone && Move(step, number, response);
  const bool attached = AttachFacts(step, number, response);
  if (moved || attached) return;
  if (response.moves_to == ContactStatus::kNone && !step.note.empty()) {
    NoteOnContact(step, number, response.code);
  } else {
    FindContact(step, number)->actor = before;
  }
}

void OptOut(Step& step, const Contact& contact, const ResponseCode& response) {
  const auto& purpose = step.topology.classes.at(static_cast<std::size_t>(state::ContactClass::kMarketing)).consent;
  if (!purpose) return;
  const state::ChannelId channel = response.opt_out_everywhere ? kNone<state::ChannelId> : contact.channel;
  ChangeConsent(step, *purpose, channel, false, step.event->time);
}

void MarkAddressBad(Step& step, const Contact& contact) {
  const state::ContactPointId point = step.topology.channels[contact.channel.value()].address.point;
  if (point == kNone<state::ContactPointId>) return;
  auto& kept = FindOrInsertSorted(step.customer.contact_points, &state::ContactPoint::kind, point);
  if (step.event->time < kept.time) return;
  kept.good = false;
  kept.time = step.event->time;
}

// The fields of a contact.recorded event as a contact; nothing if its status or id is no word of the ledger.
std::optional<Contact> ReadRecorded(Step& step) {
  const auto status = ParseStatus(RoleText(step, RoleField::kStatus));
  const std::string_view id = RoleText(step, RoleField::kContactId);
  if (!status || id.empty() || *status == ContactStatus::kNone) return std::nullopt;
  Contact contact;
  contact.id = ForeignContactId(id);
  contact.foreign_id = id;
  contact.status = *status;
  contact.direction = ParseDirection(RoleText(step, RoleField::kDirection)).value_or(state::Direction::kOutbound);
  contact.contact_class = ParseClass(RoleText(step, RoleField::kClass)).value_or(state::ContactClass::kMarketing);
  contact.channel = RoleChannel(step);
  const std::string_view offer = RoleText(step, RoleField::kOffer);
  if (const auto known = topology::FindById(step.topology.offers, offer)) {
    contact.offer = state::OfferId{*known};
  } else {
    contact.foreign_offer = offer;
  }
  contact.source_system = RoleText(step, RoleField::kSourceSystem);
  if (contact.source_system.empty()) contact.source_system = step.event->source;
  contact.actor = RoleActor(step);
  contact.interaction_id = RoleText(step, RoleField::kInteractionId);
  contact.decided = contact.counted = contact.due = step.event->time;
  contact.expires = kEngineTimeMax;
  return contact;
}

}  // namespace

void ApplyResponse(Step& step) {
  const Contact* contact = FindContactById(step, ParseContactId(RoleText(step, RoleField::kContactId)));
  if (contact == nullptr) {
    step.effects.Count(Counter::kOrphanResponses);
    return;
  }
  const ResponseCode* response = FindCode(step, *contact, RoleText(step, RoleField::kCode));
  if (response == nullptr) {
    step.effects.Count(Counter::kUnknownResponseCodes);
    return;
  }
  const std::uint32_t number = contact->number;
  if (CanBeAnswered(*contact)) {
    Follow(step, number, *response);
    if (response->bad_address) MarkAddressBad(step, *FindContact(step, number));
  } else {
    step.effects.Count(Counter::kStatusChangesRefused);
  }
  // The customer's own word holds whatever it was said about.
  const Contact& after = *FindContact(step, number);
  if (response->opt_out || response->opt_out_everywhere) {
    OptOut(step, after, *response);
    CancelForbidden(step);
  }
  JudgePlansAgain(step, CauseKind::kResponse);
}

void ApplyRecordedContact(Step& step) {
  std::optional<Contact> recorded = ReadRecorded(step);
  if (!recorded) {
    step.effects.Count(Counter::kUnknownWords);
    return;
  }
  if (const Contact* known = FindContactById(step, recorded->id)) {
    if (known->status == recorded->status) return;
    MoveContact(step, known->number, recorded->status, "recorded");
    return;
  }
  const bool takes_place = state::TakesPlace(*recorded);
  const ContactStatus status = recorded->status;
  const std::uint32_t number = AddContact(step, std::move(*recorded), "recorded");
  if (StartCooldowns(step, *FindContact(step, number), status, {})) CancelForbidden(step);
  if (!takes_place) return;
  if (const std::string_view cap = BrokenCap(step, *FindContact(step, number)); !cap.empty()) {
    NoteOnContact(step, number, std::string("breaks cap ").append(cap));
  }
  JudgePlansAgain(step, CauseKind::kRecorded);
}

void ApplyInteractionEnd(Step& step) {
  const std::string_view interaction = RoleText(step, RoleField::kInteractionId);
  if (interaction.empty()) return;
  // What the universal holdout withheld in the interaction ends as the proposal that it stands for.
  const auto ends = [interaction](const Contact& contact) {
    const bool open = contact.status == ContactStatus::kProposed || (contact.status == ContactStatus::kWithheld && !contact.settled);
    return open && contact.direction == state::Direction::kInbound && contact.interaction_id == interaction;
  };
  std::vector<std::uint32_t>& proposed = step.scratch.numbers;
  proposed.clear();
  for (const Contact& contact : step.customer.contacts) {
    if (ends(contact)) proposed.push_back(contact.number);
  }
  for (const std::uint32_t number : proposed) {
    if (ends(*FindContact(step, number))) MoveContact(step, number, ContactStatus::kReleased, "interaction_ended");
  }
}

void NoteNoResponse(Step& step, std::uint32_t contact_number) {
  const Contact* contact = FindContact(step, contact_number);
  if (contact == nullptr || !TransitionAllowed(contact->status, ContactStatus::kNoResponse)) return;
  MoveContact(step, contact_number, ContactStatus::kNoResponse, "response_window");
}

}  // namespace antiphon::decision
