#pragma once

#include <optional>

#include "engine/decision/step.h"

namespace antiphon::decision {

// The earliest time from `at` on at which the treatment may be said: the channel is open (bank's zone, holidays), it is not the
// customer's quiet time (his zone), and the channel to reply on is open soon enough after. Nothing within the horizon of
// calendar::EarliestSayable. Quiet hours bind the classes that obey them. Source: docs/opening-hours.md.
[[nodiscard]] std::optional<EngineTime> PlannedTime(const Step& step, const topology::Treatment& treatment,
                                                    state::ContactClass contact_class, EngineTime at);

}  // namespace antiphon::decision
