#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "services/tools/customer_log.h"
#include "services/tools/explanation.h"
#include "services/tools/time_text.h"
#include "services/tools/topology_folder.h"

namespace antiphon::tools {

// `antiphon explain`, as its arguments say. Source: docs/explain.md.
struct ExplainOptions {
  std::string topology = {};
  LogOptions logs = {};
  std::string customer = {};
  std::string decision = {};  // or the id of a decision
  std::string at = {};        // a time or a day; or
  std::string from = {};      // [from, to)
  std::string to = {};
  std::string offer = {};  // only decisions and triggers about this offer
  bool json = false;
};

// All that was found out, for printing.
struct Explanation {
  std::string customer;
  TimeSpan span;
  std::vector<ExplainedDecision> decisions;  // within the span
  std::vector<std::string> earlier;          // if there is none: the last decisions before, one line each,
  std::vector<std::string> later;            // and the first after
  std::vector<StandingPart> standing;        // at the end of the span, or of the logs; if there is no decision
  std::uint64_t dead_letters = 0;            // of the logs
  std::vector<std::string> notes;            // what is not as it was in the replay that is explained
};

// Why a customer was or was not spoken to, computed again from the logs: words (or JSON) on `out`, complaints on `err`. Returns the exit
// code: 0 ok, 1 the logs do not know the customer or the decision, 2 bad usage or input.
[[nodiscard]] int RunExplain(const ExplainOptions& options, const LoadTopologyFolder& load, std::FILE* out, std::FILE* err);

[[nodiscard]] std::string ExplanationText(const topology::Topology& topology, const Explanation& explanation);
// One document: {customer, from, until, decisions: [{..the record.., title, result, candidates: [{text, score, details, says}], contacts}],
// earlier, standing}. The record is that of docs/records.md, with all candidates.
[[nodiscard]] std::string ExplanationJson(const topology::Topology& topology, const Explanation& explanation);

}  // namespace antiphon::tools
