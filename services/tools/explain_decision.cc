#include <algorithm>
#include <utility>

#include "engine/decision/contact_policy.h"
#include "engine/decision/event_fields.h"
#include "engine/decision/permissions.h"
#include "engine/decision/templates.h"
#include "engine/decision/words.h"
#include "services/tools/explanation.h"
#include "services/tools/funnel_text.h"
#include "services/tools/reason_words.h"
#include "services/tools/time_text.h"
#include "services/tools/value_text.h"

namespace antiphon::tools {
namespace {

using decision::CandidateRecord;
using decision::Evaluation;
using decision::Stage;
using state::kNone;

// The state after the step, with the contacts as the step found them: what it said itself it did not count.
Snapshot WithContactsBefore(const DecisionContext& context) {
  Snapshot snapshot = *context.after;
  snapshot.customer.contacts = context.before->customer.contacts;
  return snapshot;
}

// CandidateExplainer: one candidate, asked again. Expressions read the state after the step (the event's own updates included, as the
// engine saw it); contacts, and places in caps and gaps, are counted before it.
class CandidateExplainer {
 public:
  CandidateExplainer(const topology::Topology& topology, const DecisionContext& context, const CandidateRecord& record)
      : topology_(topology),
        context_(context),
        record_(record),
        offer_(topology.offers[record.offer.value()]),
        before_(topology, *context.before, context.record->time),
        after_(topology, WithContactsBefore(context), context.record->time) {
    for (const state::Contact& contact : before_.customer().contacts) {
      if (HasFreePlace(contact)) free_.push_back(contact.number);
    }
  }

  ExplainedCandidate Run() {
    ExplainedCandidate explained{
        .record = record_, .text = CandidateLine(topology_, record_), .score = ScoreLine(record_), .details = {}, .says = {}};
    Details(explained.details);
    explained.says = Says();
    return explained;
  }

 private:
  [[nodiscard]] Evaluation Surroundings() {
    Evaluation evaluation(after_.step());
    evaluation.event = nullptr;
    if (context_.record->cause.kind == decision::CauseKind::kRequest) evaluation.request = context_.event;
    evaluation.moment = MomentOf();
    evaluation.channel = record_.channel;
    evaluation.planned = record_.planned;
    evaluation.factors = record_.factors;
    evaluation.free = free_;
    return evaluation;
  }

  // As the engine had it: the contact that is decided again, and for an answer what is open of the same offer.
  [[nodiscard]] bool HasFreePlace(const state::Contact& contact) const {
    const decision::Cause& cause = context_.record->cause;
    if (cause.kind == decision::CauseKind::kDue) return ToHex(contact.id) == cause.id;
    return cause.kind == decision::CauseKind::kRequest && contact.offer == record_.offer && state::IsOpen(contact.status);
  }

  // The newest moment of the candidate's trigger; one that expired within the step is found before it.
  [[nodiscard]] const state::Moment* MomentOf() {
    for (CustomerView* view : {&after_, &before_}) {
      const auto& moments = view->customer().moments;
      for (auto moment = moments.rbegin(); moment != moments.rend(); ++moment) {
        if (moment->trigger == record_.trigger) return &*moment;
      }
    }
    return nullptr;
  }

  void Details(std::vector<std::string>& lines) {
    switch (record_.stage) {
      case Stage::kEligible:
        return Gate(offer_.eligible, lines);
      case Stage::kApplicable:
        return Gate(offer_.applicable, lines);
      case Stage::kSuitable:
        return Gate(offer_.suitable, lines);
      case Stage::kTreatment:
        return Where(lines);
      case Stage::kConsent:
        return Consent(lines);
      case Stage::kSuppression:
        return Suppression(lines);
      case Stage::kCooldown:
        return Cooldown(lines);
      case Stage::kCap:
        return Cap(lines);
      case Stage::kGap:
        return Gap(lines);
      case Stage::kExclusion:
        return Exclusion(lines);
      case Stage::kError:
        return Score(lines);
      default:
        return;
    }
  }

  void Read(const expression::Program& program, std::vector<std::string>& lines) {
    const EvaluationResult result = EvaluateAndNote(program, after_, Surroundings());
    for (const Reading& reading : result.readings) lines.push_back(reading.name + " = " + reading.value);
    if (result.value.is_error()) lines.push_back(ValueText(result.value));
  }

  void Where(std::vector<std::string>& lines) {
    if (record_.treatment == kNone<state::TreatmentId>) return;
    const auto& where = topology_.treatments[record_.treatment.value()].where;
    if (where && record_.rule == "where") Read(*where, lines);
  }

  void Gate(const std::vector<topology::Gate>& gates, std::vector<std::string>& lines) {
    for (const topology::Gate& gate : gates) {
      if (gate.rule == record_.rule) Read(gate.when, lines);
    }
  }

  void Score(std::vector<std::string>& lines) {
    for (const auto* factor : {&offer_.propensity, &offer_.value, &offer_.context, &offer_.lever}) {
      if (*factor) Read(**factor, lines);
    }
  }

  void Consent(std::vector<std::string>& lines) {
    bool told = false;
    for (const state::Consent& consent : after_.customer().consents) {
      if (topology_.purposes[consent.purpose.value()].id != record_.rule) continue;
      if (consent.channel != record_.channel && consent.channel != kNone<state::ChannelId>) continue;
      const bool everywhere = consent.channel == kNone<state::ChannelId>;
      lines.push_back(LocalTimeText(consent.time, topology_.zone) + (consent.granted ? " granted" : " denied") + " on " +
                      (everywhere ? "all channels" : std::string(ChannelName(topology_, consent.channel))));
      told = true;
    }
    if (!told) lines.emplace_back("the customer never said a word on it, and silence is no consent here");
  }

  void Suppression(std::vector<std::string>& lines) {
    for (const state::SuppressionCase& open : after_.customer().suppressions) {
      if (topology_.suppressions[open.suppression.value()].id != record_.rule) continue;
      lines.push_back("open since " + LocalTimeText(open.opened, topology_.zone) + (open.case_id.empty() ? "" : ", case " + open.case_id));
    }
    for (const state::Aftermath& quiet : after_.customer().aftermaths) {
      if (topology_.suppressions[quiet.suppression.value()].id == record_.rule)
        lines.push_back("quiet until " + LocalTimeText(quiet.until, topology_.zone));
    }
  }

  void Cooldown(std::vector<std::string>& lines) {
    for (const state::CooldownState& cooling : after_.customer().cooldowns) {
      if (topology_.cooldowns[cooling.cooldown.value()].id == record_.rule)
        lines.push_back("until " + LocalTimeText(cooling.until, topology_.zone));
    }
  }

  // The contacts of the ledger that a rule counts, nearest in time first in the ledger's order.
  template <typename Counts>
  void Contacts(Counts counts, std::vector<std::string>& lines) {
    for (const state::Contact& contact : before_.customer().contacts) {
      if (counts(contact) && !HasFreePlace(contact)) lines.push_back("counts: " + ContactLine(topology_, contact));
    }
  }

  [[nodiscard]] EngineTime When() const { return record_.planned == EngineTime{} ? context_.record->time : record_.planned; }

  void Cap(std::vector<std::string>& lines) {
    for (const topology::Cap& cap : topology_.caps) {
      if (cap.id != record_.rule) continue;
      const EngineTime when = When();
      Contacts(
          [&](const state::Contact& contact) {
            const bool takes = state::TakesPlace(contact) || (cap.count_failed && contact.status == state::ContactStatus::kFailed);
            if (!takes || (cap.counts & topology::BitOf(contact.direction)) == 0) return false;
            if (!cap.filter.Fits(contact.contact_class, contact.channel, contact.offer)) return false;
            if (cap.over) return contact.counted > when - *cap.over && contact.counted < when + *cap.over;
            return contact.counted >= cap.calendar_period->PeriodStart(when) && contact.counted < cap.calendar_period->PeriodEnd(when);
          },
          lines);
    }
  }

  void Gap(std::vector<std::string>& lines) {
    for (const topology::Gap& gap : topology_.gaps) {
      if (gap.id != record_.rule) continue;
      const EngineTime when = When();
      Contacts(
          [&](const state::Contact& contact) {
            const Milliseconds distance = contact.counted > when ? contact.counted - when : when - contact.counted;
            return state::TakesPlace(contact) && (gap.counts & topology::BitOf(contact.direction)) != 0 && distance < gap.min &&
                   gap.filter.Fits(contact.contact_class, contact.channel, contact.offer);
          },
          lines);
    }
  }

  void Exclusion(std::vector<std::string>& lines) {
    for (const topology::Exclusion& rule : topology_.exclusions) {
      if (rule.id != record_.rule) continue;
      Contacts(
          [&](const state::Contact& contact) {
            return state::TakesPlace(contact) && contact.offer != kNone<state::OfferId> && contact.offer != record_.offer &&
                   rule.offers[contact.offer.value()];
          },
          lines);
    }
  }

  std::string Says() {
    if (record_.treatment == kNone<state::TreatmentId>) return {};
    state::LanguageId language = kNone<state::LanguageId>;
    const topology::Treatment& treatment = topology_.treatments[record_.treatment.value()];
    const bool requested = context_.record->cause.kind == decision::CauseKind::kRequest && context_.event != nullptr;
    const state::LanguageId asked = requested ? decision::AskedLanguage(topology_, *context_.event) : kNone<state::LanguageId>;
    const topology::Template* form = decision::TemplateFor(after_.step(), treatment, asked, language);
    if (form == nullptr) return {};
    std::string text;
    return decision::FillTemplate(after_.step(), Surroundings(), *form, text) ? text : std::string();
  }

  const topology::Topology& topology_;
  const DecisionContext& context_;
  const CandidateRecord& record_;
  const topology::Offer& offer_;
  CustomerView before_;
  CustomerView after_;
  std::vector<std::uint32_t> free_;  // ascending
};

}  // namespace

std::string ContactLine(const topology::Topology& topology, const state::Contact& contact) {
  std::string text = LocalTimeText(contact.counted, topology.zone);
  text.append(" ").append(OfferName(topology, contact)).append(" by ").append(ChannelName(topology, contact.channel));
  return text.append(", ").append(decision::StatusName(contact.status));
}

ExplainedDecision ExplainDecision(const topology::Topology& topology, const DecisionContext& context) {
  ExplainedDecision explained{.record = *context.record,
                              .title = DecisionTitle(topology, *context.record),
                              .result = DecisionResult(topology, *context.record),
                              .candidates = {},
                              .contacts = {}};
  for (const CandidateRecord& candidate : context.record->candidates) {
    if (!context.offer.empty() && OfferName(topology, candidate.offer) != context.offer) continue;
    explained.candidates.push_back(CandidateExplainer(topology, context, candidate).Run());
  }
  return explained;
}

}  // namespace antiphon::tools
