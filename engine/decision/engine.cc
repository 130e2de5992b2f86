#include "engine/decision/engine.h"

#include "engine/decision/customer_updates.h"
#include "engine/decision/feature_values.h"
#include "engine/decision/ledger.h"
#include "engine/decision/outbound_decision.h"
#include "engine/decision/request_decision.h"
#include "engine/decision/responses.h"
#include "engine/decision/step.h"
#include "engine/decision/triggers.h"
#include "state/base/check.h"

namespace antiphon::decision {
namespace {

using state::Timer;
using state::TimerKind;
using topology::EventRole;

void ApplyByRole(Step& step) {
  switch (step.topology.event_types[step.event->type].role) {
    case EventRole::kContactRecorded:
      ApplyRecordedContact(step);
      break;
    case EventRole::kContactResponse:
      ApplyResponse(step);
      break;
    case EventRole::kInteractionEnded:
      ApplyInteractionEnd(step);
      break;
    default:
      break;
  }
}

// A plan whose moment or validity is over. What was withheld in its place ends alike.
void ExpireContact(Step& step, std::uint32_t number) {
  const state::Contact* contact = FindContact(step, number);
  if (contact == nullptr || contact->settled || !state::IsOpen(contact->status)) return;
  MoveContact(step, number, state::ContactStatus::kExpired, "moment_or_validity_over");
}

void EndProposal(Step& step, std::uint32_t number) {
  const state::Contact* contact = FindContact(step, number);
  if (contact == nullptr || contact->settled || !state::IsOpen(contact->status)) return;
  MoveContact(step, number, state::ContactStatus::kReleased, "answer_no_longer_valid");
}

void Fire(Step& step, const Timer& timer) {
  switch (timer.kind) {
    case TimerKind::kPattern:
      AdvancePattern(step, state::TriggerId{static_cast<std::uint16_t>(timer.reference)});
      break;
    case TimerKind::kDate:
      FireDate(step, state::TriggerId{static_cast<std::uint16_t>(timer.reference)});
      break;
    case TimerKind::kLateness:
      ShowHeldEvents(step, state::TriggerId{static_cast<std::uint16_t>(timer.reference)});
      break;
    case TimerKind::kContactDue:
      ContactFallsDue(step, timer.reference);
      break;
    case TimerKind::kContactExpires:
      ExpireContact(step, timer.reference);
      break;
    case TimerKind::kNoResponse:
      NoteNoResponse(step, timer.reference);
      break;
    case TimerKind::kProposalEnds:
      EndProposal(step, timer.reference);
      break;
    case TimerKind::kMomentRetry:
      RetryMoments(step, timer.reference);
      break;
    case TimerKind::kMomentExpires:
      ExpireMoment(step, timer.reference);
      break;
  }
}

void BeginStep(Step& step) {
  step.scratch.arena.Reset();
  step.scratch.opened.clear();
  step.scratch.previous.clear();
}

}  // namespace

StepScratchPtr MakeStepScratch() { return StepScratchPtr(new StepScratch); }
void StepScratchDeleter::operator()(StepScratch* scratch) const { delete scratch; }

void Engine::ApplyEvent(state::PartitionState& partition, state::CustomerState& customer, const Event& event, const StepTime& time,
                        StepScratch& scratch, Effects& effects) const {
  ANTIPHON_CHECK(time.now >= partition.clock);
  Step step{.topology = topology_, .partition = partition, .customer = customer, .time = time, .scratch = scratch, .effects = effects};
  step.event = &event;
  BeginStep(step);
  partition.clock = time.now;
  if (event.backfill) partition.newest_backfill = std::max(partition.newest_backfill, event.time);
  ++customer.arrivals;
  UpdateCustomer(step);
  UpdateFeatures(step);
  UpdateSegments(step);
  RefreshDates(step);
  ApplyByRole(step);
  ShowEventToTriggers(step);
  DecideOpened(step);
  if (topology_.event_types[event.type].role != EventRole::kDecisionRequested) return;
  if (event.backfill) {
    effects.Count(Counter::kBackfillRequests);
  } else {
    DecideRequest(step);
  }
}

void Engine::FireTimer(state::PartitionState& partition, state::CustomerState& customer, const StepTime& time, StepScratch& scratch,
                       Effects& effects) const {
  ANTIPHON_CHECK(!customer.timers.empty() && customer.timers.front().due <= time.now && time.now >= partition.clock);
  const Timer timer = customer.timers.front();
  customer.timers.erase(customer.timers.begin());
  Step step{.topology = topology_, .partition = partition, .customer = customer, .time = time, .scratch = scratch, .effects = effects};
  BeginStep(step);
  partition.clock = time.now;
  Fire(step, timer);
  DecideOpened(step);
}

void Engine::ApplyControl(state::PartitionState& partition, const Control& control) const {
  auto& pauses = partition.pauses;
  const auto same = [&control](const state::Pause& pause) { return pause.kind == control.paused && pause.what == control.what; };
  std::erase_if(pauses, same);
  if (control.kind == Control::Kind::kResume) return;
  const state::Pause pause{.kind = control.paused, .what = control.what, .since = control.time};
  pauses.insert(std::upper_bound(pauses.begin(), pauses.end(), pause,
                                 [](const state::Pause& left, const state::Pause& right) {
                                   return std::pair(left.kind, left.what) < std::pair(right.kind, right.what);
                                 }),
                pause);
}

}  // namespace antiphon::decision
