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
void SettleMoments(Step& step, const DecisionQuestion& question, std::span<const Candidate> candidates) {
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
  if (!verdict.withheld) recorder.Chosen(contact.id);
  if (!CanBeSaidNow(step, *verdict.winner)) {
    if (verdict.winner->record.planned != contact.due) MoveDue(step, number, verdict.winner->record.planned, "planned_again");
  } else {
    Say(step, number, *verdict.winner);
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
  } else {
    Say(step, number, candidate);
  }
}

// One candidate set. REQUIRES: sorted, not empty.
void DecideTogether(Step& step, std::span<const Moment*> moments, CauseKind cause) {
  DecisionQuestion question;
  question.cause = {.kind = cause, .source = moments.front()->source, .id = moments.front()->cause_id};
  question.moments = moments;
  DecisionRecorder recorder(step, question);
  const std::span<Candidate> candidates = JudgeAll(step, question, {});
  const Verdict verdict = Choose(step, question, candidates, recorder);
  if (verdict.winner != nullptr) MakeContact(step, question, verdict, recorder);
  SettleMoments(step, question, candidates);
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
  if (moments.empty()) return;
  SortMoments(step, moments);
  if (step.topology.moments == topology::MomentOrder::kTogether) {
    DecideTogether(step, moments, cause);
    return;
  }
  for (const Moment*& moment : moments) DecideTogether(step, std::span(&moment, 1), cause);
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
