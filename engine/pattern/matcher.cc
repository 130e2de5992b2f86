#include "engine/pattern/matcher.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/pattern/match_order.h"
#include "state/base/check.h"

namespace antiphon::pattern {
namespace {

using state::PatternRun;
using state::PatternRuns;

constexpr std::uint8_t kUnknown = 0;
constexpr std::uint8_t kNo = 1;
constexpr std::uint8_t kYes = 2;

EngineTime After(EngineTime time, Milliseconds length) {
  const std::int64_t room = std::numeric_limits<std::int64_t>::max() - ToEpochMs(time);
  return length.count() > room ? FromEpochMs(std::numeric_limits<std::int64_t>::max()) : time + length;
}

std::uint64_t FirstOrdinal(const PatternRun& run) { return run.taken.front().ordinal; }

}  // namespace

struct Matcher::Hand {
  const EventInHand& event;
  Conditions& conditions;
  MatcherScratch& scratch;
  Told& told;
};

void Told::Clear() {
  matches.clear();
  timeouts.clear();
  timed_out = runs_refused = waiting_refused = events_refused = 0;
}

// ---- time -----------------------------------------------------------------------------------------------------------------------

std::optional<EngineTime> Matcher::DueOf(const PatternRun& run) const {
  std::optional<EngineTime> due;
  if (pattern_.within) due = After(run.started_at, *pattern_.within);
  if (const std::optional<Milliseconds>& gap = pattern_.places[run.place].within_previous) {
    const EngineTime gap_due = After(run.last_at, *gap);
    due = due ? std::min(*due, gap_due) : gap_due;
  }
  return due;
}

std::optional<EngineTime> Matcher::NextDue(const PatternRuns& runs) const {
  std::optional<EngineTime> next;
  for (const PatternRun& run : runs.open) {
    const std::optional<EngineTime> due = DueOf(run);
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

std::optional<EngineTime> Matcher::NextMatchDue(const PatternRuns& runs) const {
  if (!runs.waiting.empty()) return NextDue(runs);
  if (!pattern_.tells_by_clock) return std::nullopt;
  std::optional<EngineTime> next;
  for (const PatternRun& run : runs.open) {
    if (!pattern_.places[run.place].complete_when_due) continue;
    const std::optional<EngineTime> due = DueOf(run);
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

void Matcher::AdvanceTo(PatternRuns& runs, EngineTime time, MatcherScratch& scratch, Told& told) const {
  for (std::optional<EngineTime> due = NextDue(runs); due && *due <= time; due = NextDue(runs)) Tick(runs, *due, scratch, told);
}

void Matcher::Tick(PatternRuns& runs, EngineTime time, MatcherScratch& scratch, Told& told) const {
  scratch.complete.clear();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < runs.open.size(); ++i) {
    PatternRun& run = runs.open[i];
    const std::optional<EngineTime> due = DueOf(run);
    if (!due || *due > time) {
      if (kept != i) runs.open[kept] = std::move(run);
      ++kept;
    } else if (pattern_.places[run.place].complete_when_due) {
      scratch.complete.push_back(std::move(run));
    } else {
      ++told.timed_out;
      if (told.keep_timeouts) told.timeouts.push_back({time, std::move(run)});
    }
  }
  runs.open.resize(kept);
  Tell(runs, time, true, scratch, told);
}

// May an event no longer be taken at `place`, or be awaited there, because the last one taken is too long ago?
bool Matcher::OutOfReach(PlaceIndex place, const PatternRun& run, EngineTime now) const {
  const Place& at = pattern_.places[place];
  return at.checks_previous && at.within_previous && !run.taken.empty() && now >= After(run.last_at, *at.within_previous);
}

// ---- one run and one event ------------------------------------------------------------------------------------------------------

bool Matcher::Holds(Hand& hand, const Edge& edge, const RunView& view) const {
  bool clause = false;
  for (const Literal& literal : pattern_.LiteralsOf(edge)) {
    if (!clause) {
      std::uint8_t& answer = hand.scratch.answers[literal.condition];
      if (answer == kUnknown) answer = hand.conditions.Holds(pattern_.conditions[literal.condition], view) ? kYes : kNo;
      clause = (answer == kYes) != literal.negated;
    }
    if (!literal.ends_clause) continue;
    if (!clause) return false;
    clause = false;
  }
  return true;
}

bool Matcher::ReachesEnd(Hand& hand, PlaceIndex from, const RunView& view) const {
  MatcherScratch& scratch = hand.scratch;
  const std::uint32_t walk = ++scratch.walk;
  const std::size_t base = scratch.pending.size();
  scratch.pending.push_back(from);
  scratch.visited[from] = walk;
  bool reached = false;
  while (!reached && scratch.pending.size() > base) {
    const PlaceIndex place = scratch.pending.back();
    scratch.pending.pop_back();
    for (const Edge& edge : pattern_.EdgesOf(place)) {
      if (edge.kind != EdgeKind::kGo || edge.target == kStop || scratch.visited[edge.target] == walk || !Holds(hand, edge, view)) continue;
      if (edge.target == kEnd) {
        reached = true;
        break;
      }
      scratch.visited[edge.target] = walk;
      scratch.pending.push_back(edge.target);
    }
  }
  scratch.pending.resize(base);
  return reached;
}

void Matcher::AddOutcome(Hand& hand, const Edge& edge, StepNumber step, const RunView& view) const {
  std::vector<MatcherScratch::Outcome>& outcomes = hand.scratch.outcomes;
  const bool take = edge.kind == EdgeKind::kTake;
  const StepNumber by = take ? step : kNoStep;
  for (const MatcherScratch::Outcome& other : outcomes) {
    if (other.kind == edge.kind && other.target == edge.target && other.step == by) return;
  }
  const bool at_end = edge.target == kEnd;
  outcomes.push_back({edge.kind, edge.target, by, at_end || (take && ReachesEnd(hand, edge.target, view)), !at_end});
}

// Fills scratch.outcomes with what the event makes of the run: takings first, then ignorings, each in the order of the places. If a stop
// is in reach only complete matches are left. A run that starts ignores nothing. Two walks: the places, then their edges, because
// AddOutcome walks too.
bool Matcher::Gather(Hand& hand, const PatternRun& run, const RunView& view, bool starting) const {
  MatcherScratch& scratch = hand.scratch;
  scratch.outcomes.clear();
  scratch.pending.clear();
  const std::uint32_t walk = ++scratch.walk;
  scratch.pending.push_back(run.place);
  scratch.visited[run.place] = walk;
  bool stopped = false;
  for (std::size_t i = 0; i < scratch.pending.size(); ++i) {
    for (const Edge& edge : pattern_.EdgesOf(scratch.pending[i])) {
      if (edge.kind != EdgeKind::kGo || scratch.visited[edge.target] == walk || !Holds(hand, edge, view)) continue;
      if (edge.target == kStop) {
        stopped = true;
      } else {
        scratch.visited[edge.target] = walk;
        if (edge.target != kEnd) scratch.pending.push_back(edge.target);
      }
    }
  }
  const std::size_t places = scratch.pending.size();
  for (const EdgeKind kind : {EdgeKind::kTake, EdgeKind::kIgnore}) {
    if (kind == EdgeKind::kIgnore && starting) break;
    for (std::size_t i = 0; i < places; ++i) {
      const PlaceIndex place = scratch.pending[i];
      if (OutOfReach(place, run, hand.event.time)) continue;
      for (const Edge& edge : pattern_.EdgesOf(place)) {
        if (edge.kind == kind && Holds(hand, edge, view)) AddOutcome(hand, edge, pattern_.places[place].step, view);
      }
    }
  }
  if (stopped) {
    for (MatcherScratch::Outcome& outcome : scratch.outcomes) outcome.goes_on = false;
    std::erase_if(scratch.outcomes, [](const MatcherScratch::Outcome& outcome) { return !outcome.complete; });
  }
  return !scratch.outcomes.empty();
}

// ---- runs -----------------------------------------------------------------------------------------------------------------------

void Matcher::OnEvent(PatternRuns& runs, const EventInHand& event, Conditions& conditions, MatcherScratch& scratch, Told& told) const {
  AdvanceTo(runs, event.time, scratch, told);
  if (scratch.visited.size() < pattern_.places.size()) scratch.visited.resize(pattern_.places.size());
  if (scratch.walk > std::numeric_limits<std::uint32_t>::max() / 2) {
    std::ranges::fill(scratch.visited, 0U);
    scratch.walk = 0;
  }
  scratch.complete.clear();
  scratch.forks.clear();
  Hand hand{event, conditions, scratch, told};
  const std::uint64_t refused = told.runs_refused;
  MoveOpenRuns(hand, runs);
  OpenRun(hand, runs);
  std::ranges::move(scratch.forks, std::back_inserter(runs.open));
  scratch.forks.clear();
  if (pattern_.may_repeat_itself) DropRepeated(runs.open);
  if (pattern_.after_match == AfterMatch::kRestart && !scratch.complete.empty()) told.runs_refused = refused;  // dropped anyhow
  Tell(runs, event.time, false, scratch, told);
}

void Matcher::MoveOpenRuns(Hand& hand, PatternRuns& runs) const {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < runs.open.size(); ++i) {
    const std::size_t others = kept + (runs.open.size() - i - 1);
    if (!MoveRun(hand, runs.open[i], others)) continue;
    if (kept != i) runs.open[kept] = std::move(runs.open[i]);
    ++kept;
  }
  runs.open.resize(kept);
}

// Does the run (or its first successor, in its stead) stay open? Further successors go to scratch.forks as far as there is room beside
// the `others` open runs.
bool Matcher::MoveRun(Hand& hand, PatternRun& run, std::size_t others) const {
  MatcherScratch& scratch = hand.scratch;
  scratch.answers.assign(pattern_.conditions.size(), kUnknown);
  if (!Gather(hand, run, {run.captures, run.taken}, false)) return false;
  const std::vector<MatcherScratch::Outcome>& outcomes = scratch.outcomes;
  if (outcomes.size() == 1 && outcomes[0].kind == EdgeKind::kIgnore && outcomes[0].goes_on) {
    run.place = outcomes[0].target;
    return true;
  }
  std::optional<PatternRun> stays;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    PatternRun next;
    if (i + 1 == outcomes.size()) {
      std::swap(next, run);
    } else {
      next = run;
    }
    if (!Become(hand, next, outcomes[i])) continue;
    if (!outcomes[i].goes_on) {
      scratch.complete.push_back(std::move(next));
      continue;
    }
    if (outcomes[i].complete) scratch.complete.push_back(next);
    if (!stays) {
      stays = std::move(next);
    } else if (limits_.runs_max == 0 || others + 1 + scratch.forks.size() < limits_.runs_max) {
      scratch.forks.push_back(std::move(next));
    } else {
      ++hand.told.runs_refused;
    }
  }
  if (!stays) return false;
  run = std::move(*stays);
  return true;
}

void Matcher::OpenRun(Hand& hand, PatternRuns& runs) const {
  MatcherScratch& scratch = hand.scratch;
  scratch.answers.assign(pattern_.conditions.size(), kUnknown);
  PatternRun start;  // allocates nothing
  start.place = pattern_.start;
  if (!Gather(hand, start, {pattern_.captures_initial, {}}, true)) return;
  for (const MatcherScratch::Outcome& outcome : scratch.outcomes) {
    const bool room = limits_.runs_max == 0 || runs.open.size() + scratch.forks.size() < limits_.runs_max;
    if (outcome.goes_on && !room) ++hand.told.runs_refused;
    if (!outcome.complete && !room) continue;
    PatternRun next;
    next.mark = hand.event.mark;
    next.started_at = hand.event.time;
    next.first_event_id = hand.event.id;
    next.captures = pattern_.captures_initial;
    if (!Become(hand, next, outcome)) continue;
    if (outcome.complete) scratch.complete.push_back(next);
    if (outcome.goes_on && room) scratch.forks.push_back(std::move(next));
  }
}

// Moves the run along the edge; false if events_max forbids it to take one more event.
bool Matcher::Become(Hand& hand, PatternRun& run, const MatcherScratch::Outcome& outcome) const {
  run.place = outcome.target;
  if (outcome.kind == EdgeKind::kIgnore) return true;
  if (limits_.events_max != 0 && run.taken.size() >= limits_.events_max) {
    ++hand.told.events_refused;
    return false;
  }
  Keep(run, outcome.step, hand.conditions);
  run.taken.push_back({hand.event.ordinal, outcome.step});
  run.last_at = hand.event.time;
  return true;
}

void Matcher::Keep(PatternRun& run, StepNumber step, Conditions& conditions) const {
  const auto [first, last] = pattern_.captures_of_step[step];
  if (first == last) return;
  const auto is_of_step = [step](const state::TakenEvent& event) { return event.step == step; };
  for (std::uint32_t i = first; i < last; ++i) {
    const std::uint32_t index = pattern_.capture_order[i];
    const CaptureSpec& capture = pattern_.captures[index];
    if (capture.take == Take::kFirst && std::ranges::any_of(run.taken, is_of_step)) continue;
    const state::Scalar value = capture.take == Take::kCount ? state::Scalar{std::int64_t{1}} : conditions.Capture(capture.field);
    Accumulate(run.captures[index], capture.take, value);
  }
}

// Of runs that came to be equal, the first stays.
void Matcher::DropRepeated(std::vector<PatternRun>& open) {
  for (std::size_t i = 1; i < open.size();) {
    const auto before = open.begin() + static_cast<std::ptrdiff_t>(i);
    const auto same = [&](const PatternRun& other) { return other.place == before->place && other.taken == before->taken; };
    if (std::find_if(open.begin(), before, same) != before) {
      open.erase(before);
    } else {
      ++i;
    }
  }
}

// ---- telling --------------------------------------------------------------------------------------------------------------------

void Matcher::Tell(PatternRuns& runs, EngineTime at, bool by_clock, MatcherScratch& scratch, Told& told) const {
  std::vector<PatternRun>& complete = scratch.complete;
  if (complete.empty() && runs.waiting.empty()) return;
  if (complete.size() > 1) {
    std::ranges::sort(complete, ComesFirst);
    const auto repeated = std::ranges::unique(complete, [](const PatternRun& a, const PatternRun& b) { return a.taken == b.taken; });
    complete.erase(repeated.begin(), repeated.end());
  }
  switch (pattern_.after_match) {
    case AfterMatch::kNoSkip:
      for (PatternRun& match : complete) told.matches.push_back({at, by_clock, std::move(match)});
      break;
    case AfterMatch::kRestart:
      TellOnce(runs, at, by_clock, scratch, told);
      break;
    default:
      TellWaiting(runs, at, by_clock, scratch, told);
  }
  complete.clear();
}

void Matcher::TellOnce(PatternRuns& runs, EngineTime at, bool by_clock, MatcherScratch& scratch, Told& told) const {
  const auto first = std::ranges::min_element(scratch.complete, IsPreferred);
  told.matches.push_back({at, by_clock, std::move(*first)});
  runs.open.clear();
  runs.waiting.clear();
}

void Matcher::TellWaiting(PatternRuns& runs, EngineTime at, bool by_clock, MatcherScratch& scratch, Told& told) const {
  if (!scratch.complete.empty()) {
    std::ranges::move(scratch.complete, std::back_inserter(runs.waiting));
    std::ranges::sort(runs.waiting, ComesFirst);
  }
  while (!runs.waiting.empty()) {
    const std::uint64_t start = FirstOrdinal(runs.waiting.front());
    if (std::ranges::any_of(runs.open, [start](const PatternRun& run) { return FirstOrdinal(run) < start; })) break;
    PatternRun match = std::move(runs.waiting.front());
    runs.waiting.erase(runs.waiting.begin());
    DropAfter(runs, match);
    told.matches.push_back({at, by_clock, std::move(match)});
  }
  if (limits_.runs_max != 0 && runs.waiting.size() > limits_.runs_max) {
    told.waiting_refused += runs.waiting.size() - limits_.runs_max;
    runs.waiting.resize(limits_.runs_max);
  }
}

// Drops the runs and waiting matches whose first event comes before the one that the strategy names.
void Matcher::DropAfter(PatternRuns& runs, const PatternRun& match) const {
  const auto is_target = [this](const state::TakenEvent& event) { return event.step == pattern_.skip_to; };
  std::uint64_t before = 0;  // the first ordinal that stays
  switch (pattern_.after_match) {
    case AfterMatch::kSkipToNext:
      before = match.taken.front().ordinal + 1;
      break;
    case AfterMatch::kSkipPastLastEvent:
      before = match.taken.back().ordinal + 1;
      break;
    case AfterMatch::kSkipToFirst: {
      const auto found = std::ranges::find_if(match.taken, is_target);
      if (found != match.taken.end()) before = found->ordinal;
      break;
    }
    case AfterMatch::kSkipToLast: {
      const auto found = std::find_if(match.taken.rbegin(), match.taken.rend(), is_target);
      if (found != match.taken.rend()) before = found->ordinal;
      break;
    }
    default:
      break;
  }
  const auto dropped = [before](const PatternRun& run) { return FirstOrdinal(run) < before; };
  std::erase_if(runs.open, dropped);
  std::erase_if(runs.waiting, dropped);
}

}  // namespace antiphon::pattern
