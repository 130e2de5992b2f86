#include "engine/decision/request_decision.h"

#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/decision/candidate_judge.h"
#include "engine/decision/decision_recorder.h"
#include "engine/decision/event_fields.h"
#include "engine/decision/ledger.h"
#include "engine/decision/permissions.h"
#include "state/base/check.h"

namespace antiphon::decision {
namespace {

using state::Contact;
using state::ContactStatus;
using state::kNone;
using topology::RoleField;

inline constexpr std::size_t kRecentContactsMax = 10;

// Lives as long as the event in hand.
DecisionQuestion ReadQuestion(Step& step) {
  DecisionQuestion question;
  question.direction = state::Direction::kInbound;
  question.request = step.event;
  question.channel = RoleChannel(step);
  question.intent = RoleText(step, RoleField::kIntent);
  question.language = AskedLanguage(step.topology, *step.event);
  // Not the request's own id: what asks may use that again.
  question.cause = {.kind = CauseKind::kRequest, .source = step.event->source, .id = step.event->id};
  const std::string_view placement = RoleText(step, RoleField::kPlacement);
  if (const auto found = topology::FindById(step.topology.placements, placement)) {
    question.placement = *found;
  } else if (!placement.empty()) {
    step.effects.Count(Counter::kUnknownWords);
  }
  FindOpenMoments(step, step.time.at(), step.scratch.moments);
  question.moments = step.scratch.moments;
  return question;
}

// RequestDecision: one request on its way to an answer.
class RequestDecision {
 public:
  explicit RequestDecision(Step& step)
      : step_(step),
        question_(ReadQuestion(step)),
        recorder_(step, question_),
        interaction_(RoleText(step, RoleField::kInteractionId)),
        taken_(step.scratch.offers_taken),
        answer_(step.effects.outbound.Add()) {
    taken_.clear();
    const std::int64_t wanted = RoleInt(step, RoleField::kSlots).value_or(step.topology.answer_slots_default);
    slots_ = wanted < 0 ? 0 : static_cast<std::size_t>(wanted);
    answer_.kind = OutboundRecord::Kind::kAnswer;
    answer_.customer = step.customer.customer;
    answer_.time = step.time.now;
    answer_.channel = question_.channel;
    const std::string_view id = RoleText(step, RoleField::kRequestId);
    answer_.request_id = id.empty() ? step.event->id : id;
    answer_.decision_id = recorder_.id();
  }

  void Run() {
    // An unknown channel, or one that carries no answers, has no treatments to say.
    const bool can_answer = question_.channel != kNone<state::ChannelId> && step_.topology.channels[question_.channel.value()].inbound;
    if (can_answer) candidates_ = GatherCandidates(step_, question_);
    for (Candidate& candidate : candidates_) {
      FindFree(candidate);
      JudgeCandidate(step_, question_, candidate);
    }
    for (const std::size_t i : RankPassed(step_, candidates_)) Offer(candidates_[i]);
    recorder_.Write(step_, candidates_);
    AddSurroundings();
    ANTIPHON_CHECK(&answer_ == &step_.effects.outbound.back());
  }

 private:
  // The places of plans of the same offer, and of the offer's own contact in this interaction, are free for a proposal.
  void FindFree(Candidate& candidate) const {
    for (const Contact& contact : step_.customer.contacts) {
      if (contact.offer != candidate.record.offer) continue;
      const bool plan = contact.status == ContactStatus::kPlanned;
      if (plan || IsOfThisInteraction(contact)) candidate.free.push_back(contact.number);
    }
  }

  [[nodiscard]] bool IsOfThisInteraction(const Contact& contact) const {
    return !interaction_.empty() && contact.interaction_id == interaction_ && contact.foreign_id.empty();
  }

  [[nodiscard]] const Contact* Known(state::OfferId offer) const {
    for (const Contact& contact : step_.customer.contacts) {
      if (contact.offer == offer && IsOfThisInteraction(contact)) return &contact;
    }
    return nullptr;
  }

  void Offer(Candidate& candidate) {
    const bool again = std::find(taken_.begin(), taken_.end(), candidate.record.offer) != taken_.end();
    const bool held_out = ended_ && ArmOf(step_, candidate) == Arm::kUniversalHoldout;  // service is exempt, whatever its rank
    if (held_out || again || taken_.size() >= slots_) {
      CloseCandidate(candidate, Stage::kOutranked, again ? "same_offer" : (held_out ? "universal_holdout" : "slots"));
      return;
    }
    if (!taken_.empty()) {  // it sees the places of those before it
      candidate.passed = false;
      JudgeCandidate(step_, question_, candidate);
      if (!candidate.passed) return;
    }
    switch (ArmOf(step_, candidate)) {
      case Arm::kControl:
        Withhold(candidate, state::Withholding::kControl);
        CloseCandidate(candidate, Stage::kControl, step_.topology.campaigns[CampaignOf(step_.topology, candidate.record).value()].id);
        return;
      case Arm::kUniversalHoldout:
        Withhold(candidate, state::Withholding::kUniversalHoldout);
        CloseCandidate(candidate, Stage::kHoldout, "universal_holdout");
        ended_ = true;
        return;
      case Arm::kTreated:
        break;
    }
    Propose(candidate);
  }

  [[nodiscard]] Contact Draft(const Candidate& candidate) {
    Contact contact = DraftContact(step_, question_, candidate, recorder_);
    contact.id = recorder_.NextContactId(candidate);
    contact.interaction_id = interaction_;
    contact.actor = RoleActor(step_);
    contact.counted = contact.due = step_.time.at();
    const Milliseconds valid = step_.topology.channels[question_.channel.value()].answer_valid_for;
    contact.expires = std::min(candidate.expires, step_.time.at() + valid);
    return contact;
  }

  void Withhold(const Candidate& candidate, state::Withholding why) {
    const Contact* known = Known(candidate.record.offer);
    if (known != nullptr && known->withholding == why) return;  // one withheld contact per interaction and offer
    Contact contact = Draft(candidate);
    contact.status = ContactStatus::kWithheld;
    contact.withholding = why;
    contact.settled = why == state::Withholding::kControl;
    AddContact(step_, std::move(contact), why == state::Withholding::kControl ? "control" : "universal_holdout");
  }

  void Propose(Candidate& candidate) {
    taken_.push_back(candidate.record.offer);
    Hash128 id;
    if (const Contact* known = Known(candidate.record.offer)) {
      id = known->id;
    } else {
      Contact contact = Draft(candidate);
      contact.status = ContactStatus::kProposed;
      id = contact.id;
      AddContact(step_, std::move(contact), "chosen");
    }
    recorder_.Chosen(id);
    AnsweredOffer& offer = answer_.offers.Add();
    offer.contact_id = id;
    offer.offer = candidate.record.offer;
    offer.treatment = candidate.record.treatment;
    offer.text = candidate.text;
    offer.tell = TellOf(candidate);
    offer.score = candidate.record.score;
  }

  // What may be told as the reason: the treatment's words, else the trigger's, else the offer's.
  [[nodiscard]] std::string_view TellOf(const Candidate& candidate) const {
    const std::string& treatment = step_.topology.treatments[candidate.record.treatment.value()].tell;
    if (!treatment.empty()) return treatment;
    if (candidate.moment != nullptr) {
      const std::string& trigger = step_.topology.triggers[candidate.moment->trigger.value()].tell;
      if (!trigger.empty()) return trigger;
    }
    return step_.topology.offers[candidate.record.offer.value()].tell;
  }

  void AddSurroundings() {
    for (const state::Holding& holding : step_.customer.holdings) {
      const std::string& product = step_.topology.products[holding.product.value()];
      if (answer_.holdings.empty() || answer_.holdings.back() != product) answer_.holdings.push_back(product);
    }
    AddRecentContacts();
    answer_.web_allowed = step_.topology.profiling && Consents(step_, *step_.topology.profiling, kNone<state::ChannelId>);
    if (!answer_.web_allowed) return;
    for (auto view = step_.customer.page_views.rbegin(); view != step_.customer.page_views.rend(); ++view) {
      if (view->sensitive) continue;
      RecentPage& page = answer_.web.Add();
      page.time = view->time;
      page.path = view->path;
    }
  }

  // What was really said, newest first; not what this answer proposes.
  void AddRecentContacts() {
    std::vector<const Contact*>& said = step_.scratch.said;
    said.clear();
    for (const Contact& contact : step_.customer.contacts) {
      const bool waits = state::IsOpen(contact.status) || contact.status == ContactStatus::kCancelled ||
                         contact.status == ContactStatus::kExpired || contact.status == ContactStatus::kReleased;
      if (!waits && contact.counted <= step_.time.at()) said.push_back(&contact);
    }
    std::sort(said.begin(), said.end(), [](const Contact* left, const Contact* right) {
      return std::tuple(right->counted, right->number) < std::tuple(left->counted, left->number);
    });
    if (said.size() > kRecentContactsMax) said.resize(kRecentContactsMax);
    for (const Contact* contact : said) {
      RecentContact& recent = answer_.recent_contacts.Add();
      recent.time = contact->counted;
      recent.channel = contact->channel;
      recent.offer = contact->offer;
      recent.offer_text = contact->foreign_offer;
      recent.direction = contact->direction;
      recent.status = contact->status;
    }
  }

  Step& step_;
  DecisionQuestion question_;
  DecisionRecorder recorder_;
  std::string_view interaction_;
  std::size_t slots_ = 0;
  bool ended_ = false;  // the universal holdout: of its classes nothing more is said
  std::span<Candidate> candidates_;
  std::vector<state::OfferId>& taken_;
  OutboundRecord& answer_;  // the last of the effects
};

}  // namespace

void DecideRequest(Step& step) { RequestDecision(step).Run(); }

}  // namespace antiphon::decision
