#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "services/archive/archive.h"
#include "services/archive/segment_file.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log_directory.h"

namespace antiphon::archive {

// SpanLogs: one span of an archive as logs: the segments of its topics, and its snapshots as the changelog of antiphon.state. Immutable.
class SpanLogs {
 public:
  struct Log {
    const SegmentInfo* segment = nullptr;
    std::filesystem::path path;
  };
  // `archive` and `span` (one of its) outlive it. `topics`: what LogId::topic counts in; `state`: that of antiphon.state.
  SpanLogs(const Archive& archive, const SpanInfo& span, std::vector<std::string> topics, std::uint32_t state)
      : archive_(archive), span_(span), topics_(std::move(topics)), state_(state) {}

  // Fails (stop the process) if the span has no such log.
  [[nodiscard]] Result<Log> Find(runtime::LogId log) const;
  [[nodiscard]] const std::string& NameOf(std::uint32_t topic) const { return topics_.at(topic); }
  [[nodiscard]] std::int32_t PartitionsOf(const std::string& topic) const;

 private:
  const Archive& archive_;
  const SpanInfo& span_;
  std::vector<std::string> topics_;
  std::uint32_t state_;
};

// ArchiveSource: the port for reading, over the logs of a span. Everything is at hand: Take gives nothing once, at the end of a log, and
// after that says what is missing. Every Error is kStopProcess.
class ArchiveSource final : public runtime::EventSource {
 public:
  // `logs` outlives it.
  explicit ArchiveSource(const SpanLogs& logs) : logs_(logs) {}

  [[nodiscard]] Result<void> Assign(std::span<const runtime::LogPosition> from) override;
  void Unassign(std::span<const runtime::LogId> logs) override;
  [[nodiscard]] Result<std::optional<runtime::LogRecord>> Take(runtime::LogId log) override;
  [[nodiscard]] std::int64_t Position(runtime::LogId log) const override { return lanes_.at(log).position; }
  [[nodiscard]] Result<std::vector<std::int64_t>> StableEnds(std::span<const runtime::LogId> logs) override;
  void Wait(Milliseconds /*at_most*/) override {}
  void Wake() override {}

 private:
  struct Lane {
    SpanLogs::Log log;
    SegmentReader reader;
    std::int64_t position = 0;
    bool ended = false;
  };
  const SpanLogs& logs_;
  std::map<runtime::LogId, Lane> lanes_;
};

// ArchiveDirectory: the port for asking. There is no group, so there are no committed positions; nothing can be created.
class ArchiveDirectory final : public runtime::LogDirectory {
 public:
  // `logs` outlives it.
  explicit ArchiveDirectory(const SpanLogs& logs) : logs_(logs) {}

  [[nodiscard]] Result<std::vector<std::optional<std::int64_t>>> Committed(std::span<const runtime::LogId> logs) override;
  [[nodiscard]] Result<std::vector<std::int64_t>> Starts(std::span<const runtime::LogId> logs) override;
  [[nodiscard]] Result<std::vector<std::int64_t>> HighWatermarks(std::span<const runtime::LogId> logs) override;
  [[nodiscard]] Result<std::optional<runtime::TopicFacts>> Describe(const std::string& topic) override;
  [[nodiscard]] Result<void> Create(const std::string& topic, const runtime::TopicFacts& facts) override;

 private:
  const SpanLogs& logs_;
};

}  // namespace antiphon::archive
