#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "state/base/time.h"
#include "state/model/scalar.h"

namespace antiphon::state {

// One event that a run took: its place in the customer's order of arrival, and the step that took it (the number of the step in the
// pattern as written, groups flattened, from 0).
struct TakenEvent {
  std::uint64_t ordinal = 0;
  std::uint16_t step = 0;

  friend bool operator==(const TakenEvent&, const TakenEvent&) = default;
};

// PatternRun: one open run of a pattern, or a complete match that waits to be told. A plain value; written by engine/pattern only.
// `place` and the order of `captures` are those of the compiled pattern that made the run: with another definition the runs are dropped
// by their keeper, never read. Invariant: `taken` is not empty, its ordinals increase.
struct PatternRun {
  std::uint16_t place = 0;
  std::uint8_t mark = 0;          // the caller's, given when the run was opened; not read by the matcher
  EngineTime started_at;          // the time of the first event taken
  EngineTime last_at;             // the time of the last event taken
  std::string first_event_id;     // the id of the first event taken
  std::vector<TakenEvent> taken;  // in order
  std::vector<Scalar> captures;   // what later conditions, values and templates read

  friend bool operator==(const PatternRun&, const PatternRun&) = default;
};

// PatternRuns: what is remembered of one customer for one trigger. Empty for a customer who did nothing.
struct PatternRuns {
  std::vector<PatternRun> open;     // in the order in which they came to be
  std::vector<PatternRun> waiting;  // complete matches that an earlier open run withholds; in the order in which they will be told

  [[nodiscard]] bool Empty() const { return open.empty() && waiting.empty(); }

  friend bool operator==(const PatternRuns&, const PatternRuns&) = default;
};

}  // namespace antiphon::state
