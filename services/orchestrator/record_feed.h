#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "services/runtime/event_source.h"
#include "services/runtime/log.h"
#include "state/base/result.h"

namespace antiphon::orchestrator {

// RecordFeed: the records of one log for one lane, from where its partition stands. Used on the worker's thread.
class RecordFeed {
 public:
  RecordFeed() = default;
  RecordFeed(const RecordFeed&) = delete;
  RecordFeed& operator=(const RecordFeed&) = delete;
  virtual ~RecordFeed() = default;

  [[nodiscard]] virtual runtime::LogId log() const = 0;
  // As EventSource's.
  [[nodiscard]] virtual Result<std::optional<runtime::LogRecord>> Take() = 0;
  [[nodiscard]] virtual std::int64_t Position() const = 0;
};

// InputFeed: a log that this partition alone reads. Reads as long as it lives.
class InputFeed final : public RecordFeed {
 public:
  // `source` outlives the feed.
  [[nodiscard]] static Result<std::unique_ptr<InputFeed>> Open(runtime::EventSource& source, runtime::LogPosition from);
  ~InputFeed() override;

  [[nodiscard]] runtime::LogId log() const override { return log_; }
  [[nodiscard]] Result<std::optional<runtime::LogRecord>> Take() override { return source_.Take(log_); }
  [[nodiscard]] std::int64_t Position() const override { return source_.Position(log_); }

 private:
  InputFeed(runtime::EventSource& source, runtime::LogId log) : source_(source), log_(log) {}

  runtime::EventSource& source_;
  runtime::LogId log_;
};

// ControlLog: antiphon.control, which every partition reads from a place of its own: read once per worker, and kept as long as some
// partition may need it. Owned by the worker. Memory: the control records of the topic's retention, of which there are few.
class ControlLog {
 public:
  // `source` outlives it.
  ControlLog(runtime::EventSource& source, runtime::LogId log) : source_(source), log_(log) {}
  ~ControlLog();
  ControlLog(const ControlLog&) = delete;
  ControlLog& operator=(const ControlLog&) = delete;

  // The feed of a partition that stands at `from`. The log outlives it.
  [[nodiscard]] Result<std::unique_ptr<RecordFeed>> FeedFrom(std::int64_t from);

 private:
  class Feed;
  struct Kept {
    std::int64_t offset = 0;
    std::string value;
    bool tombstone = false;
  };

  // Reads what is at hand; the first record at or after `next`, or nullptr.
  [[nodiscard]] Result<const Kept*> Find(std::int64_t next);

  runtime::EventSource& source_;
  runtime::LogId log_;
  std::optional<std::int64_t> first_;  // what stands from here on is kept; nothing: not read
  std::deque<Kept> kept_;
};

}  // namespace antiphon::orchestrator
