#include "services/telemetry/health.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace antiphon::telemetry {

using orchestrator::LiveFigures;

HealthAnswer AnswerAlive(const LiveFigures& figures, Milliseconds now) {
  HealthAnswer answer{.good = true, .json = {}};
  nlohmann::ordered_json workers = nlohmann::ordered_json::array();
  const auto look_at = [&](const LiveFigures::Worker& worker) -> nlohmann::ordered_json {
    const std::uint64_t rounds = worker.rounds.load(std::memory_order_relaxed);
    const Milliseconds since = now - Milliseconds{worker.round_at_ms.load(std::memory_order_relaxed)};
    const bool stuck = rounds > 0 && since > kStandsStillAfter;  // before its first round a worker is only being started
    answer.good = answer.good && !stuck;
    return {{"rounds", rounds}, {"ms_since", rounds > 0 ? std::max<std::int64_t>(since.count(), 0) : 0}, {"stuck", stuck}};
  };
  for (const LiveFigures::Worker& worker : figures.workers()) workers.push_back(look_at(worker));
  nlohmann::ordered_json rekeyer;
  if (!figures.sources.empty()) rekeyer = look_at(figures.rekeyer);
  nlohmann::ordered_json json{{"alive", answer.good}, {"workers", std::move(workers)}};
  if (!rekeyer.is_null()) json["rekeyer"] = std::move(rekeyer);
  answer.json = json.dump();
  return answer;
}

HealthAnswer AnswerReady(const LiveFigures& figures) {
  const bool assigned = std::ranges::all_of(figures.workers(), [](const auto& worker) { return worker.assigned.load(); }) &&
                        (figures.sources.empty() || figures.rekeyer.assigned.load());
  HealthAnswer answer{.good = assigned, .json = {}};
  nlohmann::ordered_json partitions = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < figures.partitions().size(); ++i) {
    const LiveFigures::Partition& partition = figures.partitions()[i];
    const LiveFigures::State state = partition.state.load(std::memory_order_relaxed);
    if (state == LiveFigures::State::kNotOwned) continue;
    nlohmann::ordered_json shown{{"partition", i}, {"state", state == LiveFigures::State::kActive ? "active" : "restoring"}};
    if (state == LiveFigures::State::kRestoring) {
      answer.good = false;
      shown["left"] = partition.restore_left.load(std::memory_order_relaxed);
    }
    partitions.push_back(std::move(shown));
  }
  answer.json = nlohmann::ordered_json{{"ready", answer.good}, {"assigned", assigned}, {"partitions", std::move(partitions)}}.dump();
  return answer;
}

}  // namespace antiphon::telemetry
