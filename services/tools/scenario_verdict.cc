#include "services/tools/scenario_verdict.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "services/tools/contact_match.h"
#include "services/tools/funnel_text.h"
#include "services/tools/reason_words.h"
#include "services/tools/value_text.h"

namespace antiphon::tools {
namespace {

using decision::CandidateRecord;
using decision::ContactRecord;
using decision::DecisionRecord;
using decision::OutboundRecord;
using decision::Stage;

void Append(std::vector<std::string>& lines, std::vector<std::string> more, std::string_view indent = "  ") {
  for (std::string& line : more) lines.push_back(std::string(indent) + std::move(line));
}

std::string Listed(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) text.append(text.size() > 1 ? ", " : "").append(item);
  return text += ']';
}

std::string TimeText(const TimeSpan& span, const calendar::Zone& zone) { return LocalTimeText(span.from, zone); }

bool IsOneOf(const topology::Topology& topology, const std::vector<state::TriggerId>& triggers, const std::string& name) {
  return std::ranges::any_of(triggers, [&](state::TriggerId id) { return topology.triggers[id.value()].id == name; });
}

// What was chosen, or withheld by the universal holdout, by rank.
std::vector<std::string> ChosenOffers(const topology::Topology& topology, const DecisionRecord& decision) {
  std::vector<std::string> offers;
  for (const CandidateRecord& candidate : decision.candidates) {
    if (candidate.stage == Stage::kChosen) offers.emplace_back(OfferName(topology, candidate.offer));
  }
  return offers;
}

// ContactsJudge: `contacts`, `only` and `never`.
class ContactsJudge {
 public:
  ContactsJudge(const topology::Topology& topology, const Scenario& scenario, const ScenarioRun& run, std::vector<Failure>& failures)
      : topology_(topology), scenario_(scenario), run_(run), failures_(failures), matched_(run.contacts.size(), false) {}

  void Run() {
    if (scenario_.contacts) {
      for (const ExpectedContact& expected : *scenario_.contacts) Expect(expected);
      if (scenario_.only) ExpectNoOther();
    }
    for (const ExpectedContact& expected : scenario_.never) ExpectNever(expected);
  }

 private:
  bool FitsAt(const ContactPattern& pattern, std::size_t i) const {
    const ContactRecord& record = run_.contacts[i];
    return Fits(topology_, pattern, record, run_.TextOf(record.contact.id));
  }

  void Expect(const ExpectedContact& expected) {
    for (std::size_t i = next_; i < run_.contacts.size(); ++i) {
      if (!FitsAt(expected.pattern, i)) continue;
      matched_[i] = true;
      next_ = i + 1;
      return;
    }
    Failure failure{.place = expected.place, .expected = "a contact {" + PatternText(topology_, expected.pattern) + "}", .happened = {}};
    for (std::size_t i = 0; i < next_; ++i) {
      if (matched_[i] || !FitsAt(expected.pattern, i)) continue;
      failure.happened.push_back("it happened, but before the entry above it: " + RecordText(topology_, run_.contacts[i]));
      failures_.push_back(std::move(failure));
      matched_[i] = true;  // it is known, only out of order
      return;
    }
    DescribeNearest(expected.pattern, failure);
    failures_.push_back(std::move(failure));
  }

  // The record that fits in the most keys, if it is about the offer at all; else the decision that came nearest.
  void DescribeNearest(const ContactPattern& pattern, Failure& failure) {
    std::optional<std::size_t> nearest;
    std::size_t most = 0;
    for (std::size_t i = 0; i < run_.contacts.size(); ++i) {
      const ContactRecord& record = run_.contacts[i];
      if (matched_[i] || (pattern.offer && OfferName(topology_, record.contact) != *pattern.offer)) continue;
      const auto keys = CompareContact(topology_, pattern, record, run_.TextOf(record.contact.id));
      const auto fitting = static_cast<std::size_t>(std::ranges::count_if(keys, [](const KeyComparison& key) { return key.fits; }));
      if (fitting > most) {
        most = fitting;
        nearest = i;
      }
    }
    if (nearest) {
      const ContactRecord& record = run_.contacts[*nearest];
      failure.happened.push_back("the nearest record: " + RecordText(topology_, record));
      for (const KeyComparison& key : CompareContact(topology_, pattern, record, run_.TextOf(record.contact.id))) {
        if (key.fits) continue;
        failure.happened.push_back("  - " + key.key + ": " + key.expected);
        failure.happened.push_back("  + " + key.key + ": " + key.happened);
      }
    } else if (run_.contacts.empty()) {
      failure.happened.push_back("there was no contact at all");
    } else {
      failure.happened.push_back("no such contact; the contacts were:");
      for (const ContactRecord& record : run_.contacts) failure.happened.push_back("  " + RecordText(topology_, record));
    }
    DescribeDecision(pattern, failure);
  }

  void DescribeDecision(const ContactPattern& pattern, Failure& failure) {
    const DecisionRecord* nearest = nullptr;
    for (const DecisionRecord& decision : run_.decisions) {
      const bool about = !pattern.offer || std::ranges::any_of(decision.candidates, [&](const CandidateRecord& candidate) {
        return OfferName(topology_, candidate.offer) == *pattern.offer;
      });
      if (!about) continue;
      nearest = &decision;
      if (pattern.at && pattern.at->Contains(decision.time)) break;
    }
    if (nearest != nullptr) {
      failure.happened.push_back("the decision that came nearest:");
      Append(failure.happened, FunnelLines(topology_, *nearest, pattern.offer.value_or("")));
    } else if (pattern.offer) {
      failure.happened.push_back(*pattern.offer + " was a candidate of no decision; " + TriggersOf(*pattern.offer));
    }
    failure.happened.push_back("the clock stopped at " + LocalTimeText(run_.end, topology_.zone));
  }

  // "its triggers salary_leaves, big_income did not fire".
  std::string TriggersOf(const std::string& offer) const {
    std::string text;
    const auto id = topology::FindById(topology_.offers, offer);
    for (const topology::Trigger& trigger : topology_.triggers) {
      if (!id || std::ranges::find(trigger.offers, state::OfferId{*id}) == trigger.offers.end()) continue;
      text.append(text.empty() ? "" : ", ").append(trigger.id);
    }
    return text.empty() ? "no trigger lists it" : "what lists it did not fire: " + text;
  }

  // Contacts that other systems made are given, not brought about.
  void ExpectNoOther() {
    for (std::size_t i = 0; i < run_.contacts.size(); ++i) {
      const ContactRecord& record = run_.contacts[i];
      const bool first = record.previous == state::ContactStatus::kNone;
      if (!first || !record.contact.foreign_id.empty() || IsNamed(record.contact.id)) continue;
      Failure failure{.place = scenario_.place, .expected = "no contact but those listed (`only: true`)", .happened = {}};
      for (const ContactRecord& other : run_.contacts) {
        if (other.contact.id == record.contact.id) failure.happened.push_back("+ " + RecordText(topology_, other));
      }
      for (const DecisionRecord& decision : run_.decisions) {
        if (decision.id != record.contact.decision_id) continue;
        failure.happened.push_back("decided by:");
        Append(failure.happened, FunnelLines(topology_, decision));
      }
      failures_.push_back(std::move(failure));
    }
  }

  bool IsNamed(const Hash128& contact) const {
    for (std::size_t i = 0; i < run_.contacts.size(); ++i) {
      if (matched_[i] && run_.contacts[i].contact.id == contact) return true;
    }
    return false;
  }

  void ExpectNever(const ExpectedContact& expected) {
    Failure failure{.place = expected.place, .expected = "no contact {" + PatternText(topology_, expected.pattern) + "}", .happened = {}};
    for (std::size_t i = 0; i < run_.contacts.size(); ++i) {
      if (FitsAt(expected.pattern, i)) failure.happened.push_back("+ " + RecordText(topology_, run_.contacts[i]));
    }
    if (!failure.happened.empty()) failures_.push_back(std::move(failure));
  }

  const topology::Topology& topology_;
  const Scenario& scenario_;
  const ScenarioRun& run_;
  std::vector<Failure>& failures_;
  std::vector<bool> matched_;
  std::size_t next_ = 0;
};

std::string ExpectedText(const topology::Topology& topology, const ExpectedDecision& expected) {
  std::string text;
  const auto add = [&text](std::string_view key, const std::string& value) {
    text.append(text.empty() ? "" : ", ").append(key).append(": ").append(value);
  };
  if (expected.customer) add("customer", *expected.customer);
  if (expected.trigger) add("trigger", *expected.trigger);
  if (expected.request) add("request", *expected.request);
  if (expected.cause) add("cause", std::string(decision::CauseKindName(*expected.cause)));
  if (expected.at) add("at", TimeText(*expected.at, topology.zone));
  if (expected.chosen) add("chosen", expected.chosen->empty() ? "none" : Listed(*expected.chosen));
  if (expected.stage) add("stage", std::string(decision::StageName(*expected.stage)));
  if (expected.rule) add("rule", *expected.rule);
  return "a decision {" + text + "}";
}

bool Answers(const ScenarioRun& run, const DecisionRecord& decision, const std::string& request) {
  return std::ranges::any_of(run.outbound, [&](const OutboundRecord& record) {
    return record.kind == OutboundRecord::Kind::kAnswer && record.decision_id == decision.id && record.request_id == request;
  });
}

bool Fits(const topology::Topology& topology, const ExpectedDecision& expected, const ScenarioRun& run, const DecisionRecord& decision) {
  if (expected.customer && decision.customer != *expected.customer) return false;
  if (expected.trigger && !IsOneOf(topology, decision.triggers, *expected.trigger)) return false;
  if (expected.request && !Answers(run, decision, *expected.request)) return false;
  if (expected.cause && decision.cause.kind != *expected.cause) return false;
  if (expected.at && !expected.at->Contains(decision.time)) return false;
  if (expected.chosen && ChosenOffers(topology, decision) != *expected.chosen) return false;
  if (expected.stage && (!decision.chosen.empty() || decision.silence_stage != *expected.stage)) return false;
  return !expected.rule || (decision.chosen.empty() && decision.silence_rule == *expected.rule);
}

void JudgeDecisions(const topology::Topology& topology, const Scenario& scenario, const ScenarioRun& run, std::vector<Failure>& failures) {
  std::size_t next = 0;
  for (const ExpectedDecision& expected : scenario.decisions) {
    const auto found = std::ranges::find_if(run.decisions.begin() + static_cast<std::ptrdiff_t>(next), run.decisions.end(),
                                            [&](const DecisionRecord& decision) { return Fits(topology, expected, run, decision); });
    if (found != run.decisions.end()) {
      next = static_cast<std::size_t>(found - run.decisions.begin()) + 1;
      continue;
    }
    Failure failure{.place = expected.place, .expected = ExpectedText(topology, expected), .happened = {}};
    failure.happened.emplace_back(run.decisions.empty() ? "nothing was decided" : "no such decision (in this order); the decisions were:");
    for (const DecisionRecord& decision : run.decisions) {
      if (expected.trigger && !IsOneOf(topology, decision.triggers, *expected.trigger)) continue;
      Append(failure.happened, FunnelLines(topology, decision));
    }
    if (failure.happened.size() == 1 && !run.decisions.empty()) failure.happened.front() = expected.trigger.value_or("") + " did not fire";
    failures.push_back(std::move(failure));
  }
}

// SilenceJudge: one entry of `silence`.
class SilenceJudge {
 public:
  SilenceJudge(const topology::Topology& topology, const ExpectedSilence& expected, const ScenarioRun& run)
      : topology_(topology), expected_(expected), run_(run) {}

  std::optional<Failure> Run() {
    bool considered = false;
    bool reason_found = !expected_.stage && !expected_.rule;
    for (const DecisionRecord& decision : run_.decisions) {
      if (!Concerns(decision)) continue;
      considered = true;
      const bool only_trigger = !expected_.offer && !expected_.stage && !expected_.rule;
      if (only_trigger) return Fail(Subject() + " fired:", {&decision});
      for (const CandidateRecord& candidate : decision.candidates) {
        if (!Concerns(candidate)) continue;
        if (candidate.stage == Stage::kChosen) return Fail("it was not silent:", {&decision});
        reason_found = reason_found || IsReason(candidate.stage, candidate.rule);
      }
      reason_found = reason_found || (decision.chosen.empty() && IsReason(decision.silence_stage, decision.silence_rule));
    }
    if (reason_found) return std::nullopt;
    if (!considered)
      return Fail(Subject() + " was not considered" + (expected_.at ? " at that time" : " at all") + ": nothing fired for it", {});
    return Fail("silent, but for another reason:", Concerning());
  }

 private:
  std::string Subject() const { return expected_.offer.value_or(expected_.trigger.value_or("")); }

  bool Concerns(const DecisionRecord& decision) const {
    if (expected_.customer && decision.customer != *expected_.customer) return false;
    if (expected_.at && !expected_.at->Contains(decision.time)) return false;
    if (expected_.trigger && !IsOneOf(topology_, decision.triggers, *expected_.trigger)) return false;
    return !expected_.offer || std::ranges::any_of(decision.candidates, [this](const CandidateRecord& one) { return Concerns(one); });
  }

  bool Concerns(const CandidateRecord& candidate) const {
    if (expected_.offer && OfferName(topology_, candidate.offer) != *expected_.offer) return false;
    if (expected_.channel && ChannelName(topology_, candidate.channel) != *expected_.channel) return false;
    return !expected_.trigger || TriggerName(topology_, candidate.trigger) == *expected_.trigger;
  }

  bool IsReason(Stage stage, std::string_view rule) const {
    return (!expected_.stage || *expected_.stage == stage) && (!expected_.rule || *expected_.rule == rule);
  }

  std::vector<const DecisionRecord*> Concerning() const {
    std::vector<const DecisionRecord*> decisions;
    for (const DecisionRecord& decision : run_.decisions) {
      if (Concerns(decision)) decisions.push_back(&decision);
    }
    return decisions;
  }

  Failure Fail(std::string what, const std::vector<const DecisionRecord*>& decisions) const {
    Failure failure{.place = expected_.place, .expected = ExpectedText(), .happened = {std::move(what)}};
    for (const DecisionRecord* decision : decisions)
      Append(failure.happened, FunnelLines(topology_, *decision, expected_.offer.value_or("")));
    return failure;
  }

  std::string ExpectedText() const {
    std::string text = "silence of " + Subject();
    if (expected_.channel) text.append(" on ").append(*expected_.channel);
    if (expected_.at) text.append(" at ").append(TimeText(*expected_.at, topology_.zone));
    if (expected_.stage) text.append(", closed by ").append(decision::StageName(*expected_.stage));
    if (expected_.rule) text.append(expected_.stage ? " " : ", closed by ").append(*expected_.rule);
    return text;
  }

  const topology::Topology& topology_;
  const ExpectedSilence& expected_;
  const ScenarioRun& run_;
};

// AnswerJudge: one entry of `answers`.
class AnswerJudge {
 public:
  AnswerJudge(const topology::Topology& topology, const ExpectedAnswer& expected, const ScenarioRun& run)
      : topology_(topology), expected_(expected), run_(run) {}

  std::optional<Failure> Run() {
    failure_ = {.place = expected_.place, .expected = "the answer to " + expected_.request, .happened = {}};
    const auto answer = std::ranges::find_if(run_.outbound, [this](const OutboundRecord& record) {
      return record.kind == OutboundRecord::Kind::kAnswer && record.request_id == expected_.request;
    });
    if (answer == run_.outbound.end()) {
      failure_.happened.push_back("there was no answer to a request of that id");
      for (const OutboundRecord& record : run_.outbound) {
        if (record.kind == OutboundRecord::Kind::kAnswer) failure_.happened.push_back("there is one to " + record.request_id);
      }
      return failure_;
    }
    Compare(*answer);
    if (failure_.happened.empty()) return std::nullopt;
    for (const DecisionRecord& decision : run_.decisions) {
      if (decision.id == answer->decision_id) Append(failure_.happened, FunnelLines(topology_, decision));
    }
    return failure_;
  }

 private:
  void Compare(const OutboundRecord& answer) {
    std::vector<std::string> offers, tells, pages;
    std::string texts;
    for (const decision::AnsweredOffer& offer : answer.offers) {
      offers.emplace_back(OfferName(topology_, offer.offer));
      tells.emplace_back(offer.tell);
      texts.append(offer.text).append("\n");
    }
    for (const decision::RecentPage& page : answer.web) pages.push_back(page.path);
    CompareList("offers", expected_.offers, offers);
    CompareList("web", expected_.web, pages);
    CompareList("holdings", expected_.holdings, {answer.holdings.begin(), answer.holdings.end()});
    CompareList("tell", expected_.tell, tells);
    for (const std::string& part : expected_.text_contains) {
      if (texts.find(part) != std::string::npos) continue;
      failure_.happened.push_back("- text contains: " + QuotedJson(part));
      failure_.happened.push_back("+ text: " + QuotedJson(texts));
    }
  }

  void CompareList(std::string_view key, const std::optional<std::vector<std::string>>& wanted, const std::vector<std::string>& happened) {
    if (!wanted || *wanted == happened) return;
    failure_.happened.push_back("- " + std::string(key) + ": " + Listed(*wanted));
    failure_.happened.push_back("+ " + std::string(key) + ": " + Listed(happened));
  }

  const topology::Topology& topology_;
  const ExpectedAnswer& expected_;
  const ScenarioRun& run_;
  Failure failure_;
};

void JudgeState(const topology::Topology& topology, const Scenario& scenario, const ScenarioRun& run, std::vector<Failure>& failures) {
  for (std::size_t i = 0; i < scenario.state.size(); ++i) {
    const ExpectedState& expected = scenario.state[i];
    const StateReading& reading = run.states[i];
    if (reading.fits) continue;
    const std::string wanted =
        expected.absent ? "absent" : (expected.is_list ? Listed(expected.is) : (expected.is.empty() ? "" : expected.is.front()));
    Failure failure{.place = expected.place, .expected = expected.text + " of " + expected.customer + " is " + wanted, .happened = {}};
    if (expected.at) failure.expected.append(" at ").append(LocalTimeText(*expected.at, topology.zone));
    if (reading.read) {
      failure.happened.push_back("it is " + reading.value);
      for (const std::string& line : reading.readings) failure.happened.push_back("  read " + line);
    } else {
      failure.happened.push_back("the clock stopped before, at " + LocalTimeText(run.end, topology.zone) + "; write an `until`");
    }
    failures.push_back(std::move(failure));
  }
}

}  // namespace

std::vector<Failure> Judge(const topology::Topology& topology, const Scenario& scenario, const ScenarioRun& run) {
  std::vector<Failure> failures = run.problems;
  ContactsJudge(topology, scenario, run, failures).Run();
  JudgeDecisions(topology, scenario, run, failures);
  for (const ExpectedSilence& expected : scenario.silence) {
    if (auto failure = SilenceJudge(topology, expected, run).Run()) failures.push_back(*std::move(failure));
  }
  for (const ExpectedAnswer& expected : scenario.answers) {
    if (auto failure = AnswerJudge(topology, expected, run).Run()) failures.push_back(*std::move(failure));
  }
  JudgeState(topology, scenario, run, failures);
  return failures;
}

}  // namespace antiphon::tools
