#include "services/replay/batch_reader.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "services/runtime/partitioner.h"
#include "state/base/hash.h"

namespace antiphon::replay {
namespace {

using formats::Decoded;
using formats::LogLine;

// How far a stop looks for a line that moves the clock. Past it the lines of the clock's last millisecond are kept for the run that
// resumes.
constexpr std::uint64_t kStopSearchLines = 100'000;

}  // namespace

void Batch::Clear() {
  inputs.clear();
  for (auto& positions : by_partition) positions.clear();
  backfill.clear();
  journal.entries.clear();
  arena.Reset();
}

std::uint64_t ReadFigures::dead_letter_count() const {
  std::uint64_t count = 0;
  for (const auto& [reason, letters] : dead_letters) count += letters;
  return count;
}

std::uint64_t ReadFigures::skipped_count() const {
  std::uint64_t count = 0;
  for (const auto& [type, records] : skipped) count += records;
  return count;
}

BatchReader::BatchReader(ReplaySource& source, const topology::Topology& topology, formats::JsonEventDecoder& decoder,
                         const formats::RecordWriter& writer, files::OutputFile& dead_letters, Options options)
    : source_(source), decoder_(decoder), writer_(writer), dead_letters_(dead_letters), options_(options) {
  figures_.events_by_type.resize(topology.event_types.size());
  for (formats::JournalSource& log : source_.Sources()) names_.push_back(std::move(log.name));
}

Batch BatchReader::MakeBatch() const {
  const std::size_t bytes_max = kBatchBytes + formats::kLineBytesMaxDefault;
  return Batch(options_.partitions, decoder_.ArenaBytes(options_.batch_lines, bytes_max));
}

bool BatchReader::Stopping() const {
  if (options_.interrupted != nullptr && options_.interrupted->load(std::memory_order_relaxed)) return true;
  return options_.stop_after && lines_this_run_ >= *options_.stop_after;
}

Result<ReadEnd> BatchReader::Fill(Batch& batch) {
  std::string_view last;
  ReadEnd end = ReadEnd::kNone;
  std::size_t lines = 0;
  std::size_t bytes = 0;
  while (end == ReadEnd::kNone && lines < options_.batch_lines && bytes < kBatchBytes) {
    auto item = source_.Next();
    if (!item) return std::unexpected(std::move(item.error()));
    const bool stopping = Stopping();
    switch (item->kind) {
      case SourceItem::Kind::kEnd:
        // A pipe that ends after Ctrl-C may have been cut: the run is not over.
        end = options_.interrupted != nullptr && options_.interrupted->load() ? ReadEnd::kStopped : ReadEnd::kEnd;
        break;
      case SourceItem::Kind::kFloor:
        return Fail(Recovery::kStopProcess, "the journal has floors of wall time: it is of a live run, which replay cannot follow");
      case SourceItem::Kind::kTick:
        end = TakeTick(item->time, batch);
        break;
      case SourceItem::Kind::kLine:
        end = TakeLine(*item, batch, stopping);
        if (end != ReadEnd::kNone) break;
        NoteConsumed(*item, batch);
        last = item->line.text.text();
        ++lines;
        bytes += last.size();
        if (stopping && ++lines_stopping_ >= kStopSearchLines) end = ReadEnd::kStopped;
        break;
    }
  }
  if (lines > 0) figures_.last_hash = HashBytes64(last);
  batch.clock = clock_;
  batch.mark = source_.MarkHere();
  return end;
}

ReadEnd BatchReader::TakeTick(EngineTime to, Batch& batch) {
  if (options_.until && to > *options_.until) return ReadEnd::kUntil;
  clock_ = std::max(clock_, to);
  batch.journal.entries.emplace_back(formats::JournalTick{.to = to});
  return ReadEnd::kNone;
}

ReadEnd BatchReader::TakeLine(const SourceItem& item, Batch& batch, bool stopping) {
  Decoded decoded;
  if (item.line.kind == LogLine::Kind::kLine) {
    decoded = decoder_.Decode(item.line.text, {.partition = item.file, .offset = item.line.offset}, batch.arena);
  } else {
    const bool broken = item.line.kind == LogLine::Kind::kBroken;
    decoded.kind = Decoded::Kind::kDeadLetter;
    decoded.reason = broken ? formats::DeadLetterReason::kBrokenFile : formats::DeadLetterReason::kTooLarge;
    decoded.message = broken ? source_.BrokenText(item.file) : "the line is longer than any record may be";
  }
  if (decoded.kind == Decoded::Kind::kEvent || decoded.kind == Decoded::Kind::kControl) return TakeInput(decoded, batch, stopping);
  if (stopping) return ReadEnd::kStopped;
  if (decoded.kind == Decoded::Kind::kDeadLetter) {
    AddDeadLetter(item, decoded);
  } else {  // or control.activate: a replay has one version
    AddSkipped(decoded.type);
  }
  return ReadEnd::kNone;
}

ReadEnd BatchReader::TakeInput(const Decoded& decoded, Batch& batch, bool stopping) {
  const bool is_event = decoded.kind == Decoded::Kind::kEvent;
  const EngineTime now = std::max(clock_, is_event ? decoded.event.time : decoded.control.time);
  if (options_.until && now > *options_.until) return ReadEnd::kUntil;
  if (stopping && now > clock_) return ReadEnd::kStopped;
  if (is_event && decoded.event.backfill && now > clock_) {
    if (!batch.backfill.empty() && batch.backfill.back().until == clock_) {
      batch.backfill.back().until = now;
    } else {
      batch.backfill.push_back({.after = clock_, .until = now});
    }
  }
  clock_ = now;
  const auto position = static_cast<std::uint32_t>(batch.inputs.size());
  BatchInput& input = batch.inputs.emplace_back();
  input.kind = decoded.kind;
  input.now = now;
  if (is_event) {
    input.event = decoded.event;
    const std::uint32_t partition = runtime::PartitionOf(decoded.event.customer, static_cast<std::uint32_t>(options_.partitions));
    batch.by_partition[partition].push_back(position);
    ++figures_.events;
    ++figures_.events_by_type[decoded.event.type];
  } else {
    input.control = decoded.control;
    for (auto& positions : batch.by_partition) positions.push_back(position);
    ++figures_.controls;
  }
  return ReadEnd::kNone;
}

void BatchReader::AddDeadLetter(const SourceItem& item, const Decoded& decoded) {
  const std::string_view bytes = item.line.text.text();
  const formats::DeadLetter letter{.source = names_[item.file],
                                   .file = item.file,
                                   .line = item.line.number,
                                   .offset = item.line.offset,
                                   .reason = decoded.reason,
                                   .message = decoded.message,
                                   .time = decoded.time,
                                   .bytes = bytes.substr(0, formats::kDeadLetterBytesMax)};
  line_buffer_.clear();
  writer_.AppendDeadLetter(line_buffer_, letter);
  line_buffer_ += '\n';
  dead_letters_.Append(line_buffer_);
  ++figures_.dead_letters[std::string(formats::DeadLetterReasonName(decoded.reason))];
}

void BatchReader::AddSkipped(std::string_view type) {
  const auto found = figures_.skipped.find(type);
  if (found != figures_.skipped.end()) {
    ++found->second;
  } else {
    figures_.skipped.emplace(type, 1);
  }
}

// A file's lines are journaled as ranges of its bytes; those of standard input have no place of their own and stand in the journal.
void BatchReader::NoteConsumed(const SourceItem& item, Batch& batch) {
  ++figures_.lines;
  ++lines_this_run_;
  auto& entries = batch.journal.entries;
  const std::uint64_t end = item.line.offset + item.line.text.size() + 1;
  if (names_[item.file] == "-") {
    entries.emplace_back(
        formats::JournalRecord{.source = item.file, .offset = item.line.offset, .bytes = std::string(item.line.text.text())});
    return;
  }
  if (!entries.empty()) {
    auto* range = std::get_if<formats::JournalRange>(&entries.back());
    if (range != nullptr && range->source == item.file) {
      range->to = std::max(range->to, end);
      return;
    }
  }
  entries.emplace_back(formats::JournalRange{.source = item.file, .partition = 0, .from = item.line.offset, .to = end});
}

Result<void> BatchReader::SkipTo(const ReadFigures& figures, EngineTime clock) {
  constexpr std::uint64_t kReleaseEvery = 4096;
  const Error changed{
      Recovery::kStopProcess,
      "these logs are not those of the run that stopped; give the same ones in the same order, or start again with --force"};
  std::string_view last;
  for (std::uint64_t line = 0; line < figures.lines;) {
    auto item = source_.Next();
    if (!item) return std::unexpected(std::move(item.error()));
    if (item->kind == SourceItem::Kind::kEnd) return std::unexpected(changed);
    if (item->kind != SourceItem::Kind::kLine) continue;
    ++line;
    last = item->line.text.text();
    if (line % kReleaseEvery == 0 && line < figures.lines) source_.Release(source_.MarkHere());
  }
  if (figures.lines > 0 && HashBytes64(last) != figures.last_hash) return std::unexpected(changed);
  const std::size_t types = figures_.events_by_type.size();
  figures_ = figures;
  figures_.events_by_type.resize(types);
  clock_ = clock;
  return {};
}

}  // namespace antiphon::replay
