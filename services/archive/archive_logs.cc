#include "services/archive/archive_logs.h"

#include <algorithm>
#include <utility>

#include "state/base/check.h"

namespace antiphon::archive {
namespace {

// One edge of each log.
Result<std::vector<std::int64_t>> EdgesOf(const SpanLogs& logs, std::span<const runtime::LogId> asked, std::int64_t SegmentInfo::* edge) {
  std::vector<std::int64_t> edges;
  for (const runtime::LogId log : asked) {
    const auto found = logs.Find(log);
    if (!found) return std::unexpected(found.error());
    edges.push_back(found->segment->*edge);
  }
  return edges;
}

}  // namespace

Result<SpanLogs::Log> SpanLogs::Find(runtime::LogId log) const {
  const std::string& topic = NameOf(log.topic);
  const SegmentInfo* segment = log.topic == state_ ? span_.SnapshotOf(log.partition) : span_.Find(topic, log.partition);
  if (segment != nullptr) return Log{.segment = segment, .path = archive_.PathOf(span_) / segment->file};
  return Fail(Recovery::kStopProcess,
              archive_.PathOf(span_).string() + ": it has nothing of " + topic + "[" + std::to_string(log.partition) + "]");
}

std::int32_t SpanLogs::PartitionsOf(const std::string& topic) const {
  std::int32_t partitions = 0;
  for (const SegmentInfo& segment : span_.segments) {
    if (segment.topic == topic) partitions = std::max(partitions, segment.partition + 1);
  }
  return partitions;
}

Result<void> ArchiveSource::Assign(std::span<const runtime::LogPosition> from) {
  for (const runtime::LogPosition& position : from) {
    ANTIPHON_CHECK(position.next >= 0 && !lanes_.contains(position.log));
    auto log = logs_.Find(position.log);
    if (!log) return std::unexpected(std::move(log.error()));
    const SegmentInfo& segment = *log->segment;
    if (position.next < segment.begin) {
      return Fail(Recovery::kStopProcess,
                  log->path.string() + ": begins at offset " + std::to_string(segment.begin) + ", not at " + std::to_string(position.next));
    }
    auto reader = SegmentReader::Open(log->path);
    if (!reader) return std::unexpected(std::move(reader.error()));
    if (reader->topic() != segment.topic || reader->partition() != segment.partition) {
      return Fail(Recovery::kStopProcess, log->path.string() + ": is of " + reader->topic() + "[" + std::to_string(reader->partition()) +
                                              "], the manifest says " + segment.topic + "[" + std::to_string(segment.partition) + "]");
    }
    lanes_.emplace(position.log, Lane{.log = *std::move(log), .reader = *std::move(reader), .position = position.next});
  }
  return {};
}

void ArchiveSource::Unassign(std::span<const runtime::LogId> logs) {
  for (const runtime::LogId log : logs) lanes_.erase(log);
}

Result<std::optional<runtime::LogRecord>> ArchiveSource::Take(runtime::LogId log) {
  Lane& lane = lanes_.at(log);
  if (lane.ended) return Fail(Recovery::kStopProcess, lane.log.path.string() + ": has no more records, and the journal names more");
  while (true) {
    auto next = lane.reader.Next();
    if (!next) return next;
    const std::optional<runtime::LogRecord>& record = *next;
    if (!record) break;
    if (record->offset < lane.position) continue;
    lane.position = record->offset + 1;
    return next;
  }
  lane.ended = true;
  lane.position = std::max(lane.position, lane.log.segment->end);
  return std::nullopt;
}

Result<std::vector<std::int64_t>> ArchiveSource::StableEnds(std::span<const runtime::LogId> logs) {
  return EdgesOf(logs_, logs, &SegmentInfo::end);
}

Result<std::vector<std::optional<std::int64_t>>> ArchiveDirectory::Committed(std::span<const runtime::LogId> logs) {
  return std::vector<std::optional<std::int64_t>>(logs.size());
}

Result<std::vector<std::int64_t>> ArchiveDirectory::Starts(std::span<const runtime::LogId> logs) {
  return EdgesOf(logs_, logs, &SegmentInfo::begin);
}

Result<std::vector<std::int64_t>> ArchiveDirectory::HighWatermarks(std::span<const runtime::LogId> logs) {
  return EdgesOf(logs_, logs, &SegmentInfo::end);
}

Result<std::optional<runtime::TopicFacts>> ArchiveDirectory::Describe(const std::string& topic) {
  const std::int32_t partitions = logs_.PartitionsOf(topic);
  if (partitions == 0) return std::nullopt;
  return runtime::TopicFacts{.partitions = partitions, .replication = 1, .settings = {}};
}

Result<void> ArchiveDirectory::Create(const std::string& topic, const runtime::TopicFacts& /*facts*/) {
  return Fail(Recovery::kStopProcess, topic + ": an archive is only read");
}

}  // namespace antiphon::archive
