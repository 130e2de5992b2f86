#pragma once

#include "engine/decision/step.h"

namespace antiphon::decision {

// What the event in hand changes of the customer's record apart from features, runs and contacts: profile, holdings, contact points,
// page views, consents, suppressions. An older event does not overwrite what a newer one said. What consents and suppressions now forbid is
// cancelled in the same step. REQUIRES: step.event is there. Source: docs/classes-and-consent.md.
void UpdateCustomer(Step& step);

// The customer's word on a purpose, from an event or from an opt-out in a response; `channel` kNone: on all.
void ChangeConsent(Step& step, state::PurposeId purpose, state::ChannelId channel, bool granted, EngineTime time);

// Keeps class and time of the schemes that since() is asked of.
void UpdateSegments(Step& step);

}  // namespace antiphon::decision
