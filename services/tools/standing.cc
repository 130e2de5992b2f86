#include <algorithm>
#include <utility>

#include "engine/decision/contact_policy.h"
#include "engine/decision/customer_questions.h"
#include "engine/decision/evaluation.h"
#include "engine/decision/feature_values.h"
#include "engine/pattern/matcher.h"
#include "services/tools/explanation.h"
#include "services/tools/reason_words.h"
#include "services/tools/time_text.h"
#include "services/tools/value_text.h"

namespace antiphon::tools {
namespace {

using state::kNone;
using topology::Trigger;
using topology::TriggerKind;

constexpr std::size_t kContactsShown = 10;

// Standing: a customer's state in words.
class Standing {
 public:
  Standing(CustomerView& view, const StandingContext& context)
      : view_(view), context_(context), topology_(view.topology()), customer_(view.customer()) {}

  std::vector<StandingPart> Run() {
    Events();
    Pauses();
    Profile();
    Permissions();
    Moments();
    Triggers();
    Contacts();
    Caps();
    return std::move(parts_);
  }

 private:
  std::string Local(EngineTime time) const { return LocalTimeText(time, topology_.zone); }

  void Add(std::string title, std::vector<std::string> lines) {
    if (!lines.empty()) parts_.push_back({.title = std::move(title), .lines = std::move(lines)});
  }

  void Events() {
    std::vector<std::string> lines;
    if (context_.last) {
      std::string line = "last event: " + context_.last->type + " at " + Local(context_.last->time);
      if (!context_.last->id.empty()) line += ", id " + context_.last->id;
      lines.push_back(std::move(line));
    } else {
      lines.emplace_back("no event of his was in the log up to then");
    }
    if (context_.at_end) lines.push_back("the log ends before: what is said here is of its end, " + Local(view_.now()));
    Add("events", std::move(lines));
  }

  void Pauses() {
    std::vector<std::string> lines;
    for (const state::Pause& pause : view_.partition().pauses) {
      std::string what = "everything";
      if (pause.kind == state::PausedKind::kOffer) what = "offer " + topology_.offers[pause.what].id;
      if (pause.kind == state::PausedKind::kCampaign) what = "campaign " + topology_.campaigns[pause.what].id;
      if (pause.kind == state::PausedKind::kChannel) what = "channel " + topology_.channels[pause.what].id;
      if (pause.kind == state::PausedKind::kTrigger) what = "trigger " + topology_.triggers[pause.what].id;
      lines.push_back(what + ", since " + Local(pause.since));
    }
    Add("paused by the bank", std::move(lines));
  }

  void Profile() {
    std::vector<std::string> lines;
    std::string products;
    for (const state::Holding& holding : customer_.holdings) {
      products.append(products.empty() ? "" : ", ").append(topology_.products[holding.product.value()]);
    }
    if (!products.empty()) lines.push_back("holds " + products);
    const decision::Evaluation evaluation(view_.step());
    for (const topology::SegmentScheme& scheme : topology_.segments) {
      const auto found = decision::ClassOf(evaluation, scheme);
      lines.push_back("segments." + scheme.name + " = " + (found ? scheme.classes[*found].name : "absent"));
    }
    for (const state::FeatureState& feature : customer_.features) {
      const topology::Feature& definition = topology_.features[feature.feature.value()];
      const auto value = decision::FeatureValueAt(definition, &feature, view_.now());
      lines.push_back("features." + definition.name + " = " + ValueText(value, definition.unit));
    }
    Add("what is known of him", std::move(lines));
  }

  void Permissions() {
    std::vector<std::string> lines;
    for (const state::Consent& consent : customer_.consents) {
      const bool everywhere = consent.channel == kNone<state::ChannelId>;
      lines.push_back((consent.granted ? "consents to " : "does not consent to ") + topology_.purposes[consent.purpose.value()].id +
                      " on " + (everywhere ? "all channels" : std::string(ChannelName(topology_, consent.channel))) + ", said " +
                      Local(consent.time));
    }
    if (customer_.consents.empty() && !topology_.purposes.empty())
      lines.emplace_back("he never said a word on consent: the topology's defaults hold");
    for (const state::ContactPoint& point : customer_.contact_points) {
      if (!point.good)
        lines.push_back("his " + topology_.contact_points[point.kind.value()] + " is known to be bad since " + Local(point.time));
    }
    for (const state::SuppressionCase& open : customer_.suppressions) {
      lines.push_back("silenced by " + topology_.suppressions[open.suppression.value()].id + " since " + Local(open.opened) +
                      (open.case_id.empty() ? "" : ", case " + open.case_id));
    }
    for (const state::Aftermath& quiet : customer_.aftermaths) {
      if (quiet.until > view_.now())
        lines.push_back("quiet after " + topology_.suppressions[quiet.suppression.value()].id + " until " + Local(quiet.until));
    }
    for (const state::CooldownState& cooling : customer_.cooldowns) {
      if (cooling.until > view_.now())
        lines.push_back("cooldown " + topology_.cooldowns[cooling.cooldown.value()].id + " until " + Local(cooling.until));
    }
    Add("whether he may be spoken to", std::move(lines));
  }

  void Moments() {
    std::vector<std::string> lines;
    for (const state::Moment& moment : customer_.moments) {
      if (!Concerns(moment.trigger)) continue;
      lines.push_back(std::string(TriggerName(topology_, moment.trigger)) + ", opened " + Local(moment.opened) + ", until " +
                      Local(moment.expires) + (moment.has_contact ? ", a contact was made of it" : ", no contact came of it so far"));
    }
    Add("open moments", std::move(lines));
  }

  bool Concerns(state::TriggerId id) const {
    if (context_.offer.empty()) return true;
    const auto& offers = topology_.triggers[id.value()].offers;
    return std::ranges::any_of(offers, [this](state::OfferId offer) { return OfferName(topology_, offer) == context_.offer; });
  }

  void Triggers() {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < topology_.triggers.size(); ++i) {
      const state::TriggerId id{static_cast<std::uint16_t>(i)};
      if (Concerns(id)) OneTrigger(id, lines);
    }
    Add("what could fire, and what it waits for", std::move(lines));
  }

  void OneTrigger(state::TriggerId id, std::vector<std::string>& lines) {
    const Trigger& trigger = topology_.triggers[id.value()];
    const auto* kept = decision::FindSorted(customer_.triggers, &state::TriggerState::trigger, id);
    const std::string line = trigger.id + (trigger.about.empty() ? "" : " (" + trigger.about + ")") + ": ";
    if (trigger.again_after && kept != nullptr && kept->fired && view_.now() - kept->last_fired < *trigger.again_after) {
      lines.push_back(line + "fired " + Local(kept->last_fired) + ", not again before " + Local(kept->last_fired + *trigger.again_after));
      return;
    }
    switch (trigger.kind) {
      case TriggerKind::kEvent:
        lines.push_back(line + "waits for " + EventsOf(trigger));
        return;
      case TriggerKind::kDate:
        lines.push_back(line + DateText(id, trigger));
        return;
      case TriggerKind::kPattern:
        break;
    }
    if (kept == nullptr || kept->runs.open.empty()) {
      lines.push_back(line + "no run is open; waits for its first step " + FirstSteps(trigger.pattern));
    } else {
      lines.push_back(line + std::to_string(kept->runs.open.size()) + (kept->runs.open.size() == 1 ? " run is open" : " runs are open"));
      for (const state::PatternRun& run : kept->runs.open) lines.push_back("  " + RunText(trigger, run));
    }
    if (kept != nullptr && kept->runs_refused > 0) {
      lines.push_back("  " + std::to_string(kept->runs_refused) + " runs were not opened, since max_runs (" +
                      std::to_string(trigger.runs_max) + ") was met");
    }
  }

  std::string EventsOf(const Trigger& trigger) const {
    std::string text;
    for (const topology::EventCondition& condition : trigger.on) {
      text.append(text.empty() ? "" : ", or ").append(topology_.event_types[condition.event_type].name);
      if (condition.where) text.append(" where ").append(condition.where->text());
    }
    return text;
  }

  std::string DateText(state::TriggerId id, const Trigger& trigger) const {
    for (const state::Timer& timer : customer_.timers) {
      if (timer.kind == state::TimerKind::kDate && timer.reference == id.value()) return "will fire " + Local(timer.due);
    }
    const std::string& field = topology_.profile_fields[trigger.date.field.value()].name;
    const bool known = decision::FindSorted(customer_.profile, &state::ProfileField::field, trigger.date.field) != nullptr;
    return known ? "its date does not come again" : "customer." + field + " is not known";
  }

  static std::string FirstSteps(const pattern::CompiledPattern& compiled) { return StepAt(compiled, compiled.start); }

  static std::string StepAt(const pattern::CompiledPattern& compiled, pattern::PlaceIndex place) {
    const pattern::StepNumber step = compiled.places[place].step;
    return step < compiled.step_names.size() ? compiled.step_names[step] : "?";
  }

  std::string RunText(const Trigger& trigger, const state::PatternRun& run) const {
    std::string text = "since " + Local(run.started_at) + " (" + run.first_event_id + "): took ";
    for (const state::TakenEvent& taken : run.taken) {
      text.append(&taken == run.taken.data() ? "" : ", ");
      text.append(taken.step < trigger.pattern.step_names.size() ? trigger.pattern.step_names[taken.step] : "?");
    }
    const pattern::Matcher matcher(trigger.pattern, {});
    state::PatternRuns alone;
    alone.open.push_back(run);
    const auto match = matcher.NextMatchDue(alone);
    const auto due = matcher.NextDue(alone);
    if (match && due && *match == *due)
      return text + "; fires " + Local(*match + trigger.lateness) + " unless " + StepAt(trigger.pattern, run.place) + " comes before";
    text += "; waits for " + StepAt(trigger.pattern, run.place);
    return due ? text + " until " + Local(*due + trigger.lateness) : text;
  }

  void Contacts() {
    std::vector<std::string> lines;
    const std::size_t count = customer_.contacts.size();
    for (std::size_t i = count > kContactsShown ? count - kContactsShown : 0; i < count; ++i) {
      lines.push_back(ContactLine(topology_, customer_.contacts[i]));
    }
    if (count > kContactsShown) lines.insert(lines.begin(), std::to_string(count - kContactsShown) + " older ones, then:");
    Add("contacts remembered", std::move(lines));
  }

  void Caps() {
    std::vector<std::string> lines;
    for (const topology::Cap& cap : topology_.caps) {
      const std::uint32_t most = decision::MostInAnyWindow(view_.step(), cap, {.saying = {}, .when = view_.now(), .free = {}});
      lines.push_back(cap.id + ": " + std::to_string(most) + " of " + std::to_string(cap.max) + " taken (" + CapText(cap) + ")");
    }
    Add("caps, for something said now", std::move(lines));
  }

  CustomerView& view_;
  const StandingContext& context_;
  const topology::Topology& topology_;
  const state::CustomerState& customer_;
  std::vector<StandingPart> parts_;
};

}  // namespace

std::vector<StandingPart> DescribeStanding(CustomerView& view, const StandingContext& context) { return Standing(view, context).Run(); }

}  // namespace antiphon::tools
