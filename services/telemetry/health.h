#pragma once

#include <string>

#include "services/orchestrator/live_figures.h"
#include "state/base/time.h"

namespace antiphon::telemetry {

// A worker without a round for so long is stuck. The process ends by itself a little later (Orchestrator::kStuckAfter).
inline constexpr Milliseconds kStandsStillAfter{20'000};

// What a process answers when it is asked for its health: yes or no, and one JSON object that says why. Source: docs/operations.md,
// "Health".
struct HealthAnswer {
  bool good = false;
  std::string json;
};

// Whether the process lives: every worker had a round lately. `now` is of the same Clock::Monotonic as the rounds.
[[nodiscard]] HealthAnswer AnswerAlive(const orchestrator::LiveFigures& figures, Milliseconds now);

// Whether it serves what it owns: the group has assigned its partitions, be it none, and all of them are active.
[[nodiscard]] HealthAnswer AnswerReady(const orchestrator::LiveFigures& figures);

}  // namespace antiphon::telemetry
