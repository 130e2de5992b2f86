#include "services/archive/log_cursor.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "state/base/check.h"

namespace antiphon::archive {
namespace {

constexpr Milliseconds kWait{100};
constexpr Milliseconds kPause{1};

}  // namespace

void WaitForMore(runtime::EventSource& source, runtime::Clock& clock) {
  const Milliseconds before = clock.Monotonic();
  source.Wait(kWait);
  if (clock.Monotonic() < before + kPause) std::this_thread::sleep_for(kPause);
}

Result<std::vector<LogCursor>> LogCursor::OpenAll(runtime::EventSource& source, runtime::LogDirectory& directory, runtime::Clock& clock,
                                                  std::span<const Begin> begins) {
  std::vector<runtime::LogId> logs;
  for (const Begin& begin : begins) logs.push_back(begin.log);
  const auto starts = directory.Starts(logs);
  if (!starts) return std::unexpected(starts.error());
  const auto ends = directory.HighWatermarks(logs);
  if (!ends) return std::unexpected(ends.error());
  // A client that was never asked of a topic takes a second to begin to read it.
  if (const auto asked = source.StableEnds(logs); !asked) return std::unexpected(asked.error());
  std::vector<LogCursor> cursors;
  std::vector<runtime::LogPosition> assigned;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    LogCursor cursor(source, clock, {.log = logs[i], .next = (*starts)[i]});
    cursor.next_ = begins[i].from.value_or(std::max(cursor.start_, begins[i].least));
    cursor.end_ = std::min((*ends)[i], begins[i].to.value_or((*ends)[i]));
    cursor.is_assigned_ = cursor.next_ < cursor.end_ && cursor.next_ >= cursor.start_;
    if (cursor.is_assigned_) assigned.push_back({.log = cursor.log_, .next = cursor.next_});
    cursors.push_back(std::move(cursor));
  }
  if (auto done = source.Assign(assigned); !done) {
    for (LogCursor& cursor : cursors) cursor.is_assigned_ = false;
    return std::unexpected(std::move(done.error()));
  }
  return cursors;
}

Result<LogCursor> LogCursor::Open(runtime::EventSource& source, runtime::Clock& clock, runtime::LogPosition from, std::int64_t end) {
  LogCursor cursor(source, clock, from);
  if (auto extended = cursor.ExtendTo(end); !extended) return std::unexpected(std::move(extended.error()));
  return cursor;
}

LogCursor::LogCursor(LogCursor&& other) noexcept
    : source_(std::exchange(other.source_, nullptr)),
      clock_(other.clock_),
      log_(other.log_),
      start_(other.start_),
      next_(other.next_),
      end_(other.end_),
      is_assigned_(other.is_assigned_),
      held_(std::move(other.held_)) {}

LogCursor::~LogCursor() {
  if (source_ == nullptr || !is_assigned_) return;
  const std::array<runtime::LogId, 1> logs{log_};
  source_->Unassign(logs);
}

bool LogCursor::AtEnd() const {
  if (held_) return held_->offset >= end_;
  return (is_assigned_ ? source_->Position(log_) : next_) >= end_;
}

void LogCursor::Hold(const runtime::LogRecord& record) {
  HeldRecord& held = held_.emplace();
  held.offset = record.offset;
  held.timestamp = record.timestamp;
  if (record.key) held.key.emplace(*record.key);
  if (record.value) held.value.emplace(*record.value);
  for (const runtime::Header& header : record.headers) held.headers.emplace_back(header.name, header.value);
}

runtime::LogRecord LogCursor::Give() {
  if (held_) given_ = *std::move(held_);
  held_.reset();
  runtime::LogRecord record;
  record.offset = given_.offset;
  record.timestamp = given_.timestamp;
  if (given_.key) record.key = *given_.key;
  if (given_.value) record.value = *given_.value;
  for (const auto& [name, value] : given_.headers) record.headers.push_back({.name = name, .value = value});
  return record;
}

Result<std::optional<runtime::LogRecord>> LogCursor::Next() {
  const Milliseconds deadline = clock_->Monotonic() + kPatience;
  do {
    if (AtEnd()) return std::nullopt;
    if (!is_assigned_) {
      return Fail(Recovery::kStopProcess,
                  "a log begins at offset " + std::to_string(start_) + "; its records from " + std::to_string(next_) + " on have expired");
    }
    if (held_) return Give();
    auto taken = source_->Take(log_);
    if (!taken) return taken;
    if (const std::optional<runtime::LogRecord>& record = *taken; record) {
      if (record->offset < end_) return taken;
      // Between what is before the end and this one there may be markers alone: the position did not tell.
      Hold(*record);
      return std::nullopt;
    }
    if (!AtEnd()) WaitForMore(*source_, *clock_);
  } while (clock_->Monotonic() < deadline);
  return Fail(Recovery::kRetry, "the cluster sends nothing more of a log that has more; is a transaction open that nobody ends?");
}

Result<void> LogCursor::ExtendTo(std::int64_t end) {
  ANTIPHON_CHECK(end >= end_);
  end_ = end;
  if (is_assigned_ || next_ >= end_) return {};
  const std::array<runtime::LogPosition, 1> from{{{.log = log_, .next = next_}}};
  if (auto assigned = source_->Assign(from); !assigned) return assigned;
  is_assigned_ = true;
  return {};
}

Result<std::int64_t> ForEachRecord(runtime::EventSource& source, runtime::LogDirectory& directory, runtime::Clock& clock,
                                   runtime::LogId log, const std::function<Result<void>(const runtime::LogRecord&)>& take) {
  const std::array logs{log};
  const auto start = directory.Starts(logs);
  if (!start) return std::unexpected(start.error());
  const auto end = source.StableEnds(logs);
  if (!end) return std::unexpected(end.error());
  auto cursor = LogCursor::Open(source, clock, {.log = log, .next = start->front()}, end->front());
  if (!cursor) return std::unexpected(std::move(cursor.error()));
  while (true) {
    const auto next = cursor->Next();
    if (!next) return std::unexpected(next.error());
    const std::optional<runtime::LogRecord>& record = *next;
    if (!record) return end->front();
    if (auto taken = take(*record); !taken) return std::unexpected(std::move(taken.error()));
  }
}

}  // namespace antiphon::archive
