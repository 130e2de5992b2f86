#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "services/runtime/event_source.h"
#include "services/runtime/log.h"
#include "state/base/result.h"

namespace antiphon::archive {

// LogCursor: one log from its start up to where its stable end was when the cursor was made; then nothing more. Blocks until a record is
// there. Lets go of the log at its end of life.
class LogCursor {
 public:
  // `source` outlives the cursor and must not read the log already. `end`: of the log, as the directory says.
  [[nodiscard]] static Result<LogCursor> Open(runtime::EventSource& source, runtime::LogPosition from, std::int64_t end);
  LogCursor(LogCursor&& other) noexcept;
  LogCursor& operator=(LogCursor&&) = delete;
  ~LogCursor();

  // Valid until the next call on the source. kRetry if nothing comes for half a minute.
  [[nodiscard]] Result<std::optional<runtime::LogRecord>> Next();

 private:
  LogCursor(runtime::EventSource& source, runtime::LogId log, std::int64_t end) : source_(&source), log_(log), end_(end) {}

  runtime::EventSource* source_;  // nullptr: moved from
  runtime::LogId log_;
  std::int64_t end_;
};

}  // namespace antiphon::archive
