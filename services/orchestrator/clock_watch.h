#pragma once

#include <optional>
#include <string>

#include "services/runtime/clock.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

// ClockWatch: the machine's wall time, and whether somebody has set it meanwhile: it is compared with the clock that only goes on, since
// the last reading. Set back, nothing is wrong but that timers wait (the floor does not go back); set forward, timers would fire before the
// events that cancel them have had their time, and that cannot be taken back.
// Owned by a worker, used on its thread. Source: docs/live.md, "The clock".
class ClockWatch {
 public:
  // Smaller steps are a time server's, and pauses between two readings.
  static constexpr Milliseconds kStep{5'000};

  // `ahead`: by how much it may be set forward while the process runs. The clock outlives it.
  ClockWatch(runtime::Clock& clock, Milliseconds ahead) : clock_(clock), ahead_(ahead) {}

  struct Reading {
    EngineTime wall{};
    std::string warning;  // empty: as expected
  };
  // kStopProcess: it was set forward by more than `ahead`.
  [[nodiscard]] Result<Reading> Read();

 private:
  struct Seen {
    EngineTime wall{};
    Milliseconds before{0};  // monotonic, around it
    Milliseconds after{0};
  };

  runtime::Clock& clock_;
  Milliseconds ahead_;
  std::optional<Seen> last_;
};

}  // namespace antiphon::orchestrator
