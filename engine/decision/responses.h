#pragma once

#include "engine/decision/step.h"

namespace antiphon::decision {

// What the customer, a gateway or an agent reported about a contact: moves the ledger by the channel's response codes, attaches facts,
// turns an opt-out into a change of consent. A response to nothing that is remembered is counted as orphan. REQUIRES: the event in hand is
// a contact.response. Source: docs/contact-policy.md, "Responses".
void ApplyResponse(Step& step);

// A contact that another system made: takes its place in the same ledger. Its id again moves it. REQUIRES: a contact.recorded.
void ApplyRecordedContact(Step& step);

// The interaction is over: what was proposed in it and not presented is released. REQUIRES: an interaction.ended.
void ApplyInteractionEnd(Step& step);

// The response window of a contact is over.
void NoteNoResponse(Step& step, std::uint32_t contact_number);

}  // namespace antiphon::decision
