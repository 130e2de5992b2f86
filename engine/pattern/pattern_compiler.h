#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "engine/pattern/compiled_pattern.h"
#include "engine/pattern/pattern.h"

namespace antiphon::pattern {

// The most steps that may be written, the most places that they may become (each repetition has one to two), the deepest nesting of groups.
inline constexpr std::size_t kStepsMax = 1024;
inline constexpr std::size_t kPlacesMax = 4096;
inline constexpr std::size_t kGroupDepthMax = 16;

// PatternProblem: something that an operator wrote and must not, or should think about. The codes are stable and listed in
// docs/patterns.md; the message says what is wrong and what to write instead.
struct PatternProblem {
  std::string code;                 // "absence_without_within"
  std::vector<std::uint32_t> path;  // the element: its index in the pattern, then in the group, ...; empty: the pattern itself
  std::string word;                 // the YAML word it is about: "times", "within", "after_match", ...
  std::string message;
};

// Everything that must be refused, in order of writing; empty for a pattern that compiles.
[[nodiscard]] std::vector<PatternProblem> CheckPattern(const PatternSpec& spec);

// What an operator should know of a correct pattern, in order of writing, those of the whole pattern last.
[[nodiscard]] std::vector<PatternProblem> WarnOfPattern(const PatternSpec& spec);

// The places of the pattern, or all its problems (never an empty list). O(places).
// REQUIRES: the step of every capture is a step of the pattern.
[[nodiscard]] std::expected<CompiledPattern, std::vector<PatternProblem>> CompilePattern(const PatternSpec& spec);

}  // namespace antiphon::pattern
