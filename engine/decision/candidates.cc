#include "engine/decision/candidates.h"

#include <tuple>

#include "engine/decision/step.h"

namespace antiphon::decision {
namespace {

using state::OfferId;
using topology::Offer;
using topology::Treatment;

// What one offer of one origin brings in.
class Gatherer {
 public:
  Gatherer(Step& step, const DecisionQuestion& question)
      : step_(step), question_(question), seen_(step.scratch.offers_seen), candidates_(step.scratch.candidates) {
    seen_.assign(step.topology.offers.size(), false);
    candidates_.clear();
  }

  void AddOffersOf(const state::Moment& moment) {
    for (const OfferId offer : step_.topology.triggers[moment.trigger.value()].offers) Add(offer, &moment);
  }

  void Add(OfferId offer, const state::Moment* moment) {
    if (seen_[offer.value()]) return;
    if (question_.sells && *question_.sells != Sells(step_.topology.offers[offer.value()].contact_class)) return;
    std::size_t fitting = 0;
    for (const state::TreatmentId treatment : step_.topology.offers[offer.value()].treatments) {
      if (!Fits(step_.topology.treatments[treatment.value()])) continue;
      ++fitting;
      Make(offer, treatment, moment);
    }
    // To a request an open moment's offer without a treatment on its channel is no candidate; to a moment its silence needs a reason.
    if (fitting == 0 && question_.request != nullptr && moment != nullptr) return;
    seen_[offer.value()] = true;
    if (fitting > 0) return;
    Make(offer, state::kNone<state::TreatmentId>, moment);
  }

 private:
  [[nodiscard]] bool Fits(const Treatment& treatment) const {
    if (question_.request != nullptr) return treatment.channel == question_.channel;
    return step_.topology.channels[treatment.channel.value()].outbound;
  }

  void Make(OfferId offer, state::TreatmentId treatment, const state::Moment* moment) {
    Candidate& candidate = candidates_.Add();
    candidate.moment = moment;
    candidate.direction = question_.direction;
    candidate.record.offer = offer;
    candidate.record.treatment = treatment;
    if (moment != nullptr) candidate.record.trigger = moment->trigger;
    const bool none = treatment == state::kNone<state::TreatmentId>;
    if (!none) candidate.record.channel = step_.topology.treatments[treatment.value()].channel;
    const Offer& definition = step_.topology.offers[offer.value()];
    EngineTime expires = kEngineTimeMax;
    if (moment != nullptr) expires = std::min(expires, moment->expires);
    if (definition.valid_until) expires = std::min(expires, *definition.valid_until);
    candidate.expires = expires;
  }

  const Step& step_;
  const DecisionQuestion& question_;
  std::vector<bool>& seen_;
  ReusedList<Candidate>& candidates_;
};

bool TakesIntent(const Offer& offer, std::string_view intent) {
  return intent.empty() || offer.intents.empty() || std::find(offer.intents.begin(), offer.intents.end(), intent) != offer.intents.end();
}

}  // namespace

std::span<Candidate> GatherCandidates(Step& step, const DecisionQuestion& question) {
  Gatherer gatherer(step, question);
  for (const state::Moment* moment : question.moments) gatherer.AddOffersOf(*moment);
  if (question.request != nullptr && question.placement < step.topology.offers_by_placement.size()) {
    for (const OfferId offer : step.topology.offers_by_placement[question.placement]) {
      if (TakesIntent(step.topology.offers[offer.value()], question.intent)) gatherer.Add(offer, nullptr);
    }
  }
  return step.scratch.candidates;
}

void SortMoments(const Step& step, std::span<const state::Moment*> moments) {
  // Trigger positions are in the order of their ids.
  std::sort(moments.begin(), moments.end(), [&step](const state::Moment* left, const state::Moment* right) {
    const auto key = [&step](const state::Moment* moment) {
      return std::tuple(step.topology.triggers[moment->trigger.value()].priority, moment->trigger, moment->number);
    };
    return key(left) < key(right);
  });
}

void FindOpenMoments(const Step& step, EngineTime at, std::vector<const state::Moment*>& open) {
  open.clear();
  for (const state::Moment& moment : step.customer.moments) {
    if (moment.expires <= at) continue;
    const auto same =
        std::find_if(open.begin(), open.end(), [&moment](const state::Moment* other) { return other->trigger == moment.trigger; });
    if (same != open.end()) {
      *same = &moment;  // by number: the newer one
    } else {
      open.push_back(&moment);
    }
  }
  SortMoments(step, open);
}

}  // namespace antiphon::decision
