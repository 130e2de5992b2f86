#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decision/effects.h"
#include "engine/topology/topology.h"
#include "services/tools/customer_log.h"
#include "services/tools/customer_view.h"
#include "state/base/time.h"

namespace antiphon::tools {

// What a decision of the past looked like, computed again from the customer's state at that time.

struct ExplainedCandidate {
  decision::CandidateRecord record;
  std::string text;                  // CandidateLine
  std::string score;                 // ScoreLine
  std::vector<std::string> details;  // what the rule that closed it saw: values read, contacts that count, the consent in force
  std::string says;                  // what was, or would have been, said; empty if its text cannot be filled in
};

struct ExplainedDecision {
  decision::DecisionRecord record;
  std::string title;
  std::string result;
  std::vector<ExplainedCandidate> candidates;
  std::vector<decision::ContactRecord> contacts;  // what became of the contacts that it chose or withheld, to the end of the log
};

// A part of a customer's standing: "consents", "open moments", ..
struct StandingPart {
  std::string title;
  std::vector<std::string> lines;
};

// `before`: the records as the step that decided found them; `after`: as it left them. `event`: of the step, or nullptr. With `offer` only
// the candidates of that offer. Points into the topology.
struct DecisionContext {
  const decision::DecisionRecord* record = nullptr;
  const Snapshot* before = nullptr;
  const Snapshot* after = nullptr;
  const decision::Event* event = nullptr;
  std::string_view offer;
};
[[nodiscard]] ExplainedDecision ExplainDecision(const topology::Topology& topology, const DecisionContext& context);

// How the customer stands now, and what each trigger waits for; with `offer` only the triggers that list it. Pure.
struct StandingContext {
  std::string_view offer;
  std::optional<SeenEvent> last;  // his last event
  bool at_end = false;            // of the logs: nothing later is known
};
[[nodiscard]] std::vector<StandingPart> DescribeStanding(CustomerView& view, const StandingContext& context);

// "2026-03-02 09:00 savings_sweep by sms, sent".
[[nodiscard]] std::string ContactLine(const topology::Topology& topology, const state::Contact& contact);

}  // namespace antiphon::tools
