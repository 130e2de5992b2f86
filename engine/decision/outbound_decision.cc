#include "engine/decision/outbound_decision.h"

#include <array>
#include <string_view>
#include <utility>

#include "engine/decision/candidate_judge.h"
#include "engine/decision/decision_recorder.h"
#include "engine/decision/ledger.h"
#include "engine/decision/timers.h"

namespace antiphon::decision {
namespace {

using state::Contact;
using state::ContactStatus;
using state::kNone;
using state::Moment;

Moment* FindMoment(Step& step, std::uint32_t number) { return FindSorted(step.customer.moments, &Moment::number, number); }

// What the ranking came to.
struct Verdict {
  const Candidate* winner = nullptr;  // chosen, or withheld by the universal holdout
  bool withheld = false;
};

// Records the withheld contact of a control group: it takes no place, stands for nothing later, and is made once per moment and offer.
void WithholdForControl(Step& step, const DecisionQuestion& question, const Candidate& candidate, DecisionRecorder& recorder) {
  for (const Contact& other : step.customer.contacts) {
    const bool same_moment = candidate.moment != nullptr && !other.moments.empty() && other.moments.front() == candidate.moment->number;
    if (other.withholding == state::Withholding::kControl && other.offer == candidate.record.offer && same_moment) return;
  }
  Contact contact = DraftContact(step, question, candidate, recorder);
  contact.id = recorder.NextContactId(candidate);
  contact.status = ContactStatus::kWithheld;
  contact.withholding = state::Withholding::kControl;
  contact.settled = true;
  AddContact(step, std::move(contact), "control");
}

// The best that passed, experiments last; closes the others. Control groups are recorded on the way.
Verdict Choose(Step& step, const DecisionQuestion& question, std::span<Candidate> candidates, DecisionRecorder& recorder) {
  Verdict verdict;
  for (const std::size_t i : RankPassed(step, candidates)) {
    Candidate& candidate = candidates[i];
    if (verdict.winner != nullptr) {
      CloseCandidate(candidate, Stage::kOutranked, step.topology.offers[verdict.winner->record.offer.value()].id);
      continue;
    }
    const state::CampaignId campaign = CampaignOf(step.topology, candidate.record);
    const bool seen = std::ranges::any_of(candidates, [&](const Candidate& other) {
      return other.record.stage == Stage::kControl && CampaignOf(step.topology, other.record) == campaign;
    });
    const Arm arm = seen ? Arm::kControl : ArmOf(step, candidate);
    if (arm == Arm::kControl) {
      if (!seen) WithholdForControl(step, question, candidate, recorder);
      CloseCandidate(candidate, Stage::kControl, step.topology.campaigns[campaign.value()].id);
      continue;
    }
    verdict.winner = &candidate;
    verdict.withheld = arm == Arm::kUniversalHoldout;
    if (verdict.withheld) CloseCandidate(candidate, Stage::kHoldout, "universal_holdout");
  }
  return verdict;
}

std::span<Candidate> JudgeAll(Step& step, const DecisionQuestion& question, std::span<const std::uint32_t> free) {
  const std::span<Candidate> candidates = GatherCandidates(step, question);
  for (Candidate& candidate : candidates) {
    candidate.free.assign(free.begin(), free.end());
    JudgeCandidate(step, question, candidate);
  }
  return candidates;
}

void Send(Step& step, std::uint32_t number, const Candidate& candidate, std::string_view reason) {
  if (!MoveContact(step, number, ContactStatus::kSent, reason)) return;
  const Contact& contact = *FindContact(step, number);
  OutboundRecord& record = step.effects.outbound.Add();
  record.kind = OutboundRecord::Kind::kSend;
  record.customer = step.customer.customer;
  record.time = step.time.at();
  record.contact_id = contact.id;
  record.channel = contact.channel;
  record.treatment = contact.treatment;
  record.language = candidate.language;
  record.text = candidate.text;
}

bool CanBeSaidNow(const Step& step, const Candidate& candidate) { return step.time.current && candidate.record.planned == step.time.at(); }

// The withheld twin of a contact goes through the same life without being sent: nothing is due once it would have been.
void Settle(Step& step, std::uint32_t number) {
  Contact& contact = *FindContact(step, number);
  contact.settled = true;
  contact.counted = step.time.at();
  contact.due = step.time.at();
  CancelTimers(step, state::TimerKind::kContactDue, number);
  CancelTimers(step, state::TimerKind::kContactExpires, number);
  NoteOnContact(step, number, "would_have_been_sent");
}

// The winner as a new contact: planned or withheld, and sent at once where it can be.
void MakeContact(Step& step, const DecisionQuestion& question, const Verdict& verdict, DecisionRecorder& recorder) {
  const Candidate& winner = *verdict.winner;
  Contact contact = DraftContact(step, question, winner, recorder);
  contact.id = recorder.NextContactId(winner);
  contact.status = verdict.withheld ? ContactStatus::kWithheld : ContactStatus::kPlanned;
  contact.withholding = verdict.withheld ? state::Withholding::kUniversalHoldout : state::Withholding::kNone;
  const Hash128 id = contact.id;
  if (winner.moment != nullptr) FindMoment(step, winner.moment->number)->has_contact = true;
  const std::string_view why = verdict.withheld ? "universal_holdout" : "chosen";
  const std::uint32_t number = AddContact(step, std::move(contact), why);
  if (!verdict.withheld) recorder.Chosen(id);
  if (!CanBeSaidNow(step, winner)) {
    if (!step.time.current) step.effects.Count(Counter::kDeferred);
    return;
  }
  if (IsHeld(step, *FindContact(step, number))) return;
  if (verdict.withheld) {
    Settle(step, number);
  } else {
    Send(step, number, winner, "due");
  }
}

// A silent moment that asks for it is decided again when policy could let one of its candidates through.
void PlanRetries(Step& step, const DecisionQuestion& question, std::span<const Candidate> candidates) {
  EngineTime opens = kEngineTimeMax;
  for (const Candidate& candidate : candidates) {
    if (candidate.opens > step.time.at()) opens = std::min(opens, candidate.opens);
  }
  if (opens == kEngineTimeMax) return;
  for (const Moment* moment : question.moments) {
    if (!step.topology.triggers[moment->trigger.value()].retry_when_open || opens >= moment->expires) continue;
    KeepTimer(step, opens, state::TimerKind::kMomentRetry, moment->number);
  }
}

// The same offer in the same treatment as the contact.
bool IsSame(const Candidate& candidate, const Contact& contact) {
  return candidate.record.offer == contact.offer && candidate.record.treatment == contact.treatment;
}

// Valid until the next call.
std::string_view ReasonOf(Step& step, std::span<const Candidate> candidates, const Contact& contact) {
  for (const Candidate& candidate : candidates) {
    if (!IsSame(candidate, contact)) continue;
    return step.scratch.reason.assign(StageName(candidate.record.stage)).append(":").append(candidate.record.rule);
  }
  return "validity:moment";
}

// Valid until the next call.
std::span<const Moment* const> MomentsForDue(Step& step, const Contact& contact) {
  std::vector<const Moment*>& moments = step.scratch.moments;
  moments.clear();
  for (const Moment& moment : step.customer.moments) {
    const bool own = std::find(contact.moments.begin(), contact.moments.end(), moment.number) != contact.moments.end();
    if (moment.expires > step.time.at() && (own || !moment.has_contact)) moments.push_back(&moment);
  }
  SortMoments(step, moments);
  return moments;
}

// The winner of a second decision against the contact that waits.
void FollowVerdict(Step& step, const DecisionQuestion& question, const Verdict& verdict, std::uint32_t number,
                   std::span<const Candidate> candidates, DecisionRecorder& recorder) {
  const Contact& contact = *FindContact(step, number);  // stays in its place until MakeContact adds another
  if (verdict.winner == nullptr) {
    MoveContact(step, number, ContactStatus::kCancelled, ReasonOf(step, candidates, contact));
    return;
  }
  const bool same_fate = verdict.withheld == (contact.status == ContactStatus::kWithheld);
  if (!IsSame(*verdict.winner, contact) || !same_fate) {
    MoveContact(step, number, ContactStatus::kCancelled, "outranked");
    MakeContact(step, question, verdict, recorder);
    return;
  }
  recorder.Chosen(contact.id);
  if (!CanBeSaidNow(step, *verdict.winner)) {
    if (verdict.winner->record.planned != contact.due) MoveDue(step, number, verdict.winner->record.planned, "planned_again");
  } else if (contact.status == ContactStatus::kWithheld) {
    Settle(step, number);
  } else {
    FindContact(step, number)->language = verdict.winner->language;
    Send(step, number, *verdict.winner, "due");
  }
}

// `when_due: send`: the contact's own candidate, without gates, score and arbitration.
void SendOrDrop(Step& step, std::uint32_t number) {
  const Contact& contact = *FindContact(step, number);
  const DecisionQuestion question{};
  step.scratch.candidates.clear();
  Candidate& candidate = step.scratch.candidates.Add();
  candidate.record.offer = contact.offer;
  candidate.record.treatment = contact.treatment;
  candidate.record.channel = contact.channel;
  candidate.record.trigger = contact.trigger;
  candidate.free.push_back(number);
  candidate.expires = contact.expires;
  if (!contact.moments.empty()) candidate.moment = FindMoment(step, contact.moments.front());
  JudgeForSending(step, question, candidate);
  if (!candidate.passed) {
    MoveContact(step, number, ContactStatus::kCancelled, ReasonOf(step, {&candidate, 1}, contact));
  } else if (!CanBeSaidNow(step, candidate)) {
    MoveDue(step, number, candidate.record.planned, "planned_again");
  } else if (contact.status == ContactStatus::kWithheld) {
    Settle(step, number);
  } else {
    Send(step, number, candidate, "due");
  }
}

void DecideOpenMoments(Step& step, std::span<const Moment*> moments, CauseKind cause) {
  SortMoments(step, moments);
  DecisionQuestion question;
  question.cause = {.kind = cause, .source = moments.front()->source, .id = moments.front()->cause_id};
  question.moments = moments;
  DecisionRecorder recorder(step, question);
  const std::span<Candidate> candidates = JudgeAll(step, question, {});
  const Verdict verdict = Choose(step, question, candidates, recorder);
  if (verdict.winner != nullptr) {
    MakeContact(step, question, verdict, recorder);
  } else {
    PlanRetries(step, question, candidates);
  }
  recorder.Write(step, candidates);
}

}  // namespace

void DecideMoments(Step& step, std::span<const std::uint32_t> numbers, CauseKind cause) {
  std::vector<const Moment*>& moments = step.scratch.moments;
  moments.clear();
  for (const std::uint32_t number : numbers) {
    const Moment* moment = FindMoment(step, number);
    if (moment == nullptr) continue;
    if (moment->expires <= step.time.at()) {
      step.effects.Count(Counter::kMomentsExpiredUnseen);
      continue;
    }
    moments.push_back(moment);
  }
  if (!moments.empty()) DecideOpenMoments(step, moments, cause);
}

void DecideDue(Step& step, std::uint32_t contact_number, const CauseView& cause) {
  DecisionQuestion question;
  question.cause = cause;
  question.moments = MomentsForDue(step, *FindContact(step, contact_number));
  question.sells = Sells(FindContact(step, contact_number)->contact_class);
  DecisionRecorder recorder(step, question);
  const std::span<Candidate> candidates = JudgeAll(step, question, {&contact_number, 1});
  const Verdict verdict = Choose(step, question, candidates, recorder);
  FollowVerdict(step, question, verdict, contact_number, candidates, recorder);
  recorder.Write(step, candidates);
}

void ContactFallsDue(Step& step, std::uint32_t contact_number) {
  const Contact* contact = FindContact(step, contact_number);
  if (contact == nullptr || contact->settled || !state::IsOpen(contact->status)) return;
  if (contact->offer == kNone<state::OfferId> || contact->treatment == kNone<state::TreatmentId>) {
    MoveContact(step, contact_number, ContactStatus::kCancelled, "validity:offer_gone");  // the topology no longer has it
    return;
  }
  if (!step.time.current) {
    step.effects.Count(Counter::kDeferred);
    MoveDue(step, contact_number, step.time.floor, "not_current");
    return;
  }
  if (step.topology.channels[contact->channel.value()].when_due == topology::WhenDue::kSend) {
    SendOrDrop(step, contact_number);
    return;
  }
  const std::array<char, 32> id = HexDigits(contact->id);
  DecideDue(step, contact_number, {.kind = CauseKind::kDue, .source = {}, .id = {id.data(), id.size()}});
}

void RetryMoment(Step& step, std::uint32_t moment_number) {
  const Moment* moment = FindMoment(step, moment_number);
  if (moment == nullptr || moment->has_contact) return;
  const std::uint32_t numbers[] = {moment_number};
  DecideMoments(step, numbers, CauseKind::kRetry);
}

}  // namespace antiphon::decision
