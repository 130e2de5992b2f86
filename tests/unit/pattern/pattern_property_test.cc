#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/pattern/match_order.h"
#include "tests/unit/pattern/pattern_support.h"

namespace antiphon::pattern {
namespace {

// A small random pattern out of bytes, so that it shrinks; every word but groups may occur. Often refused: the caller discards those.
class Dice {
 public:
  explicit Dice(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  std::uint8_t Roll(std::uint8_t sides) { return at_ < bytes_.size() ? static_cast<std::uint8_t>(bytes_[at_++] % sides) : std::uint8_t{0}; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

PatternElement RandomStep(Dice& dice, std::size_t index) {
  constexpr Contiguity kContiguities[] = {Contiguity::kFollowedBy, Contiguity::kNext,          Contiguity::kFollowedByAny,
                                          Contiguity::kNotNext,    Contiguity::kNotFollowedBy, Contiguity::kFollowedBy,
                                          Contiguity::kFollowedBy, Contiguity::kFollowedBy};
  PatternElement step = Step("s" + std::to_string(index), static_cast<char>('A' + dice.Roll(3)));
  if (index > 0) step.contiguity = kContiguities[dice.Roll(8)];
  if (IsNot(step.contiguity)) return step;
  switch (dice.Roll(6)) {
    case 1:
      step.times = Times{1, std::nullopt};
      break;
    case 2:
      step.times = Times{1, 2};
      break;
    case 3:
      step.times = Times{2, 2};
      break;
    default:
      return step;
  }
  step.inner = static_cast<Inner>(dice.Roll(3));
  step.greedy = dice.Roll(4) == 1;
  return step;
}

PatternSpec RandomPattern(std::vector<std::uint8_t> bytes, AfterMatch after) {
  Dice dice(std::move(bytes));
  PatternSpec spec;
  const std::size_t steps = 2U + dice.Roll(2);
  for (std::size_t i = 0; i < steps; ++i) spec.elements.push_back(RandomStep(dice, i));
  spec.within = Milliseconds{4 + dice.Roll(12)};
  spec.after_match = after;
  if (after == AfterMatch::kSkipToFirst || after == AfterMatch::kSkipToLast) spec.skip_to = "s1";
  return spec;
}

std::vector<TestEvent> RandomEvents(const std::vector<std::pair<std::uint8_t, std::uint8_t>>& from) {
  std::vector<TestEvent> events;
  std::int64_t time = 1;
  for (const auto& [gap, type] : from) {
    time += gap % 3;
    events.push_back({time, static_cast<char>('A' + type % 4)});
    if (events.size() == 14) break;
  }
  return events;
}

struct Sample {
  PatternSpec spec;
  std::vector<TestEvent> events;
  std::int64_t end = 0;
};

Sample RandomSample(AfterMatch after) {
  Sample sample;
  sample.spec = RandomPattern(*rc::gen::container<std::vector<std::uint8_t>>(16, rc::gen::arbitrary<std::uint8_t>()), after);
  sample.events = RandomEvents(*rc::gen::arbitrary<std::vector<std::pair<std::uint8_t, std::uint8_t>>>());
  sample.end = (sample.events.empty() ? 0 : sample.events.back().time) + 20;
  RC_PRE(CheckPattern(sample.spec).empty());
  return sample;
}

TEST(PatternPropertyTest, OneLongStepOfTheClockTellsWhatMillisecondTicksTell) {
  const bool ok = rc::check([] {
    const Sample sample = RandomSample(*rc::gen::element(AfterMatch::kRestart, AfterMatch::kNoSkip, AfterMatch::kSkipToNext,
                                                         AfterMatch::kSkipPastLastEvent, AfterMatch::kSkipToLast));
    Customer leaps(sample.spec);
    Customer ticks(sample.spec);
    std::int64_t now = 0;
    for (const TestEvent& event : sample.events) {
      while (now < event.time) ticks.AdvanceTo(++now);
      ticks.See(event);
      leaps.See(event);
      RC_ASSERT(leaps.runs == ticks.runs);
    }
    while (now < sample.end) ticks.AdvanceTo(++now);
    leaps.AdvanceTo(sample.end);
    RC_ASSERT(leaps.Matches() == ticks.Matches());
    RC_ASSERT(leaps.told.timed_out == ticks.told.timed_out);
    RC_ASSERT(leaps.runs == ticks.runs);
  });
  EXPECT_TRUE(ok);
}

// NextMatchDue names every moment at which the clock tells, and none is missed by sleeping until it.
TEST(PatternPropertyTest, WakingAtNextMatchDueIsEnough) {
  const bool ok = rc::check([] {
    const Sample sample = RandomSample(*rc::gen::element(AfterMatch::kNoSkip, AfterMatch::kSkipPastLastEvent));
    Customer customer(sample.spec);
    for (const TestEvent& event : sample.events) customer.See(event);
    for (std::int64_t now = sample.events.empty() ? 0 : sample.events.back().time; now < sample.end; ++now) {
      const auto due = customer.matcher().NextMatchDue(customer.runs);
      const std::size_t told = customer.told.matches.size();
      customer.AdvanceTo(now + 1);
      if (customer.told.matches.size() > told) RC_ASSERT(due.has_value() && ToEpochMs(*due) <= now + 1);
    }
  });
  EXPECT_TRUE(ok);
}

// The naive reading of restart: look for the first moment at which no_skip tells anything, tell the preferred one of that moment, forget
// everything, go on after it.
std::string NaiveRestart(const Sample& sample) {
  PatternSpec spec = sample.spec;
  spec.after_match = AfterMatch::kNoSkip;
  std::string told;
  std::int64_t now = 0;
  Customer names(spec);
  state::PatternRuns runs;
  TypeConditions conditions;
  MatcherScratch scratch;
  const auto settle = [&](std::vector<ToldMatch> of_moment) {
    if (of_moment.empty()) return;
    std::ranges::sort(of_moment, IsPreferred, &ToldMatch::run);
    const ToldMatch& best = of_moment.front();
    told += (told.empty() ? "" : "; ") + std::to_string(ToEpochMs(best.at)) + (best.by_clock ? " clock:" : ":") + names.Events(best.run);
    runs = {};
  };
  const auto tick_to = [&](std::int64_t time) {
    while (now < time) {
      Told out;
      names.matcher().AdvanceTo(runs, FromEpochMs(++now), scratch, out);
      settle(out.matches);
    }
  };
  for (std::size_t i = 0; i < sample.events.size(); ++i) {
    tick_to(sample.events[i].time);
    conditions.event = sample.events[i];
    Told out;
    names.matcher().OnEvent(runs, {FromEpochMs(now), i, "", 0}, conditions, scratch, out);
    settle(out.matches);
  }
  tick_to(sample.end);
  return told;
}

TEST(PatternPropertyTest, RestartIsTheFirstMomentThenAFreshBeginning) {
  const bool ok = rc::check([] {
    const Sample sample = RandomSample(AfterMatch::kRestart);
    Customer customer(sample.spec);
    for (const TestEvent& event : sample.events) customer.See(event);
    customer.AdvanceTo(sample.end);
    const std::string expected = NaiveRestart(sample);
    RC_CLASSIFY(!expected.empty());
    RC_CLASSIFY(expected.find(';') != std::string::npos);
    RC_ASSERT(customer.Matches() == expected);
  });
  EXPECT_TRUE(ok);
}

TEST(PatternPropertyTest, RunsMaxIsNeverExceededAndOnlyTakesAway) {
  const bool ok = rc::check([] {
    const Sample sample = RandomSample(AfterMatch::kNoSkip);
    const auto runs_max = static_cast<std::size_t>(*rc::gen::inRange(1, 6));
    Customer bounded(sample.spec, {.runs_max = runs_max});
    Customer free(sample.spec);
    for (const TestEvent& event : sample.events) {
      bounded.See(event);
      free.See(event);
      RC_ASSERT(bounded.runs.open.size() <= runs_max);
    }
    bounded.AdvanceTo(sample.end);
    free.AdvanceTo(sample.end);
    if (bounded.told.runs_refused == 0) RC_ASSERT(bounded.Matches() == free.Matches());
    for (const ToldMatch& match : bounded.told.matches) {
      RC_ASSERT(std::ranges::any_of(free.told.matches, [&](const ToldMatch& other) {
        return other.at == match.at && other.by_clock == match.by_clock && other.run.taken == match.run.taken;
      }));
    }
  });
  EXPECT_TRUE(ok);
}

// `a followed_by b not_followed_by c within w` under no_skip, written down by hand: nothing forks, so the bound is about starts alone.
struct NaiveRun {
  std::size_t start;
  std::int64_t due;
  std::optional<std::size_t> second;
};

TEST(PatternPropertyTest, RunsMaxRefusesExactlyTheStartsThatFindNoRoom) {
  const bool ok = rc::check([] {
    const std::vector<TestEvent> events = RandomEvents(*rc::gen::arbitrary<std::vector<std::pair<std::uint8_t, std::uint8_t>>>());
    const auto runs_max = static_cast<std::size_t>(*rc::gen::inRange(1, 4));
    const std::int64_t within = *rc::gen::inRange(1, 12);
    PatternSpec spec;
    spec.elements = {Step("a", 'A'), Step("b", 'B'), Step("n", 'C', Contiguity::kNotFollowedBy)};
    spec.within = Milliseconds{within};
    Customer customer(spec, {.runs_max = runs_max});

    std::vector<NaiveRun> open;
    std::multiset<std::string> expected;
    std::uint64_t refused = 0;
    const auto expire = [&](std::int64_t now) {
      for (const NaiveRun& run : open) {
        if (run.due <= now && run.second) {
          expected.insert(std::to_string(run.due) + " a" + std::to_string(run.start) + " b" + std::to_string(*run.second));
        }
      }
      std::erase_if(open, [now](const NaiveRun& run) { return run.due <= now; });
    };
    for (std::size_t i = 0; i < events.size(); ++i) {
      customer.See(events[i]);
      expire(events[i].time);
      if (events[i].type == 'C') std::erase_if(open, [](const NaiveRun& run) { return run.second.has_value(); });
      for (NaiveRun& run : open) {
        if (events[i].type == 'B' && !run.second) run.second = i;
      }
      if (events[i].type != 'A') continue;
      if (open.size() < runs_max) {
        open.push_back({i, events[i].time + within, std::nullopt});
      } else {
        ++refused;
      }
    }
    customer.AdvanceTo(1000);
    expire(1000);
    std::multiset<std::string> got;
    for (const ToldMatch& match : customer.told.matches) {
      got.insert(std::to_string(ToEpochMs(match.at)) + customer.Events(match.run));
    }
    RC_ASSERT(got == expected);
    RC_ASSERT(customer.told.runs_refused == refused);
  });
  EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace antiphon::pattern
