#include "services/archive/log_cursor.h"

#include <array>
#include <utility>

namespace antiphon::archive {
namespace {

constexpr Milliseconds kWait{100};

}  // namespace

Result<LogCursor> LogCursor::Open(runtime::EventSource& source, runtime::Clock& clock, runtime::LogPosition from, std::int64_t end) {
  const std::array<runtime::LogPosition, 1> positions{from};
  if (auto assigned = source.Assign(positions); !assigned) return std::unexpected(std::move(assigned.error()));
  return LogCursor(source, clock, from.log, end);
}

LogCursor::LogCursor(LogCursor&& other) noexcept
    : source_(std::exchange(other.source_, nullptr)), clock_(other.clock_), log_(other.log_), end_(other.end_) {}

LogCursor::~LogCursor() {
  if (source_ == nullptr) return;
  const std::array<runtime::LogId, 1> logs{log_};
  source_->Unassign(logs);
}

Result<std::optional<runtime::LogRecord>> LogCursor::Next() {
  const Milliseconds deadline = clock_->Monotonic() + kPatience;
  do {
    if (source_->Position(log_) >= end_) return std::nullopt;
    auto record = source_->Take(log_);
    if (!record || *record) return record;
    if (source_->Position(log_) < end_) source_->Wait(kWait);
  } while (clock_->Monotonic() < deadline);
  return Fail(Recovery::kRetry, "the cluster sends nothing more of a log that has more");
}

}  // namespace antiphon::archive
