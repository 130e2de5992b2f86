#pragma once

#include "engine/decision/candidates.h"

namespace antiphon::decision {

// Judges one candidate at step.time.at(): planned time, stages in order, score and factors, text. Sets record.stage and rule to what
// closed it, or `passed`. Score and factors are there whenever the gates let it through, also when policy closed it.
// Source: docs/reasons.md, "Stages".
void JudgeCandidate(Step& step, const DecisionQuestion& question, Candidate& candidate);

// Of a contact due under `when_due: send`: everything but gates, score and arbitration.
void JudgeForSending(Step& step, const DecisionQuestion& question, Candidate& candidate);

// The total order of arbitration: score, then priority (the smaller first), then ids by bytes.
[[nodiscard]] bool RanksBefore(const Step& step, const Candidate& left, const Candidate& right);

}  // namespace antiphon::decision
