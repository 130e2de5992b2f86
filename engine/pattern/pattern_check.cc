#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "engine/pattern/pattern_compiler.h"

namespace antiphon::pattern {
namespace {

bool MayBeSkipped(const PatternElement& element) { return element.optional || (element.times && element.times->min == 0); }
// Is there a number of repetitions with which it is complete, and could still grow?
bool Varies(const PatternElement& element) { return element.times && element.times->max != element.times->min; }
bool Loops(const PatternElement& element) { return element.times && !element.times->max; }
bool IsSkipTo(AfterMatch after) { return after == AfterMatch::kSkipToFirst || after == AfterMatch::kSkipToLast; }

// Can a run pass it without an event of it?
bool MayBeEmpty(const PatternElement& element) {
  if (MayBeSkipped(element) || IsNot(element.contiguity)) return true;
  return element.group && std::ranges::all_of(*element.group, MayBeEmpty);
}

using Path = std::vector<std::uint32_t>;

// The rules of docs/patterns.md, "Refused at load", in one walk over the elements.
class Checker {
 public:
  explicit Checker(const PatternSpec& spec) : spec_(spec) {}

  std::vector<PatternProblem> Check() {
    if (spec_.elements.empty()) Add("empty_pattern", "pattern", "a pattern needs at least one step");
    CheckSequence(spec_.elements);
    if (StepNames(spec_).size() > kStepsMax) Add("too_large", "pattern", "more than " + std::to_string(kStepsMax) + " steps");
    if (spec_.within && *spec_.within <= Milliseconds{0}) {
      Add("within_zero", "within", "within must be longer than nothing; leave it out for no limit");
    }
    if (IsSkipTo(spec_.after_match) && !names_.contains(spec_.skip_to)) {
      Add("skip_to_unknown_step", "after_match", "there is no step '" + spec_.skip_to + "' to skip to; name a step of this pattern");
    }
    return std::move(problems_);
  }

 private:
  void Add(std::string code, std::string word, std::string message) {
    problems_.push_back({std::move(code), path_, std::move(word), std::move(message)});
  }

  void CheckSequence(const std::vector<PatternElement>& elements) {
    if (path_.size() > kGroupDepthMax) {
      Add("too_deep", "group", "groups are nested more than " + std::to_string(kGroupDepthMax) + " deep");
      return;
    }
    for (std::size_t i = 0; i < elements.size(); ++i) {
      path_.push_back(static_cast<std::uint32_t>(i));
      CheckElement(elements[i], i == 0 ? nullptr : &elements[i - 1], i + 1 == elements.size());
      path_.pop_back();
    }
  }

  void CheckElement(const PatternElement& element, const PatternElement* previous, bool last) {
    if (element.group) {
      CheckGroup(element, *element.group);
    } else if (element.name.empty()) {
      Add("name_missing", "name", "a step needs a name");
    } else if (!names_.insert(element.name).second) {
      Add("duplicate_step_name", "name", "the step name '" + element.name + "' is taken; names are unique in the whole pattern");
    }
    if (IsNot(element.contiguity)) {
      CheckNot(element, previous, last);
    } else {
      CheckQuantifier(element, previous);
    }
    CheckTimes(element);
    CheckWithinPrevious(element);
    if (element.group) CheckSequence(*element.group);
  }

  void CheckGroup(const PatternElement& group, const std::vector<PatternElement>& elements) {
    if (elements.empty()) Add("empty_group", "group", "a group needs at least one step");
    if (IsNot(group.contiguity)) {
      Add("not_group", "contiguity", "the absence of a group cannot be asked for; say not_followed_by of single steps");
    }
    if (group.where) Add("where_on_group", "where", "a group takes no events itself; put the condition on its steps");
    if (group.greedy) Add("greedy_on_group", "greedy", "greedy is for steps; put it on a step inside the group");
    if (!elements.empty() && Loops(group) && std::ranges::all_of(elements, MayBeEmpty)) {
      Add("loop_of_nothing", "group", "a group that may be empty would be repeated without end; make one of its steps mandatory");
    }
  }

  void CheckNot(const PatternElement& element, const PatternElement* previous, bool last) {
    if (previous == nullptr) Add("not_first", "contiguity", "a pattern or group cannot begin with a not; put a step before it");
    if (element.times || element.optional || element.greedy || element.until || element.inner != Inner::kRelaxed) {
      Add("quantifier_on_not", "times", "a not takes no events: times, one_or_more, optional, greedy, inner and until have no place there");
    }
    if (previous != nullptr && !IsNot(previous->contiguity) && MayBeEmpty(*previous)) {
      Add("not_after_optional", "contiguity", "a not needs a step before it that is always taken; it cannot follow what may be skipped");
    }
    if (last && path_.size() == 1 && element.contiguity == Contiguity::kNotFollowedBy && !spec_.within && !element.within_previous) {
      Add("absence_without_within", "contiguity",
          "nothing says when the absence is certain; add within to the pattern, or within_previous here");
    }
  }

  void CheckQuantifier(const PatternElement& element, const PatternElement* previous) {
    if (!element.times && element.greedy && !element.group) {
      Add("greedy_on_single", "greedy", "greedy is for repeated steps; add times or one_or_more, or remove it");
    }
    if (!element.times && element.inner != Inner::kRelaxed) {
      Add("inner_on_single", "inner", "inner is about repetitions; add times or one_or_more, or remove it");
    }
    if (element.greedy && element.inner == Inner::kAllowCombinations) {
      Add("greedy_with_allow_combinations", "greedy", "greedy and allow_combinations contradict each other; choose one");
    }
    if (element.until && !Loops(element)) {
      Add("until_without_loop", "until", "until ends a loop; it needs one_or_more or times: [n, null]");
    }
    if (MayBeSkipped(element) && previous != nullptr && previous->greedy) {
      Add("optional_after_greedy", "optional", "a step directly after a greedy one cannot be optional; remove greedy or optional");
    }
  }

  void CheckTimes(const PatternElement& element) {
    if (element.times) {
      const Times& times = *element.times;
      const bool backwards = times.max && *times.max < std::max<std::int64_t>(times.min, 1);
      if (times.min < 0 || backwards || (times.min == 0 && !times.max)) {
        Add("bad_times", "times", "times is n >= 1, [n, m] with 0 <= n <= m and m >= 1, or [n, null] with n >= 1; or say optional");
      } else if (std::max(times.min, times.max.value_or(0)) > static_cast<std::int64_t>(kPlacesMax)) {
        Add("too_large", "times", "more than " + std::to_string(kPlacesMax) + " repetitions; count in a feature instead");
      }
    }
    if (element.times_within) {
      Add("times_within", "times", "a gap between repetitions is not offered; use within, or steps of their own with within_previous");
    }
  }

  void CheckWithinPrevious(const PatternElement& element) {
    if (!element.within_previous) return;
    const std::string word = "within_previous";
    if (*element.within_previous <= Milliseconds{0}) Add("within_previous_zero", word, "within_previous must be longer than nothing");
    if (element.group) Add("within_previous_on_group", word, "within_previous is for single steps; put it on a step of the group");
    if (MayBeSkipped(element)) Add("within_previous_on_optional", word, "an optional step cannot have within_previous; use within");
    if (element.times) Add("within_previous_on_repeated", word, "a repeated step cannot have within_previous; use within");
    if (spec_.within && *element.within_previous > *spec_.within) {
      Add("within_previous_longer_than_within", word, "within_previous is longer than the within of the whole pattern; shorten it");
    }
  }

  const PatternSpec& spec_;
  Path path_;
  std::set<std::string> names_;
  std::vector<PatternProblem> problems_;
};

// The advice of docs/patterns.md, "Warnings".
class Adviser {
 public:
  explicit Adviser(const PatternSpec& spec) : spec_(spec) {}

  std::vector<PatternProblem> Advise() {
    AdviseSequence(spec_.elements, true);
    path_.clear();
    const AfterMatch after = spec_.after_match;
    if (after != AfterMatch::kNoSkip && after != AfterMatch::kRestart && !spec_.within) {
      Add("skip_without_within", "after_match", "without within, one start that is never answered silences all later ones; add within");
    }
    if (after == AfterMatch::kNoSkip && several_) {
      Add("same_story_again", "after_match", "with no_skip the same story is told several times; name another after_match");
    }
    if (IsSkipTo(after)) AdviseSkipTo();
    if (!spec_.within) Add("no_within", "within", "without within, runs live for ever; add within");
    return std::move(warnings_);
  }

 private:
  void Add(std::string code, std::string word, std::string message) {
    warnings_.push_back({std::move(code), path_, std::move(word), std::move(message)});
  }

  // `at_the_end`: what ends this sequence ends the pattern.
  void AdviseSequence(const std::vector<PatternElement>& elements, bool at_the_end) {
    for (std::size_t i = 0; i < elements.size(); ++i) {
      path_.push_back(static_cast<std::uint32_t>(i));
      AdviseElement(elements[i], i, at_the_end && i + 1 == elements.size(), i + 1 == elements.size());
      path_.pop_back();
    }
  }

  void AdviseElement(const PatternElement& element, std::size_t index, bool ends_pattern, bool ends_sequence) {
    const bool any = element.contiguity == Contiguity::kFollowedByAny && index > 0;
    several_ = several_ || any || element.times || element.optional;
    if (any || element.inner == Inner::kAllowCombinations) {
      Add("runs_grow", any ? "contiguity" : "inner",
          "the number of open runs grows with every event; keep within short, or say followed_by / relaxed");
    }
    if (element.greedy)
      Add("greedy_forbids", "greedy", "an event that fits this step can no longer be anything else while the next step is awaited");
    if (ends_pattern && !IsNot(element.contiguity) && (MayBeSkipped(element) || Varies(element))) {
      Add("told_at_every_prefix", element.optional ? "optional" : "times",
          "as the last step it is told early, and under no_skip again as it grows; use times: n, or end it with until and a further step");
    }
    if (ends_pattern && element.contiguity == Contiguity::kNotNext) {
      Add("not_next_last", "contiguity", "told at the next event only, never by time alone; use not_followed_by with within");
    }
    if (IsNot(element.contiguity) && ends_sequence && path_.size() > 1 && !(ends_pattern && (spec_.within || element.within_previous)) &&
        element.contiguity == Contiguity::kNotFollowedBy) {
      Add("not_without_effect", "contiguity",
          "at the end of a group a not forbids nothing that comes after the group; put it after the group");
    }
    const bool previous_is_void = (index == 0 && path_.size() == 1) || (element.contiguity == Contiguity::kNotFollowedBy && !ends_pattern);
    if (element.within_previous && previous_is_void) {
      Add("within_previous_without_effect", "within_previous", "it has no effect here; put it on the step that must come in time");
    }
    if (element.group) AdviseSequence(*element.group, ends_pattern);
  }

  void AdviseSkipTo() {
    if (IsNotStep(spec_.elements)) {
      Add("skip_to_a_not", "after_match", "'" + spec_.skip_to + "' takes no events, so nothing is ever dropped; name a step that does");
    }
  }

  bool IsNotStep(const std::vector<PatternElement>& elements) const {
    return std::ranges::any_of(elements, [this](const PatternElement& element) {
      return element.group ? IsNotStep(*element.group) : element.name == spec_.skip_to && IsNot(element.contiguity);
    });
  }

  const PatternSpec& spec_;
  Path path_;
  bool several_ = false;
  std::vector<PatternProblem> warnings_;
};

}  // namespace

std::vector<PatternProblem> CheckPattern(const PatternSpec& spec) { return Checker(spec).Check(); }

std::vector<PatternProblem> WarnOfPattern(const PatternSpec& spec) { return Adviser(spec).Advise(); }

}  // namespace antiphon::pattern
