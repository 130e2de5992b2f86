#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/pattern/compiled_pattern.h"
#include "state/base/time.h"
#include "state/model/pattern_runs.h"
#include "state/model/scalar.h"

namespace antiphon::pattern {

// What a condition may read of the run it is asked for: everything taken before the event in hand. Valid during the call only.
struct RunView {
  std::span<const state::Scalar> captures;  // in the order of PatternSpec::captures; sum and count of nothing are 0, the others absent
  std::span<const state::TakenEvent> taken;
};

// Conditions: the caller's view of the event in hand. The matcher asks for each condition at most once per run and event, and not at all
// where the answer cannot matter.
class Conditions {
 public:
  virtual ~Conditions() = default;

  // Does the condition hold for the event in hand and this run? A run-time error is the caller's to count, and is `false`.
  virtual bool Holds(ConditionId condition, const RunView& run) = 0;
  // The value of a field of the event in hand; absent if it has none.
  virtual state::Scalar Capture(FieldId field) = 0;
};

struct EventInHand {
  EngineTime time;
  std::uint64_t ordinal = 0;  // place in the customer's order of arrival; increases from event to event
  std::string_view id;        // kept by the runs that the event opens
  std::uint8_t mark = 0;      // kept by the runs that the event opens
};

// The bounds of one customer and trigger; 0: none.
struct Limits {
  std::size_t runs_max = 0;    // open runs; and as many complete matches that wait
  std::size_t events_max = 0;  // events that one run may take
};

struct ToldMatch {
  EngineTime at;
  bool by_clock = false;  // by time alone, else by the event in hand
  state::PatternRun run;
};

struct ToldTimeout {
  EngineTime at;
  state::PatternRun run;
};

// Told: what one call brings out, appended. Matches come in a total order: by time, the clock's before the event's; of the same event
// (or millisecond) under no_skip by the order in which their first events arrived, under a skip strategy as they are released, and
// within the same first event most events first, then the one whose events come earliest, then the one that gave them to earlier steps.
struct Told {
  std::vector<ToldMatch> matches;
  bool keep_timeouts = false;         // else they are counted only
  std::vector<ToldTimeout> timeouts;  // by time, then in the order of the open runs
  std::uint64_t timed_out = 0;        // runs that ran out of time without a match
  std::uint64_t runs_refused = 0;     // runs or forks of runs for which runs_max left no room
  std::uint64_t waiting_refused = 0;  // complete matches that would have waited, for which runs_max left no room
  std::uint64_t events_refused = 0;   // takings that events_max forbade

  void Clear();
};

// Working memory that a caller keeps from call to call, so that nothing is allocated in the steady state. Holds no state.
struct MatcherScratch {
  struct Outcome {
    EdgeKind kind;
    PlaceIndex target;
    StepNumber step;
    bool complete;
    bool goes_on;
  };
  std::vector<std::uint8_t> answers;   // per condition: unknown, no, yes; for one run and event
  std::vector<std::uint32_t> visited;  // per place: the walk that was there last
  std::uint32_t walk = 0;
  std::vector<PlaceIndex> pending;
  std::vector<Outcome> outcomes;
  std::vector<state::PatternRun> forks;
  std::vector<state::PatternRun> complete;
};

// Matcher: moves the runs of one customer and one trigger. Pure and without state: everything is in the PatternRuns value and the
// arguments; one Matcher serves all customers and threads. Source: docs/patterns.md.
// REQUIRES for all: `runs` was made by this very pattern (or is empty), and times never decrease from call to call.
class Matcher {
 public:
  // `pattern` must outlive the matcher.
  Matcher(const CompiledPattern& pattern, Limits limits) : pattern_(pattern), limits_(limits) {}

  // Moves the clock to the event's time, then shows the event to every open run, in order, then lets it open a run.
  // Costs one condition and nothing else if no run is open and the first step does not fit. O(open runs) conditions otherwise.
  void OnEvent(state::PatternRuns& runs, const EventInHand& event, Conditions& conditions, MatcherScratch& scratch, Told& told) const;

  // Everything due at or before `time`, each at its own millisecond: absences that became certain are matches, other runs are gone.
  void AdvanceTo(state::PatternRuns& runs, EngineTime time, MatcherScratch& scratch, Told& told) const;

  // The next time at which a run is due, matching or not; nothing if none ever is. O(open runs).
  [[nodiscard]] std::optional<EngineTime> NextDue(const state::PatternRuns& runs) const;

  // The next time at which the clock could bring out a match: what a durable timer is needed for. Runs due without a match before that
  // may be left where they are; the next AdvanceTo or OnEvent finds them, with the same result. O(open runs).
  [[nodiscard]] std::optional<EngineTime> NextMatchDue(const state::PatternRuns& runs) const;

  [[nodiscard]] const CompiledPattern& pattern() const { return pattern_; }

 private:
  struct Hand;  // the event in hand with what is needed around it

  [[nodiscard]] std::optional<EngineTime> DueOf(const state::PatternRun& run) const;
  [[nodiscard]] bool OutOfReach(PlaceIndex place, const state::PatternRun& run, EngineTime now) const;
  void Tick(state::PatternRuns& runs, EngineTime time, MatcherScratch& scratch, Told& told) const;

  bool Holds(Hand& hand, const Edge& edge, const RunView& view) const;
  bool Gather(Hand& hand, const state::PatternRun& run, const RunView& view, bool starting) const;
  void AddOutcome(Hand& hand, const Edge& edge, StepNumber step, const RunView& view) const;
  [[nodiscard]] bool ReachesEnd(Hand& hand, PlaceIndex from, const RunView& view) const;

  void MoveOpenRuns(Hand& hand, state::PatternRuns& runs) const;
  bool MoveRun(Hand& hand, state::PatternRun& run, std::size_t others) const;
  void OpenRun(Hand& hand, state::PatternRuns& runs) const;
  bool Become(Hand& hand, state::PatternRun& run, const MatcherScratch::Outcome& outcome) const;
  void Keep(state::PatternRun& run, StepNumber step, Conditions& conditions) const;
  static void DropRepeated(std::vector<state::PatternRun>& open);

  void Tell(state::PatternRuns& runs, EngineTime at, bool by_clock, MatcherScratch& scratch, Told& told) const;
  void TellOnce(state::PatternRuns& runs, EngineTime at, bool by_clock, MatcherScratch& scratch, Told& told) const;
  void TellWaiting(state::PatternRuns& runs, EngineTime at, bool by_clock, MatcherScratch& scratch, Told& told) const;
  void DropAfter(state::PatternRuns& runs, const state::PatternRun& match) const;

  const CompiledPattern& pattern_;
  const Limits limits_;
};

}  // namespace antiphon::pattern
