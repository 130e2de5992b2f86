#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "services/runtime/clock.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log.h"
#include "state/base/result.h"

namespace antiphon::archive {

// Longer than any pause of a cluster that is well.
inline constexpr Milliseconds kPatience{30'000};

// LogCursor: one log from its start up to where its stable end was when the cursor was made; then nothing more. Blocks until a record is
// there. Lets go of the log at its end of life.
class LogCursor {
 public:
  // `source` and `clock` outlive the cursor; the source must not read the log already. `end`: of the log, as the directory says.
  [[nodiscard]] static Result<LogCursor> Open(runtime::EventSource& source, runtime::Clock& clock, runtime::LogPosition from,
                                              std::int64_t end);
  LogCursor(LogCursor&& other) noexcept;
  LogCursor& operator=(LogCursor&&) = delete;
  ~LogCursor();

  // Valid until the next call on the source. kRetry if nothing comes for kPatience.
  [[nodiscard]] Result<std::optional<runtime::LogRecord>> Next();

 private:
  LogCursor(runtime::EventSource& source, runtime::Clock& clock, runtime::LogId log, std::int64_t end)
      : source_(&source), clock_(&clock), log_(log), end_(end) {}

  runtime::EventSource* source_;  // nullptr: moved from
  runtime::Clock* clock_;
  runtime::LogId log_;
  std::int64_t end_;
};

}  // namespace antiphon::archive
