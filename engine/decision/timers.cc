#include "engine/decision/timers.h"

namespace antiphon::decision {

void SetTimer(Step& step, EngineTime due, state::TimerKind kind, std::uint32_t reference) {
  const state::Timer timer{.due = due, .sequence = ++step.customer.timers_set, .kind = kind, .reference = reference};
  auto& timers = step.customer.timers;
  timers.insert(std::upper_bound(timers.begin(), timers.end(), timer), timer);
}

void CancelTimers(Step& step, state::TimerKind kind, std::uint32_t reference) {
  if (step.customer.timers.empty()) return;
  std::erase_if(step.customer.timers,
                [kind, reference](const state::Timer& timer) { return timer.kind == kind && timer.reference == reference; });
}

void KeepTimer(Step& step, std::optional<EngineTime> due, state::TimerKind kind, std::uint32_t reference) {
  for (const state::Timer& timer : step.customer.timers) {
    if (timer.kind == kind && timer.reference == reference && due && timer.due == *due) return;
  }
  CancelTimers(step, kind, reference);
  if (due) SetTimer(step, *due, kind, reference);
}

void WakeWaitingMoments(Step& step) {
  if (step.event != nullptr && step.event->backfill) return;  // it speaks to nobody
  for (const state::Moment& moment : step.customer.moments) {
    const bool waits = step.topology.triggers[moment.trigger.value()].retry_when_open && !moment.has_contact && !moment.had_turn;
    if (waits && step.time.at() < moment.expires) KeepTimer(step, step.time.at(), state::TimerKind::kMomentRetry, moment.number);
  }
}

}  // namespace antiphon::decision
