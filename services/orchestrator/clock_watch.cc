#include "services/orchestrator/clock_watch.h"

#include <utility>

namespace antiphon::orchestrator {

Result<ClockWatch::Reading> ClockWatch::Read() {
  Seen now;
  now.before = clock_.Monotonic();
  now.wall = clock_.Now();
  now.after = clock_.Monotonic();
  const std::optional<Seen> last = std::exchange(last_, now);
  Reading reading{.wall = now.wall, .warning = {}};
  if (!last) return reading;
  const Milliseconds passed = now.wall - last->wall;
  const Milliseconds least = now.before - last->after;
  const Milliseconds most = now.after - last->before;
  if (passed < least - kStep) {
    reading.warning = "this machine's clock went back by " + FormatDuration(least - passed) + ", to " + FormatTime(now.wall) +
                      ": events are decided as before, timers wait until it is past " + FormatTime(last->wall);
  } else if (passed > most + ahead_) {
    return Fail(
        Recovery::kStopProcess,
        "this machine's clock went forward by " + FormatDuration(passed - most) + ", to " + FormatTime(now.wall) +
            ", or the machine slept: timers would fire before their events are there, for good. Nothing was decided by it. Compare this "
            "machine with its time server, then start again");
  } else if (passed > most + kStep) {
    reading.warning = "this machine's clock went forward by " + FormatDuration(passed - most) + ", to " + FormatTime(now.wall) +
                      ": timers that are due by now fire";
  }
  return reading;
}

}  // namespace antiphon::orchestrator
