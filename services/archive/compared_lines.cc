#include "services/archive/compared_lines.h"

#include <algorithm>
#include <utility>

#include "services/formats/dead_letter.h"
#include "services/orchestrator/rekeyed_records.h"
#include "state/base/check.h"

namespace antiphon::archive {
namespace {

using orchestrator::OutputKind;
using orchestrator::OutputLine;
using process::TopicRole;

// In antiphon.dead-letters: a note that one of them was sent again, which is the operator's word; a letter of a re-keyer, of which no
// partition's journal knows.
bool IsOthers(const runtime::LogRecord& record) {
  return std::ranges::any_of(record.headers, [](const runtime::Header& header) {
    return header.name == formats::kRedriveHeader || header.name == orchestrator::kSourceHeader;
  });
}

Result<std::optional<runtime::LogRecord>> NextOf(LogCursor& cursor) {
  while (true) {
    auto next = cursor.Next();
    if (!next) return next;
    const std::optional<runtime::LogRecord>& record = *next;
    if (!record || !IsOthers(*record)) return next;
  }
}

std::string Place(const std::string& name, std::int64_t offset) { return name + " at offset " + std::to_string(offset); }

}  // namespace

std::vector<std::uint32_t> ComparedTopics(const process::TopicTable& topics) {
  std::vector<std::uint32_t> compared;
  for (std::uint32_t topic = 0; topic < topics.topics().size(); ++topic) {
    const TopicRole role = topics.topics()[topic].role;
    const bool is_compared =
        role == TopicRole::kContacts || role == TopicRole::kDecisions || role == TopicRole::kOutbound || role == TopicRole::kDeadLetters;
    if (is_compared) compared.push_back(topic);
  }
  return compared;
}

ComparedLines::ComparedLines(const process::TopicTable& topics, std::int32_t partition, std::vector<LogCursor> cursors,
                             const LineWindows& windows)
    : topics_(topics), numbers_(ComparedTopics(topics)) {
  ANTIPHON_CHECK(cursors.size() == numbers_.size());
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    const std::string& topic = topics.topics()[numbers_[i]].name;
    Lane lane{
        .name = topic + "[" + std::to_string(partition) + "]", .topic = topic, .cursor = std::move(cursors[i]), .window = {}, .head = {}};
    if (const auto window = windows.find(topic); window != windows.end()) lane.window = window->second;
    if (lane.window.expired) {
      lane.standing = Standing::kWaiting;
    } else if (lane.window.sure > lane.window.from) {
      lane.standing = Standing::kPassing;
    }
    lanes_.push_back(std::move(lane));
  }
}

ComparedLines::Lane& ComparedLines::LaneOf(const OutputLine& line) {
  std::uint32_t topic = 0;
  switch (line.kind) {
    case OutputKind::kContacts:
      topic = topics_.Of(TopicRole::kContacts);
      break;
    case OutputKind::kDecisions:
      topic = topics_.Of(TopicRole::kDecisions);
      break;
    case OutputKind::kOutbound:
      topic = line.topic;
      break;
    case OutputKind::kDeadLetter:
    case OutputKind::kAnswer:
      topic = topics_.Of(TopicRole::kDeadLetters);
      break;
  }
  return lanes_[static_cast<std::size_t>(std::ranges::find(numbers_, topic) - numbers_.begin())];
}

Result<void> ComparedLines::Put(const OutputLine& line) {
  if (line.kind == OutputKind::kAnswer) return {};
  Lane& lane = LaneOf(line);
  ++lines_;
  if (lane.standing == Standing::kWaiting) return PutWaiting(lane, line.line);
  while (true) {
    const auto next = NextOf(lane.cursor);
    if (!next) return std::unexpected(next.error());
    const std::optional<runtime::LogRecord>& record = *next;
    if (!record) return Differ(lane.name + ": nothing more stands there, the replay says\n  " + std::string(line.line));
    const std::string_view written = record->value.value_or("");
    if (written == line.line) {
      lane.standing = Standing::kAligned;
      return {};
    }
    if (lane.standing == Standing::kPassing && record->offset < lane.window.sure) continue;
    return Differ(Place(lane.name, record->offset) + ": there stands\n  " + std::string(written) + "\nthe replay says\n  " +
                  std::string(line.line));
  }
}

Result<void> ComparedLines::PutWaiting(Lane& lane, std::string_view line) {
  if (!lane.has_head) {
    const auto next = NextOf(lane.cursor);
    if (!next) return std::unexpected(next.error());
    const std::optional<runtime::LogRecord>& record = *next;
    if (!record) {  // all of it has expired
      ++expired_;
      return {};
    }
    lane.head = record->value.value_or("");
    lane.head_offset = record->offset;
    lane.has_head = true;
  }
  if (line != lane.head) {
    ++expired_;
    return {};
  }
  lane.standing = Standing::kAligned;
  lane.has_head = false;
  return {};
}

Result<void> ComparedLines::Finish() {
  for (Lane& lane : lanes_) {
    if (lane.has_head && lane.head_offset < lane.window.open) {
      return Differ(Place(lane.name, lane.head_offset) + ": the replay does not know of\n  " + lane.head);
    }
    std::int64_t& cut = cuts_[lane.topic];
    cut = lane.head_offset;
    while (!lane.has_head) {
      const auto next = NextOf(lane.cursor);
      if (!next) return std::unexpected(next.error());
      const std::optional<runtime::LogRecord>& record = *next;
      cut = record ? record->offset : lane.cursor.end();
      if (!record || cut >= lane.window.open) break;
      if (lane.standing == Standing::kPassing && cut < lane.window.sure) continue;
      return Differ(Place(lane.name, cut) + ": the replay does not know of\n  " + std::string(record->value.value_or("")));
    }
  }
  return {};
}

Result<void> ComparedLines::Differ(std::string difference) {
  difference_ = std::move(difference);
  return Fail(Recovery::kStopProcess, kDiffers);
}

}  // namespace antiphon::archive
