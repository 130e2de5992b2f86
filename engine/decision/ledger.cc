#include "engine/decision/ledger.h"

#include <string>
#include <utility>

#include "engine/decision/timers.h"

namespace antiphon::decision {
namespace {

using state::Contact;
using state::ContactStatus;
using state::kNone;
using state::TimerKind;

void Emit(Step& step, const Contact& contact, ContactStatus previous, std::string_view reason) {
  ContactRecord& record = step.effects.contacts.Add();
  record.contact = contact;
  record.previous = previous;
  record.customer = step.customer.customer;
  record.ordinal = ++step.customer.contact_records;
  record.time = step.time.now;
  record.reason = reason;
  if (contact.number == step.noted) record.note = step.note;
}

bool IsOpenProposalOf(const Contact& contact, state::OfferId offer) {
  return contact.status == ContactStatus::kProposed && contact.offer == offer && offer != kNone<state::OfferId>;
}

// Sets or takes away the due timer of a plan, as holds demand.
void RefreshDueTimer(Step& step, const Contact& contact) {
  const bool waits = contact.status == ContactStatus::kPlanned || (contact.status == ContactStatus::kWithheld && !contact.settled);
  const bool outbound = contact.direction == state::Direction::kOutbound;
  std::optional<EngineTime> due;
  if (waits && outbound && contact.foreign_id.empty() && !IsHeld(step, contact)) due = contact.due;
  KeepTimer(step, due, TimerKind::kContactDue, contact.number);
}

// A proposal of the offer holds its plans, or the last one is gone: then they go on when they are due. What was due meanwhile is due at
// the end of this step and decided again, one plan after the other; until then it keeps the place it had, and no record says more.
void RefreshPlansOf(Step& step, state::OfferId offer) {
  for (const Contact& contact : step.customer.contacts) {
    if (contact.offer == offer && contact.status == ContactStatus::kPlanned) RefreshDueTimer(step, contact);
  }
}

void TakeOverPlans(Step& step, state::OfferId offer) {
  for (std::size_t i = 0; i < step.customer.contacts.size(); ++i) {
    const Contact& plan = step.customer.contacts[i];
    if (plan.offer == offer && plan.status == ContactStatus::kPlanned) {
      MoveContact(step, plan.number, ContactStatus::kCancelled, "taken_over");
    }
  }
}

bool AwaitsResponse(ContactStatus status) {
  return status == ContactStatus::kSent || status == ContactStatus::kPresented || status == ContactStatus::kDelivered ||
         status == ContactStatus::kSeen || status == ContactStatus::kClicked;
}

// The timers of a contact in its present status.
void RefreshTimers(Step& step, const Contact& contact, ContactStatus previous) {
  RefreshDueTimer(step, contact);
  const bool open = state::IsOpen(contact.status) && !contact.settled;
  if (!open) {
    CancelTimers(step, TimerKind::kContactExpires, contact.number);
    CancelTimers(step, TimerKind::kProposalEnds, contact.number);
  }
  const bool said_now = contact.status == ContactStatus::kSent || contact.status == ContactStatus::kPresented;
  if (said_now && contact.channel != kNone<state::ChannelId> && previous != contact.status) {
    const Milliseconds window = step.topology.channels[contact.channel.value()].response_window;
    if (window > Milliseconds{0}) SetTimer(step, step.time.at() + window, TimerKind::kNoResponse, contact.number);
  } else if (!AwaitsResponse(contact.status)) {
    CancelTimers(step, TimerKind::kNoResponse, contact.number);
  }
}

}  // namespace

Saying SayingOf(const Contact& contact) {
  return {.offer = contact.offer,
          .channel = contact.channel,
          .campaign = contact.campaign,
          .contact_class = contact.contact_class,
          .direction = contact.direction};
}

int ResponseRank(ContactStatus status) {
  switch (status) {
    case ContactStatus::kDelivered:
      return 1;
    case ContactStatus::kSeen:
      return 2;
    case ContactStatus::kClicked:
      return 3;
    case ContactStatus::kAccepted:
    case ContactStatus::kDeclined:
    case ContactStatus::kNoResponse:
      return 4;
    default:
      return 0;
  }
}

bool TransitionAllowed(ContactStatus from, ContactStatus to) {
  switch (from) {
    case ContactStatus::kNone:
      return to != ContactStatus::kNone;
    case ContactStatus::kPlanned:
      return to == ContactStatus::kPlanned || to == ContactStatus::kSent || to == ContactStatus::kCancelled ||
             to == ContactStatus::kExpired;
    case ContactStatus::kWithheld:
      return to == ContactStatus::kWithheld || to == ContactStatus::kCancelled || to == ContactStatus::kExpired ||
             to == ContactStatus::kReleased;
    case ContactStatus::kProposed:
      return to == ContactStatus::kPresented || to == ContactStatus::kReleased;
    case ContactStatus::kReleased:
      return to == ContactStatus::kPresented;
    case ContactStatus::kSent:
    case ContactStatus::kPresented:
      return to == ContactStatus::kFailed || ResponseRank(to) > 0;
    case ContactStatus::kDelivered:
    case ContactStatus::kSeen:
    case ContactStatus::kClicked:
      return ResponseRank(to) > ResponseRank(from);
    case ContactStatus::kNoResponse:
      return to == ContactStatus::kAccepted || to == ContactStatus::kDeclined;
    default:
      return false;
  }
}

Contact* FindContact(Step& step, std::uint32_t number) { return FindSorted(step.customer.contacts, &Contact::number, number); }

Contact* FindContactById(Step& step, const Hash128& id) {
  for (Contact& contact : step.customer.contacts) {
    if (contact.id == id) return &contact;
  }
  return nullptr;
}

bool IsHeld(const Step& step, const Contact& plan) {
  return std::any_of(step.customer.contacts.begin(), step.customer.contacts.end(),
                     [&plan](const Contact& other) { return IsOpenProposalOf(other, plan.offer); });
}

std::uint32_t AddContact(Step& step, Contact contact, std::string_view reason) {
  ForgetOldContacts(step);
  contact.number = ++step.customer.contacts_made;
  contact.changed = step.time.now;
  step.customer.contacts.push_back(std::move(contact));
  const Contact& added = step.customer.contacts.back();
  Emit(step, added, ContactStatus::kNone, reason);
  RefreshTimers(step, added, ContactStatus::kNone);
  if (state::IsOpen(added.status) && added.expires < kEngineTimeMax) {
    const bool proposal = added.direction == state::Direction::kInbound;
    SetTimer(step, added.expires, proposal ? TimerKind::kProposalEnds : TimerKind::kContactExpires, added.number);
  }
  if (added.status == ContactStatus::kProposed) RefreshPlansOf(step, added.offer);
  return added.number;
}

bool MoveContact(Step& step, std::uint32_t number, ContactStatus to, std::string_view reason, std::string_view code) {
  Contact* contact = FindContact(step, number);
  const bool withheld = contact->withholding != state::Withholding::kNone;  // also once it is released: it never was to be said
  if (!TransitionAllowed(contact->status, to) || (withheld && to == ContactStatus::kPresented)) {
    step.effects.Count(Counter::kStatusChangesRefused);
    return false;
  }
  const bool took_place = state::TakesPlace(*contact);
  const ContactStatus previous = std::exchange(contact->status, to);
  contact->changed = step.time.now;
  if (to == ContactStatus::kSent) {
    contact->counted = step.time.at();
    contact->due = step.time.at();
  }
  Emit(step, *contact, previous, reason);
  RefreshTimers(step, *contact, previous);
  const state::OfferId offer = contact->offer;
  if (to == ContactStatus::kPresented && offer != kNone<state::OfferId>) TakeOverPlans(step, offer);
  if (previous == ContactStatus::kProposed && offer != kNone<state::OfferId>) RefreshPlansOf(step, offer);
  contact = FindContact(step, number);
  if (took_place && !state::TakesPlace(*contact)) WakeWaitingMoments(step);
  if (StartCooldowns(step, *contact, to, code)) CancelForbidden(step);
  return true;
}

void MoveDue(Step& step, std::uint32_t number, EngineTime due, std::string_view reason) {
  Contact& contact = *FindContact(step, number);
  contact.due = due;
  contact.counted = due;
  contact.changed = step.time.now;
  Emit(step, contact, contact.status, reason);
  RefreshDueTimer(step, contact);
}

void NoteOnContact(Step& step, std::uint32_t number, std::string_view reason) {
  const Contact& contact = *FindContact(step, number);
  Emit(step, contact, contact.status, reason);
}

void CancelForbidden(Step& step) {
  for (std::size_t i = 0; i < step.customer.contacts.size(); ++i) {
    const Contact& contact = step.customer.contacts[i];
    if (!state::IsOpen(contact.status) || contact.settled || !contact.foreign_id.empty()) continue;
    const Saying saying = SayingOf(contact);
    const EngineTime when = std::max(contact.due, step.time.at());
    const auto& purpose = step.topology.classes.at(static_cast<std::size_t>(contact.contact_class)).consent;
    std::string_view rule;
    if (purpose && !Consents(step, *purpose, contact.channel)) {
      rule = "consent";
    } else if (const Forbidden suppressed = Suppressed(step, saying, when)) {
      rule = suppressed.rule;
    } else if (const Forbidden cooling = CoolingDown(step, saying, when)) {
      rule = cooling.rule;
    }
    if (rule.empty()) continue;
    const bool inbound = contact.direction == state::Direction::kInbound;
    MoveContact(step, contact.number, inbound ? ContactStatus::kReleased : ContactStatus::kCancelled, rule);
  }
}

void ForgetOldContacts(Step& step) {
  const EngineTime before = step.time.now - step.topology.remember;
  std::erase_if(step.customer.contacts, [before](const Contact& contact) {
    const bool waits = state::IsOpen(contact.status) && !contact.settled;
    return !waits && contact.counted < before && contact.changed < before;
  });
}

}  // namespace antiphon::decision
