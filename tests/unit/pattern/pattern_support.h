#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/pattern/matcher.h"
#include "engine/pattern/pattern_compiler.h"

// Small words for the tests of patterns: a step fits events of one type (a letter), an event has a time, a type and a value.
namespace antiphon::pattern {

struct TestEvent {
  std::int64_t time = 0;
  char type = 'A';
  std::int64_t value = 0;
};

inline PatternElement Step(std::string name, char type, Contiguity contiguity = Contiguity::kFollowedBy) {
  PatternElement step;
  step.name = std::move(name);
  step.contiguity = contiguity;
  step.where = static_cast<ConditionId>(type);
  return step;
}

inline PatternElement Group(std::vector<PatternElement> elements) {
  PatternElement group;
  group.group = std::move(elements);
  return group;
}

// Condition n holds for events of type n; kValueAboveSum for a value greater than the first capture. Counts what it is asked.
class TypeConditions final : public Conditions {
 public:
  static constexpr ConditionId kValueAboveSum = 1000;

  bool Holds(ConditionId condition, const RunView& run) override {
    ++asked;
    if (condition == kValueAboveSum) return event.value > std::get<std::int64_t>(run.captures[0]);
    return static_cast<ConditionId>(event.type) == condition;
  }
  state::Scalar Capture(FieldId /*field*/) override { return event.value; }

  TestEvent event;
  std::size_t asked = 0;
};

// One customer under one pattern.
class Customer {
 public:
  explicit Customer(const PatternSpec& spec, Limits limits = {}) : pattern_(CompilePattern(spec).value()), matcher_(pattern_, limits) {
    told.keep_timeouts = true;
  }
  Customer(const Customer&) = delete;
  Customer& operator=(const Customer&) = delete;

  void See(const TestEvent& event, std::uint8_t mark = 0) {
    conditions.event = event;
    const std::string id = "e" + std::to_string(ordinal_);
    matcher_.OnEvent(runs, {FromEpochMs(event.time), ordinal_++, id, mark}, conditions, scratch_, told);
  }
  void AdvanceTo(std::int64_t time) { matcher_.AdvanceTo(runs, FromEpochMs(time), scratch_, told); }

  [[nodiscard]] const Matcher& matcher() const { return matcher_; }

  // "11: a0 b2; 12 clock: a1": what was told, events by their order of arrival.
  [[nodiscard]] std::string Matches() const {
    std::string out;
    for (const ToldMatch& match : told.matches) {
      if (!out.empty()) out += "; ";
      out += std::to_string(ToEpochMs(match.at)) + (match.by_clock ? " clock:" : ":") + Events(match.run);
    }
    return out;
  }
  [[nodiscard]] std::string Events(const state::PatternRun& run) const {
    std::string out;
    for (const state::TakenEvent& event : run.taken) out += " " + pattern_.step_names[event.step] + std::to_string(event.ordinal);
    return out;
  }

  state::PatternRuns runs;
  Told told;
  TypeConditions conditions;

 private:
  CompiledPattern pattern_;
  Matcher matcher_;
  MatcherScratch scratch_;
  std::uint64_t ordinal_ = 0;
};

}  // namespace antiphon::pattern
