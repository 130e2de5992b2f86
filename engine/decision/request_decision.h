#pragma once

#include "engine/decision/step.h"

namespace antiphon::decision {

// Answers the decision.requested event in hand: ranked offers, each proposed in the ledger and seeing the places of those before it, and
// what the agent or screen may know beside them. One offer in one interaction is one contact, however often it is asked for. Always leaves
// a decision and an answer. Source: docs/inbound.md.
void DecideRequest(Step& step);

}  // namespace antiphon::decision
