#include "tests/unit/simulate/simulated_log.h"

#include "state/base/check.h"

namespace antiphon::simulate {

SimulatedLog RunSimulation(const SimulateOptions& options) {
  StringSink events;
  StringSink truth;
  const auto summary = Simulate(options, events, &truth);
  ANTIPHON_CHECK(summary.has_value());
  return {std::move(events.text), std::move(truth.text)};
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string LinesWith(std::string_view text, std::string_view needle) {
  std::string found;
  for (const std::string_view line : LinesOf(text)) {
    if (line.find(needle) != std::string_view::npos) found.append(line).append("\n");
  }
  return found;
}

}  // namespace antiphon::simulate
