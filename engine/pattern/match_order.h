#pragma once

#include "engine/pattern/pattern.h"
#include "state/model/pattern_runs.h"
#include "state/model/scalar.h"

namespace antiphon::pattern {

// The stated order of complete matches: most events first; then the one whose events come earliest (compare one after the other); then
// the one that gave them to earlier steps. Total on matches that differ in what they took. Source: docs/patterns.md, "Which is told first".
[[nodiscard]] bool IsPreferred(const state::PatternRun& left, const state::PatternRun& right);

// By the first event taken, then the stated order: the order in which matches are told.
[[nodiscard]] bool ComesFirst(const state::PatternRun& left, const state::PatternRun& right);

// Adds the value of one more event to what a run keeps. Sums, minima and maxima are over numbers; what is not a number is passed over.
// Whole numbers stay whole; with a double among them the sum is a double. A sum of whole numbers that would overflow keeps its value.
void Accumulate(state::Scalar& kept, Take take, const state::Scalar& value);

}  // namespace antiphon::pattern
