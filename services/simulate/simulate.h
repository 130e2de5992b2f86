#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "services/simulate/event_writer.h"
#include "state/base/result.h"

namespace antiphon::simulate {

// What `antiphon simulate` is told. The same options give the same bytes on any machine.
struct SimulateOptions {
  std::uint32_t customers = 1'000;
  std::uint32_t days = 90;
  std::uint64_t seed = 1;
  std::chrono::sys_days start = std::chrono::year{2026} / 1 / 1;  // the first day, in Europe/Prague
  std::uint32_t activity_percent = 100;                           // of card payments, cash and sessions; 0 to 1000
  std::string output_path = "-";                                  // "-" is standard output
  std::string truth_path;                                         // "" writes no truth; "-" is not allowed together with output "-"
};

inline constexpr std::uint32_t kCustomersMax = 99'999'999;  // the ids have eight digits
inline constexpr std::uint32_t kDaysMax = 10'000;
inline constexpr std::uint32_t kActivityPercentMax = 1'000;

struct SimulateSummary {
  std::uint64_t events = 0;
};

// Reads "2026-01-31"; an error names what is wrong.
[[nodiscard]] Result<std::chrono::sys_days> ParseStart(std::string_view text);

// Nothing is written if the options are wrong (bounds above; all days within [1996-04-01, 2100)).
[[nodiscard]] Result<void> CheckOptions(const SimulateOptions& options);

// Writes the events as JSON lines in the order (time, id), day by day, and, unless `truth` is null, the hidden truth as one JSON line per
// customer in the order of their ids. With no customers or no days both are empty. Memory: the customers and the lines of one day, together
// about 2 kB per customer, however many days. The paths of the options are not looked at. An error is the sinks' or a wrong option.
[[nodiscard]] Result<SimulateSummary> Simulate(const SimulateOptions& options, ByteSink& events, ByteSink* truth);

// `antiphon simulate`, once its arguments are read: opens the files, runs, says on `messages` what went wrong. Returns the exit code:
// 0 ok, 2 bad usage or a file that cannot be written.
[[nodiscard]] int RunSimulateCommand(const SimulateOptions& options, std::FILE* messages);

}  // namespace antiphon::simulate
