#pragma once

#include "engine/decision/candidates.h"
#include "engine/decision/evaluation.h"

namespace antiphon::decision {

// Fills the candidate's factors and score. False, with stage kError and a rule set by the caller, if one is absent, fails, or the score is
// NaN or infinite; what was computed stays in the record. Source: docs/arbitration.md.
[[nodiscard]] bool ScoreCandidate(Step& step, Evaluation& evaluation, Candidate& candidate);

}  // namespace antiphon::decision
