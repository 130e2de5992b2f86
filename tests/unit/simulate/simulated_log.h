#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/simulate/simulate.h"

namespace antiphon::simulate {

// StringSink: keeps what is written; fails from the first write on if told so.
class StringSink final : public ByteSink {
 public:
  [[nodiscard]] Result<void> Write(std::string_view bytes) override {
    if (fails) return Fail(Recovery::kStopProcess, "disk full");
    text.append(bytes);
    return {};
  }

  std::string text;
  bool fails = false;
};

struct SimulatedLog {
  std::string events;
  std::string truth;
};

// REQUIRES: the options are right.
[[nodiscard]] SimulatedLog RunSimulation(const SimulateOptions& options);

[[nodiscard]] std::vector<std::string_view> LinesOf(std::string_view text);

// The lines that hold `needle`, each with its line feed.
[[nodiscard]] std::string LinesWith(std::string_view text, std::string_view needle);

}  // namespace antiphon::simulate
