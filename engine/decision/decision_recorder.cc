#include "engine/decision/decision_recorder.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <vector>

#include "engine/decision/candidate_judge.h"
#include "engine/decision/experiments.h"
#include "engine/decision/record_ids.h"
#include "state/base/check.h"

namespace antiphon::decision {
namespace {

using state::kNone;

// Empty where no experiment concerns the candidate.
std::string_view ArmName(const Step& step, const Candidate& candidate) {
  const state::CampaignId campaign = CampaignOf(step.topology, candidate.record);
  const bool controlled = campaign != kNone<state::CampaignId> && step.topology.campaigns[campaign.value()].control_share_ppm > 0;
  if (step.topology.universal_holdout.share_ppm == 0 && !controlled) return {};
  switch (ArmOf(step, candidate)) {
    case Arm::kUniversalHoldout:
      return "holdout";
    case Arm::kControl:
      return "control";
    case Arm::kTreated:
      break;
  }
  return "treated";
}

// By rank; what never passed the gates has no rank and comes last.
bool RecordedBefore(const Step& step, const Candidate& left, const Candidate& right) {
  const auto place = [](const Candidate& candidate) {
    if (candidate.record.stage == Stage::kChosen) return 0;
    return candidate.passed ? 1 : 2;
  };
  if (place(left) != place(right)) return place(left) < place(right);
  if (left.passed) return RanksBefore(step, left, right);
  return std::tuple(left.record.offer, left.record.treatment) < std::tuple(right.record.offer, right.record.treatment);
}

// The reason for silence is that of the candidate that came furthest; the first of these.
void ExplainSilence(DecisionRecord& record) {
  if (!record.chosen.empty()) return;
  if (record.candidates.empty()) {
    record.silence_stage = Stage::kTreatment;
    record.silence_rule = "no_candidate";
    return;
  }
  const CandidateRecord* furthest = nullptr;
  for (const CandidateRecord& candidate : record.candidates) {
    if (furthest == nullptr || candidate.stage > furthest->stage) furthest = &candidate;
  }
  record.silence_stage = furthest->stage;
  record.silence_rule = furthest->rule;
}

// Over the steps of one millisecond too: two timers or two events then may have decisions of one cause.
std::uint32_t NextOrdinal(Step& step) {
  state::CustomerState& customer = step.customer;
  if (customer.decided != step.time.now) customer.decided_then = 0;
  customer.decided = step.time.now;
  return customer.decided_then++;
}

}  // namespace

DecisionRecorder::DecisionRecorder(Step& step, const DecisionQuestion& question)
    : topology_(step.topology), record_(step.effects.decisions.Add()) {
  const std::string_view first =
      question.moments.empty() ? std::string_view() : std::string_view(topology_.triggers[question.moments.front()->trigger.value()].id);
  record_.customer = step.customer.customer;
  record_.time = step.time.now;
  record_.cause.kind = question.cause.kind;
  record_.cause.source = question.cause.source;
  record_.cause.id = question.cause.id;
  record_.id = MakeDecisionId(record_.customer, record_.cause, first, record_.time, NextOrdinal(step));
  for (const state::Moment* moment : question.moments) record_.triggers.push_back(moment->trigger);
}

Hash128 DecisionRecorder::NextContactId(const Candidate& candidate) {
  const std::string_view channel = topology_.channels[candidate.record.channel.value()].id;
  return MakeContactId(record_.id, topology_.offers[candidate.record.offer.value()].id, channel, contacts_++);
}

void DecisionRecorder::Write(Step& step, std::span<const Candidate> candidates) {
  ANTIPHON_CHECK(&record_ == &step.effects.decisions.back());
  std::vector<std::size_t>& order = step.scratch.recorded;
  order.resize(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Equals stay in their order; std::stable_sort would allocate.
  std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    if (RecordedBefore(step, candidates[left], candidates[right])) return true;
    return left < right && !RecordedBefore(step, candidates[right], candidates[left]);
  });
  for (const std::size_t i : order) {
    record_.candidates.push_back(candidates[i].record);
    record_.candidates.back().arm = ArmName(step, candidates[i]);
  }
  ExplainSilence(record_);
  record_.ordinal = ++step.customer.decisions;
}

state::CampaignId CampaignOf(const topology::Topology& topology, const CandidateRecord& record) {
  const state::CampaignId own = topology.offers[record.offer.value()].campaign;
  if (own != kNone<state::CampaignId> || record.trigger == kNone<state::TriggerId>) return own;
  return topology.triggers[record.trigger.value()].campaign;
}

state::Contact DraftContact(const Step& step, const DecisionQuestion& question, const Candidate& candidate,
                            const DecisionRecorder& recorder) {
  state::Contact contact;
  contact.decision_id = recorder.id();
  contact.direction = candidate.direction;
  contact.contact_class = step.topology.offers[candidate.record.offer.value()].contact_class;
  contact.channel = candidate.record.channel;
  contact.offer = candidate.record.offer;
  contact.treatment = candidate.record.treatment;
  contact.campaign = CampaignOf(step.topology, candidate.record);
  contact.trigger = candidate.record.trigger;
  contact.language = candidate.language;
  contact.decided = step.time.now;
  contact.counted = candidate.record.planned;
  contact.due = candidate.record.planned;
  contact.expires = candidate.expires;
  contact.cost = candidate.cost;
  if (candidate.moment != nullptr) contact.moments.push_back(candidate.moment->number);
  for (const state::Moment* moment : question.moments) {
    if (moment != candidate.moment && candidate.moment != nullptr) contact.moments.push_back(moment->number);
  }
  return contact;
}

std::span<const std::size_t> RankPassed(Step& step, std::span<const Candidate> candidates) {
  std::vector<std::size_t>& order = step.scratch.ranked;
  order.clear();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].passed) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t left, std::size_t right) { return RanksBefore(step, candidates[left], candidates[right]); });
  return order;
}

Arm ArmOf(const Step& step, const Candidate& candidate) {
  const auto contact_class = step.topology.offers[candidate.record.offer.value()].contact_class;
  if (!step.topology.classes.at(static_cast<std::size_t>(contact_class)).holdout) return Arm::kTreated;
  const topology::UniversalHoldout& universal = step.topology.universal_holdout;
  if (InShare(step.customer.customer, universal.salt, universal.share_ppm)) return Arm::kUniversalHoldout;
  const state::CampaignId campaign = CampaignOf(step.topology, candidate.record);
  if (campaign == kNone<state::CampaignId>) return Arm::kTreated;
  const topology::Campaign& definition = step.topology.campaigns[campaign.value()];
  return InShare(step.customer.customer, definition.control_salt, definition.control_share_ppm) ? Arm::kControl : Arm::kTreated;
}

void CloseCandidate(Candidate& candidate, Stage stage, std::string_view rule) {
  candidate.record.stage = stage;
  candidate.record.rule = rule;
}

}  // namespace antiphon::decision
