#pragma once

#include "engine/decision/step.h"
#include "state/model/timer.h"

namespace antiphon::decision {

// Sets a timer. One that is due at or before now fires at the end of this step. O(timers).
void SetTimer(Step& step, EngineTime due, state::TimerKind kind, std::uint32_t reference);

// Removes every timer of the kind and reference. O(timers).
void CancelTimers(Step& step, state::TimerKind kind, std::uint32_t reference);

// Leaves exactly one timer of the kind and reference, due then, or none for nothing. Does nothing where it stands already.
void KeepTimer(Step& step, std::optional<EngineTime> due, state::TimerKind kind, std::uint32_t reference);

// What keeps them silent may be gone: moments that found nothing to say and want to be decided again are due at `at`, which is the end of
// this step, or later if the partition is not current. Not for events of backfill. O(moments).
void WakeWaitingMoments(Step& step);

}  // namespace antiphon::decision
