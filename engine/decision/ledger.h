#pragma once

#include <string_view>

#include "engine/decision/permissions.h"
#include "engine/decision/step.h"

namespace antiphon::decision {

// The ledger of one customer: the only room that changes a contact's status. Each change leaves a ContactRecord, so that the log of
// contacts is the ledger, and moves the timers and holds that hang on it. Contacts are named by their number, since adding one moves the
// others in memory. Source: docs/contact-policy.md, "The ledger".

// Does the table have this step? (From kNone: what a decision or another system may begin with.)
[[nodiscard]] bool TransitionAllowed(state::ContactStatus from, state::ContactStatus to);

// 0 for what is no response; delivered 1, seen 2, clicked 3, accepted, declined, no_response 4.
[[nodiscard]] int ResponseRank(state::ContactStatus status);

// nullptr if it is not (or no longer) remembered. Valid until a contact is added.
[[nodiscard]] state::Contact* FindContact(Step& step, std::uint32_t number);
[[nodiscard]] state::Contact* FindContactById(Step& step, const Hash128& id);

// Adds a contact in its first status with a new number, which is returned. Sets the timers of what is planned or proposed; a plan whose
// offer has an open proposal is held, and a proposal holds the plans of its offer.
std::uint32_t AddContact(Step& step, state::Contact contact, std::string_view reason);

// Moves the contact and does what hangs on it: timers, release of held plans, take-over, cooldowns (by `code`, a response code, or empty);
// a place that it gives back wakes the moments that wait for one.
// False, and nothing changed, if the table does not have the step: counted. REQUIRES: the contact exists.
bool MoveContact(Step& step, std::uint32_t number, state::ContactStatus to, std::string_view reason, std::string_view code = {});

// A plan (or what is withheld in its place) gets another due time.
void MoveDue(Step& step, std::uint32_t number, EngineTime due, std::string_view reason);

// A note on a contact without a change of status: facts, a response of lower rank.
void NoteOnContact(Step& step, std::uint32_t number, std::string_view reason);

// An open proposal of the plan's offer holds it.
[[nodiscard]] bool IsHeld(const Step& step, const state::Contact& plan);

// Cancels (releases, for proposals) every open contact that consent, suppressions or cooldowns now forbid, in order of number.
void CancelForbidden(Step& step);

// Forgets closed contacts that no rule can reach any more. Called when one is added.
void ForgetOldContacts(Step& step);

[[nodiscard]] Saying SayingOf(const state::Contact& contact);

}  // namespace antiphon::decision
