#include "engine/decision/candidate_judge.h"

#include <vector>

#include "engine/decision/contact_policy.h"
#include "engine/decision/permissions.h"
#include "engine/decision/planned_time.h"
#include "engine/decision/scoring.h"
#include "engine/decision/templates.h"

namespace antiphon::decision {
namespace {

using state::kNone;
using state::PausedKind;
using topology::Offer;
using topology::Treatment;

bool IsPaused(const Step& step, PausedKind kind, std::uint16_t what) {
  return std::any_of(step.partition.pauses.begin(), step.partition.pauses.end(),
                     [kind, what](const state::Pause& pause) { return pause.kind == kind && pause.what == what; });
}

// Judge: one candidate's way through the stages. Each stage answers whether the candidate is still open; the first that closes it stands.
class Judge {
 public:
  Judge(Step& step, const DecisionQuestion& question, Candidate& candidate)
      : step_(step),
        candidate_(candidate),
        record_(candidate.record),
        offer_(step.topology.offers[candidate.record.offer.value()]),
        rules_(step.topology.classes.at(static_cast<std::size_t>(offer_.contact_class))),
        asked_(question.language),
        evaluation_(step) {
    evaluation_.request = question.request;
    evaluation_.moment = candidate.moment;
    evaluation_.event = nullptr;  // offers read the moment's copy, so that a decision at a due time sees the same
    evaluation_.channel = record_.channel;
    evaluation_.free = candidate.free;
    if (record_.treatment != kNone<state::TreatmentId>) treatment_ = &step.topology.treatments[record_.treatment.value()];
  }

  void Run() {
    Plan();
    Paused();
    Validity();
    const bool let_through = Gates();
    bool scored = true;
    if (let_through) {
      candidate_.cost = CostOf();
      scored = ScoreCandidate(step_, evaluation_, candidate_);
    }
    Policy();
    if (!scored) Close(Stage::kError, "score");
    Finish();
  }

  void RunForSending() {
    Plan();
    Paused();
    Validity();
    candidate_.cost = CostOf();
    Policy();
    Finish();
  }

 private:
  // The first closing stands.
  void Close(Stage stage, std::string_view rule, EngineTime opens = kEngineTimeMax) {
    if (closed_) return;
    closed_ = true;
    record_.stage = stage;
    record_.rule = rule;
    candidate_.opens = opens;
  }

  void Close(Stage stage, const Forbidden& forbidden) {
    if (forbidden) Close(stage, forbidden.rule, forbidden.until);
  }

  void Finish() {
    if (closed_) return;
    candidate_.passed = true;
    record_.stage = Stage::kChosen;
    record_.rule = {};
  }

  void Plan() {
    const EngineTime at = step_.time.at();
    if (candidate_.direction == state::Direction::kInbound) {
      when_ = at;
      record_.planned = at;
    } else if (treatment_ != nullptr) {
      const auto planned = PlannedTime(step_, *treatment_, offer_.contact_class, at);
      never_ = !planned;
      when_ = planned.value_or(at);
      if (planned) record_.planned = *planned;
    } else {
      when_ = at;
    }
    evaluation_.planned = record_.planned;
  }

  void Paused() {
    if (step_.partition.pauses.empty()) return;
    if (IsPaused(step_, PausedKind::kAll, 0)) Close(Stage::kPaused, "all");
    if (IsPaused(step_, PausedKind::kOffer, record_.offer.value())) Close(Stage::kPaused, "offer");
    if (IsPaused(step_, PausedKind::kCampaign, Campaign().value())) Close(Stage::kPaused, "campaign");
    if (IsPaused(step_, PausedKind::kChannel, record_.channel.value())) Close(Stage::kPaused, "channel");
    if (IsPaused(step_, PausedKind::kTrigger, record_.trigger.value())) Close(Stage::kPaused, "trigger");
  }

  void Validity() {
    if (offer_.valid_from && when_ < *offer_.valid_from) Close(Stage::kValidity, "valid_from", *offer_.valid_from);
    if (offer_.valid_until && when_ >= *offer_.valid_until) Close(Stage::kValidity, "valid_until");
    if (Campaign() == kNone<state::CampaignId>) return;
    const topology::Campaign& campaign = step_.topology.campaigns[Campaign().value()];
    if (campaign.from && when_ < *campaign.from) Close(Stage::kValidity, "campaign_from", *campaign.from);
    if (campaign.until && when_ >= *campaign.until) Close(Stage::kValidity, "campaign_until");
  }

  bool Gates() {
    return GatesHold(offer_.eligible, Stage::kEligible) && GatesHold(offer_.applicable, Stage::kApplicable) &&
           GatesHold(offer_.suitable, Stage::kSuitable);
  }

  bool GatesHold(const std::vector<topology::Gate>& gates, Stage stage) {
    for (const topology::Gate& gate : gates) {
      if (evaluation_.Holds(gate.when)) continue;
      Close(stage, gate.rule);
      return false;
    }
    return true;
  }

  // From the treatment to the text.
  void Policy() {
    TreatmentFits();
    if (closed_) return;
    if (candidate_.direction == state::Direction::kOutbound) {
      if (const std::string_view rule = Unreachable(step_, record_.channel); !rule.empty()) Close(Stage::kReachable, rule);
    }
    if (rules_.consent && !Consents(step_, *rules_.consent, record_.channel)) {
      Close(Stage::kConsent, step_.topology.purposes[rules_.consent->value()].id);
    }
    const Saying saying = SayingOf();
    Close(Stage::kSuppression, Suppressed(step_, saying, when_));
    const PlaceQuestion place{.saying = saying, .when = when_, .free = candidate_.free};
    if (!closed_) Close(Stage::kExclusion, ExcludedBy(step_, place));
    if (!closed_) Close(Stage::kCooldown, CoolingDown(step_, saying, when_));
    if (!closed_) Close(Stage::kGap, TooCloseBy(step_, place));
    if (!closed_) Close(Stage::kCap, CapReached(step_, place));
    if (never_) Close(Stage::kSchedule, "never_open");
    if (candidate_.moment != nullptr && when_ >= candidate_.moment->expires) Close(Stage::kSchedule, "moment_expires");
    if (!closed_) Fill();
  }

  void TreatmentFits() {
    if (treatment_ == nullptr) {
      Close(Stage::kTreatment, "no_treatment");
      return;
    }
    if (treatment_->where && !evaluation_.Holds(*treatment_->where)) Close(Stage::kTreatment, "where");
    form_ = TemplateFor(step_, *treatment_, asked_, candidate_.language);
    if (form_ == nullptr) Close(Stage::kTreatment, "language");
  }

  void Fill() {
    if (!FillTemplate(step_, evaluation_, *form_, candidate_.text)) Close(Stage::kTemplate, "missing_value");
  }

  [[nodiscard]] state::CampaignId Campaign() const {
    if (offer_.campaign != kNone<state::CampaignId>) return offer_.campaign;
    return record_.trigger == kNone<state::TriggerId> ? kNone<state::CampaignId>
                                                      : step_.topology.triggers[record_.trigger.value()].campaign;
  }

  [[nodiscard]] Saying SayingOf() const {
    return {.offer = record_.offer,
            .channel = record_.channel,
            .campaign = Campaign(),
            .contact_class = offer_.contact_class,
            .direction = candidate_.direction};
  }

  [[nodiscard]] std::int64_t CostOf() const {
    if (treatment_ == nullptr) return 0;
    return treatment_->cost.value_or(step_.topology.channels[treatment_->channel.value()].cost);
  }

  Step& step_;
  Candidate& candidate_;
  CandidateRecord& record_;
  const Offer& offer_;
  const topology::ClassRules& rules_;
  state::LanguageId asked_;
  Evaluation evaluation_;
  const Treatment* treatment_ = nullptr;
  const topology::Template* form_ = nullptr;
  EngineTime when_{};  // the time that every rule looks at
  bool never_ = false;
  bool closed_ = false;
};

int CompareScores(const expression::Value& left, const expression::Value& right) {
  if (left.is(expression::Kind::kDouble)) {
    return left.as_double() < right.as_double() ? -1 : (left.as_double() > right.as_double() ? 1 : 0);
  }
  return left.as_int() < right.as_int() ? -1 : (left.as_int() > right.as_int() ? 1 : 0);
}

}  // namespace

void JudgeCandidate(Step& step, const DecisionQuestion& question, Candidate& candidate) { Judge(step, question, candidate).Run(); }

void JudgeForSending(Step& step, const DecisionQuestion& question, Candidate& candidate) {
  Judge(step, question, candidate).RunForSending();
}

bool RanksBefore(const Step& step, const Candidate& left, const Candidate& right) {
  const int scores = CompareScores(left.record.score, right.record.score);
  if (scores != 0) return scores > 0;
  const std::int32_t left_priority = step.topology.offers[left.record.offer.value()].priority;
  const std::int32_t right_priority = step.topology.offers[right.record.offer.value()].priority;
  if (left_priority != right_priority) return left_priority < right_priority;
  // Positions are in the order of ids by bytes.
  if (left.record.offer != right.record.offer) return left.record.offer < right.record.offer;
  return left.record.treatment < right.record.treatment;
}

}  // namespace antiphon::decision
