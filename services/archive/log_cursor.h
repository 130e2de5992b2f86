#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "services/runtime/clock.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"

namespace antiphon::archive {

// Longer than any pause of a cluster that is well.
inline constexpr Milliseconds kPatience{30'000};

// Waits until a record of any log may be at hand, for whoever needs one of a certain log: a source whose other logs have records does not
// wait by itself.
void WaitForMore(runtime::EventSource& source, runtime::Clock& clock);

// A record behind the end, of a log that was written on: it was taken and is not to be given yet.
struct HeldRecord {
  std::int64_t offset = 0;
  EngineTime timestamp{};
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};

// LogCursor: one log up to where its end was when the cursor was made; then nothing more. Blocks until a record is there. Lets go of the
// log at its end of life.
class LogCursor {
 public:
  // A log, and what of it: nothing given, from its start to its end.
  struct Begin {
    runtime::LogId log;
    std::optional<std::int64_t> from = std::nullopt;
    std::int64_t least = 0;                         // without `from`: not before it, where the log begins earlier
    std::optional<std::int64_t> to = std::nullopt;  // it ends there, or where the log does
  };

  // Opens all at once, so that what a cluster sends first is on its way for all of them. Each ends where its last record is now, committed
  // or not: a transaction that is under way is waited for. `source` and `clock` outlive the cursors; the source reads none of the logs.
  // An Error: the cluster does not answer. Whether a log still has its `from` is the caller's to ask (start()).
  [[nodiscard]] static Result<std::vector<LogCursor>> OpenAll(runtime::EventSource& source, runtime::LogDirectory& directory,
                                                              runtime::Clock& clock, std::span<const Begin> begins);
  // One, up to an end that the caller knows.
  [[nodiscard]] static Result<LogCursor> Open(runtime::EventSource& source, runtime::Clock& clock, runtime::LogPosition from,
                                              std::int64_t end);
  LogCursor(LogCursor&& other) noexcept;
  LogCursor& operator=(LogCursor&&) = delete;
  ~LogCursor();

  // Valid until the next call on the source. kRetry if nothing comes for kPatience.
  [[nodiscard]] Result<std::optional<runtime::LogRecord>> Next();
  // It ends later. REQUIRES: not before its end.
  [[nodiscard]] Result<void> ExtendTo(std::int64_t end);

  [[nodiscard]] runtime::LogId log() const { return log_; }
  [[nodiscard]] std::int64_t start() const { return start_; }  // of the log, not of the cursor
  [[nodiscard]] std::int64_t begin() const { return next_; }
  [[nodiscard]] std::int64_t end() const { return end_; }

 private:
  LogCursor(runtime::EventSource& source, runtime::Clock& clock, runtime::LogPosition from)
      : source_(&source), clock_(&clock), log_(from.log), start_(from.next), next_(from.next) {}
  [[nodiscard]] bool AtEnd() const;

  void Hold(const runtime::LogRecord& record);
  [[nodiscard]] runtime::LogRecord Give();

  runtime::EventSource* source_;  // nullptr: moved from
  runtime::Clock* clock_;
  runtime::LogId log_;
  std::int64_t start_;
  std::int64_t next_;  // where it begins
  std::int64_t end_ = 0;
  bool is_assigned_ = false;  // a log with nothing to read is not
  std::optional<HeldRecord> held_;
  HeldRecord given_;  // the bytes of the one that was held and given
};

// All records of a log that nobody else reads, up to its stable end of the moment; that end. Blocks, as a cursor does.
[[nodiscard]] Result<std::int64_t> ForEachRecord(runtime::EventSource& source, runtime::LogDirectory& directory, runtime::Clock& clock,
                                                 runtime::LogId log, const std::function<Result<void>(const runtime::LogRecord&)>& take);

}  // namespace antiphon::archive
