#pragma once

#include "engine/decision/step.h"

namespace antiphon::decision {

// Shows the event in hand to the triggers that listen to its type; what fires opens moments (added to scratch.opened and the record).
// An event older than the customer's newest pattern event is not shown to patterns, and counted. Source: docs/triggers.md,
// docs/patterns.md.
void ShowEventToTriggers(Step& step);

// The clock reached the due time of a pattern's runs.
void AdvancePattern(Step& step, state::TriggerId trigger);

// Events held back for a trigger with lateness are due to be shown.
void ShowHeldEvents(Step& step, state::TriggerId trigger);

// A date of the customer has come: opens its moment and sets the timer of the next one.
void FireDate(Step& step, state::TriggerId trigger);

// Sets the timers of date triggers anew where the event in hand changed their field. Call after the profile was updated.
void RefreshDates(Step& step);

// Opened moments, in the order of decision, are decided: together or one after the other. Empties scratch.opened.
void DecideOpened(Step& step);

// A moment's time is over: it is forgotten, and counted if nothing was said of it.
void ExpireMoment(Step& step, std::uint32_t number);

}  // namespace antiphon::decision
