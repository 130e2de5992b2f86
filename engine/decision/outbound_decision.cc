#include "engine/decision/outbound_decision.h"

#include <string>
#include <utility>
#include <vector>

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
Verdict Choose(Step& step, const DecisionQuestion& question, std::vector<Candidate>& candidates, DecisionRecorder& recorder) {
  Verdict verdict;
  std::vector<state::CampaignId> controlled;
  for (const std::size_t i : RankPassed(step, candidates)) {
    Candidate& candidate = candidates[i];
    if (verdict.winner != nullptr) {
      CloseCandidate(candidate, Stage::kOutranked, step.topology.offers[verdict.winner->record.offer.value()].id);
      continue;
    }
    const state::CampaignId campaign = CampaignOf(step.topology, candidate.record);
    const bool seen = std::find(controlled.begin(), controlled.end(), campaign) != controlled.end();
    const Arm arm = seen ? Arm::kControl : ArmOf(step, candidate);
    if (arm == Arm::kControl) {
      if (!seen) {
        controlled.push_back(campaign);
        WithholdForControl(step, question, candidate, recorder);
      }
      CloseCandidate(candidate, Stage::kControl, step.topology.campaigns[campaign.value()].id);
      continue;
    }
    verdict.winner = &candidate;
    verdict.withheld = arm == Arm::kUniversalHoldout;
    if (verdict.withheld) CloseCandidate(candidate, Stage::kHoldout, "universal_holdout");
  }
  return verdict;
}

std::vector<Candidate> JudgeAll(Step& step, const DecisionQuestion& question, std::span<const std::uint32_t> free) {
  std::vector<Candidate> candidates = GatherCandidates(step, question);
  for (Candidate& candidate : candidates) {
    candidate.free.assign(free.begin(), free.end());
    JudgeCandidate(step, question, candidate);
  }
  return candidates;
}

void Send(Step& step, std::uint32_t number, const Candidate& candidate, std::string_view reason) {
  if (!MoveContact(step, number, ContactStatus::kSent, reason)) return;
  const Contact& contact = *FindContact(step, number);
  step.effects.outbound.push_back({.kind = OutboundRecord::Kind::kSend,
                                   .customer = step.customer.customer,
                                   .time = step.time.at(),
                                   .contact_id = contact.id,
                                   .channel = contact.channel,
                                   .treatment = contact.treatment,
                                   .language = candidate.language,
                                   .text = candidate.text});
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

// The contact as its candidate, which can be said at `at`. While a proposal of the offer is open a plan is held: it waits for its release.
void Say(Step& step, std::uint32_t number, const Candidate& candidate) {
  Contact& contact = *FindContact(step, number);
  if (IsHeld(step, contact)) {
    if (contact.due != candidate.record.planned) MoveDue(step, number, candidate.record.planned, "planned_again");
  } else if (contact.status == ContactStatus::kWithheld) {
    Settle(step, number);
  } else {
    contact.language = candidate.language;
    Send(step, number, candidate, "due");
  }
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
  if (CanBeSaidNow(step, winner)) {
    Say(step, number, winner);
  } else if (!step.time.current) {
    step.effects.Count(Counter::kDeferred);
  }
}

// What the decision means for its moments: one whose offers passed had its turn, also where another spoke; one that found nothing to say
// is decided again, if it asks for it, when policy could let one of its candidates through.
void SettleMoments(Step& step, const DecisionQuestion& question, const std::vector<Candidate>& candidates) {
  for (const Moment* asked : question.moments) {
    Moment& moment = *FindMoment(step, asked->number);
    const topology::Trigger& trigger = step.topology.triggers[moment.trigger.value()];
    EngineTime opens = kEngineTimeMax;
    moment.had_turn = false;
    for (const Candidate& candidate : candidates) {  // an offer of two moments is one candidate, and the turn of both
      if (std::ranges::find(trigger.offers, candidate.record.offer) == trigger.offers.end()) continue;
      moment.had_turn = moment.had_turn || candidate.passed;
      if (candidate.opens > step.time.at()) opens = std::min(opens, candidate.opens);
    }
    const bool again = trigger.retry_when_open && !moment.has_contact && !moment.had_turn;
    if (again && opens < moment.expires) KeepTimer(step, opens, state::TimerKind::kMomentRetry, moment.number);
  }
}

// The same offer in the same treatment as the contact.
bool IsSame(const Candidate& candidate, const Contact& contact) {
  return candidate.record.offer == contact.offer && candidate.record.treatment == contact.treatment;
}

std::string ReasonOf(const std::vector<Candidate>& candidates, const Contact& contact) {
  for (const Candidate& candidate : candidates) {
    if (!IsSame(candidate, contact)) continue;
    return std::string(StageName(candidate.record.stage)).append(":").append(candidate.record.rule);
  }
  return "validity:moment";
}

std::vector<const Moment*> MomentsForDue(const Step& step, const Contact& contact) {
  std::vector<const Moment*> moments;
  for (const Moment& moment : step.customer.moments) {
    const bool own = std::find(contact.moments.begin(), contact.moments.end(), moment.number) != contact.moments.end();
    if (moment.expires > step.time.at() && (own || !moment.has_contact)) moments.push_back(&moment);
  }
  SortMoments(step, moments);
  return moments;
}

// The winner of a second decision against the contact that waits.
void FollowVerdict(Step& step, const DecisionQuestion& question, const Verdict& verdict, std::uint32_t number,
                   const std::vector<Candidate>& candidates, DecisionRecorder& recorder) {
  const Contact contact = *FindContact(step, number);
  if (verdict.winner == nullptr) {
    MoveContact(step, number, ContactStatus::kCancelled, ReasonOf(candidates, contact));
    return;
  }
  const bool same_fate = verdict.withheld == (contact.status == ContactStatus::kWithheld);
  if (!IsSame(*verdict.winner, contact) || !same_fate) {
    MoveContact(step, number, ContactStatus::kCancelled, "outranked");
    MakeContact(step, question, verdict, recorder);
    return;
  }
  if (!verdict.withheld) recorder.Chosen(contact.id);
  if (!CanBeSaidNow(step, *verdict.winner)) {
    if (verdict.winner->record.planned != contact.due) MoveDue(step, number, verdict.winner->record.planned, "planned_again");
  } else {
    Say(step, number, *verdict.winner);
  }
}

// `when_due: send`: the contact's own candidate, without gates, score and arbitration.
void SendOrDrop(Step& step, std::uint32_t number) {
  const Contact contact = *FindContact(step, number);
  const DecisionQuestion question{};
  Candidate candidate;
  candidate.record.offer = contact.offer;
  candidate.record.treatment = contact.treatment;
  candidate.record.channel = contact.channel;
  candidate.record.trigger = contact.trigger;
  candidate.free = {number};
  candidate.expires = contact.expires;
  if (!contact.moments.empty()) candidate.moment = FindMoment(step, contact.moments.front());
  JudgeForSending(step, question, candidate);
  if (!candidate.passed) {
    MoveContact(step, number, ContactStatus::kCancelled, ReasonOf({candidate}, contact));
  } else if (!CanBeSaidNow(step, candidate)) {
    MoveDue(step, number, candidate.record.planned, "planned_again");
  } else {
    Say(step, number, candidate);
  }
}

// One candidate set. REQUIRES: sorted, not empty.
void DecideTogether(Step& step, std::vector<const Moment*> moments, CauseKind cause) {
  DecisionQuestion question;
  question.cause = {.kind = cause, .source = moments.front()->source, .id = moments.front()->cause_id};
  question.moments = std::move(moments);
  DecisionRecorder recorder(step, question);
  std::vector<Candidate> candidates = JudgeAll(step, question, {});
  const Verdict verdict = Choose(step, question, candidates, recorder);
  if (verdict.winner != nullptr) MakeContact(step, question, verdict, recorder);
  SettleMoments(step, question, candidates);
  recorder.Write(step, candidates);
}

}  // namespace

void DecideMoments(Step& step, std::span<const std::uint32_t> numbers, CauseKind cause) {
  std::vector<const Moment*> moments;
  for (const std::uint32_t number : numbers) {
    const Moment* moment = FindMoment(step, number);
    if (moment == nullptr) continue;
    if (moment->expires <= step.time.at()) {
      step.effects.Count(Counter::kMomentsExpiredUnseen);
      continue;
    }
    moments.push_back(moment);
  }
  if (moments.empty()) return;
  SortMoments(step, moments);
  if (step.topology.moments == topology::MomentOrder::kTogether) {
    DecideTogether(step, std::move(moments), cause);
    return;
  }
  for (const Moment* moment : moments) DecideTogether(step, {moment}, cause);
}

void DecideDue(Step& step, std::uint32_t contact_number, const Cause& cause) {
  DecisionQuestion question;
  question.cause = cause;
  question.moments = MomentsForDue(step, *FindContact(step, contact_number));
  question.sells = Sells(FindContact(step, contact_number)->contact_class);
  DecisionRecorder recorder(step, question);
  const std::vector<std::uint32_t> free{contact_number};
  std::vector<Candidate> candidates = JudgeAll(step, question, free);
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
  DecideDue(step, contact_number, {.kind = CauseKind::kDue, .source = {}, .id = ToHex(contact->id)});
}

void RetryMoments(Step& step, std::uint32_t moment_number) {
  std::vector<std::uint32_t> numbers{moment_number};
  std::erase_if(step.customer.timers, [&](const state::Timer& timer) {
    if (timer.kind != state::TimerKind::kMomentRetry || timer.due > step.time.now) return false;
    numbers.push_back(timer.reference);
    return true;
  });
  std::erase_if(numbers, [&step](std::uint32_t number) {
    const Moment* moment = FindMoment(step, number);
    return moment == nullptr || moment->has_contact;
  });
  DecideMoments(step, numbers, CauseKind::kRetry);
}

}  // namespace antiphon::decision
