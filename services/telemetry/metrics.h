#pragma once

#include <string>
#include <vector>

#include "services/orchestrator/process_parts.h"

namespace antiphon::telemetry {

// What Prometheus is told of a process, under names that never change their meaning. Source: docs/operations.md, "Metrics".

// The text of a scrape (text format 0.0.4). Reads the figures as they stand; any thread, while the process runs.
// REQUIRES: parts.figures.
[[nodiscard]] std::string MetricsText(const orchestrator::ProcessParts& parts);

// One metric as the reference has it.
struct MetricName {
  std::string name;
  std::string type;  // counter, gauge, histogram
  friend auto operator<=>(const MetricName&, const MetricName&) = default;
};
// All that a scrape may hold, in order.
[[nodiscard]] std::vector<MetricName> MetricNames(const orchestrator::ProcessParts& parts);

}  // namespace antiphon::telemetry
