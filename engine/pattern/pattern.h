#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/base/time.h"

// What an operator writes as a pattern, word for word (docs/patterns.md). Filled by the loader of topologies and by the vector driver.
// Plain values: nothing here is checked; CompilePattern checks.
namespace antiphon::pattern {

// A condition over the event in hand and the run, known to the caller alone. Any number will do; the same number is the same condition.
using ConditionId = std::uint32_t;
// A field of the event in hand that runs keep, known to the caller alone.
using FieldId = std::uint32_t;
// The number of a step in the order of writing, groups flattened, nots included, from 0.
using StepNumber = std::uint16_t;

enum class Contiguity : std::uint8_t { kFollowedBy, kNext, kFollowedByAny, kNotNext, kNotFollowedBy };
enum class Inner : std::uint8_t { kRelaxed, kConsecutive, kAllowCombinations };
enum class AfterMatch : std::uint8_t { kRestart, kNoSkip, kSkipToNext, kSkipPastLastEvent, kSkipToFirst, kSkipToLast };
enum class Take : std::uint8_t { kFirst, kLast, kSum, kMin, kMax, kCount };

// `times: n` is {n, n}, `[n, m]` is {n, m}, `[n, null]` is {n, nothing}, `one_or_more: true` is {1, nothing}.
struct Times {
  std::int64_t min = 1;
  std::optional<std::int64_t> max;
};

// A step, or a group of elements if `group` is there (an empty one is refused). The contiguity of the first element of a pattern or of
// a group means nothing, but a not there is refused.
struct PatternElement {
  std::string name;  // steps only
  std::optional<std::vector<PatternElement>> group;
  Contiguity contiguity = Contiguity::kFollowedBy;
  std::optional<Times> times;
  Inner inner = Inner::kRelaxed;
  bool greedy = false;
  bool optional = false;
  std::optional<ConditionId> where;  // none: every event fits
  std::optional<ConditionId> until;
  std::optional<Milliseconds> within_previous;
  std::optional<Milliseconds> times_within;  // always refused; here so that the refusal can name it
};

// A value that runs keep of the events that `step` took: read by conditions (RunView) and by whoever is told of the match.
// kCount needs no field. Not for nots, which take nothing.
struct CaptureSpec {
  StepNumber step = 0;
  FieldId field = 0;
  Take take = Take::kLast;
};

struct PatternSpec {
  std::vector<PatternElement> elements;
  std::optional<Milliseconds> within;
  AfterMatch after_match = AfterMatch::kNoSkip;
  std::string skip_to;  // the step of kSkipToFirst and kSkipToLast
  std::vector<CaptureSpec> captures;
};

[[nodiscard]] constexpr bool IsNot(Contiguity contiguity) {
  return contiguity == Contiguity::kNotNext || contiguity == Contiguity::kNotFollowedBy;
}

// The names of all steps in the order of their numbers.
[[nodiscard]] std::vector<std::string> StepNames(const PatternSpec& spec);

// The number of the first step of that name; nothing if there is none.
[[nodiscard]] std::optional<StepNumber> FindStep(const PatternSpec& spec, std::string_view name);

// Does the pattern end in an absence, a `not_followed_by` that the clock brings out? (Then the loader's default is `no_skip`.)
[[nodiscard]] bool EndsInAbsence(const PatternSpec& spec);

}  // namespace antiphon::pattern
