#include "services/archive/partition_export.h"

#include <algorithm>
#include <array>
#include <utility>

#include "services/archive/compared_lines.h"
#include "services/archive/segment_file.h"
#include "services/orchestrator/lane.h"
#include "services/orchestrator/rekeyed_records.h"
#include "state/store/codec.h"

namespace antiphon::archive {
namespace {

using process::TopicRole;

constexpr std::uint64_t kProgressEvery = 4096;

SegmentInfo InfoOf(const orchestrator::ProcessParts& parts, runtime::LogId log, std::string_view role) {
  const std::string& topic = parts.topics->topics()[log.topic].name;
  return {.file = std::string(role) + "." + topic + "-" + std::to_string(log.partition) + ".seg",
          .role = std::string(role),
          .topic = topic,
          .partition = log.partition,
          .figures = {}};
}

}  // namespace

Result<void> WriteSegment(SpanDraft& draft, SegmentInfo info, LogCursor& cursor,
                          const std::function<void(const runtime::LogRecord&)>& look) {
  auto writer = SegmentWriter::Create(draft.folder / info.file, info.topic, info.partition);
  if (!writer) return std::unexpected(std::move(writer.error()));
  while (true) {
    const auto next = cursor.Next();
    if (!next) return std::unexpected(next.error());
    const std::optional<runtime::LogRecord>& record = *next;
    if (!record || record->offset >= info.end) break;
    if (auto appended = writer->Append(*record); !appended) return appended;
    if (look) look(*record);
    if (++draft.records % kProgressEvery == 0 && draft.progress) draft.progress(draft.records);
  }
  auto figures = writer->Close();
  if (!figures) return std::unexpected(std::move(figures.error()));
  info.figures = *figures;
  draft.span.segments.push_back(std::move(info));
  return {};
}

const SegmentInfo* PartitionExport::Before(const std::string& topic) const {
  return draft_.before != nullptr ? draft_.before->Find(topic, partition_) : nullptr;
}

std::uint64_t PartitionExport::last_before() const {
  return draft_.before != nullptr ? draft_.before->partitions[static_cast<std::size_t>(partition_)].last : 0;
}

std::unexpected<Error> PartitionExport::Gap(const std::string& what) {
  draft_.gap = true;
  return Fail(Recovery::kStopProcess, what +
                                          ". The archive stays as it is and cannot go on: begin a new one in another folder, and export "
                                          "more often than the topics' retention");
}

Result<void> PartitionExport::Run() {
  std::vector<std::int64_t> sure;
  if (auto read = ReadEdges(sure); !read) return read;
  auto fold = ReadFold(source_, directory_, *parts_.clock, LogOf(TopicRole::kState));
  if (!fold) return std::unexpected(std::move(fold.error()));
  fold_ = *std::move(fold);
  const std::uint64_t last = fold_.meta ? fold_.meta->sequence : 0;
  if (last < last_before()) {
    return Fail(Recovery::kStopProcess, "partition " + std::to_string(partition_) + ": the run stands at commit " + std::to_string(last) +
                                            ", the archive at " + std::to_string(last_before()) +
                                            ": another run's archive, or the topics were made anew. Begin a new archive");
  }
  sequence_ = draft_.snapshot_only ? last : last_before();
  auto clock = ClockOfState();
  if (!clock) return std::unexpected(std::move(clock.error()));
  draft_.span.partitions.push_back({.first = sequence_ + 1,
                                    .last = last,
                                    .customers = fold_.customers(),
                                    .clock = *clock,
                                    .topology = fold_.meta ? fold_.meta->topology_version : Hash128{}});
  if (auto written = WriteJournal(); !written) return written;
  std::vector<Wanted> wanted;
  if (auto added = AddInputs(wanted); !added) return added;
  if (auto added = AddOutputs(sure, wanted); !added) return added;
  if (auto written = WriteLogs(wanted); !written) return written;
  return WriteSnapshot();
}

// The outputs' stable ends, before the changelog is asked: a transaction that has a marker before them has its records in the changelog,
// and the fold waits for its marker there.
Result<void> PartitionExport::ReadEdges(std::vector<std::int64_t>& sure) {
  std::vector<runtime::LogId> logs;
  for (const std::uint32_t topic : ComparedTopics(*parts_.topics)) logs.push_back({.topic = topic, .partition = partition_});
  auto ends = source_.StableEnds(logs);
  if (!ends) return std::unexpected(std::move(ends.error()));
  sure = *std::move(ends);
  return {};
}

Result<std::optional<EngineTime>> PartitionExport::ClockOfState() const {
  if (!fold_.meta) return std::optional<EngineTime>();
  const auto version = parts_.library->Find(fold_.meta->topology_version);
  if (!version) return std::unexpected(version.error());
  const auto plan = store::PlanSlots(fold_.dictionary, (*version)->definitions());
  if (!plan) return std::unexpected(plan.error());
  const auto state = store::DecodePartition(fold_.meta->partition_state, plan->map);
  if (!state) return std::unexpected(state.error());
  return state->clock;
}

// The commits after the span before, up to the state's.
Result<void> PartitionExport::WriteJournal() {
  const std::uint64_t last = draft_.span.partitions.back().last;
  SegmentInfo info = InfoOf(parts_, LogOf(TopicRole::kJournal), ToString(TopicRole::kJournal));
  const SegmentInfo* before = Before(info.topic);
  const std::array<LogCursor::Begin, 1> begin{{{.log = LogOf(TopicRole::kJournal), .least = before != nullptr ? before->next : 0}}};
  auto cursors = LogCursor::OpenAll(source_, directory_, *parts_.clock, begin);
  if (!cursors) return std::unexpected(std::move(cursors.error()));
  LogCursor& cursor = cursors->front();
  auto writer = SegmentWriter::Create(draft_.folder / info.file, info.topic, info.partition);
  if (!writer) return std::unexpected(std::move(writer.error()));
  info.begin = info.end = cursor.begin();
  while (sequence_ < last) {
    const auto next = cursor.Next();
    if (!next) return std::unexpected(next.error());
    const std::optional<runtime::LogRecord>& record = *next;
    if (!record)
      return Gap("partition " + std::to_string(partition_) + ": the journal has nothing after commit " + std::to_string(sequence_));
    const auto commit = formats::DecodeLiveCommit(record->value.value_or(""));
    if (!commit) return std::unexpected(commit.error());
    if (commit->sequence <= sequence_) continue;  // before the archive's beginning
    if (commit->sequence != sequence_ + 1) {
      return Gap("partition " + std::to_string(partition_) + ": the journal has commit " + std::to_string(commit->sequence) + " after " +
                 std::to_string(sequence_) + "; those between have expired");
    }
    if (auto taken = TakeInCommit(*commit); !taken) return taken;
    if (auto appended = writer->Append(*record); !appended) return appended;
    info.end = record->offset + 1;
    if (++draft_.records % kProgressEvery == 0 && draft_.progress) draft_.progress(draft_.records);
  }
  info.next = info.end;
  auto figures = writer->Close();
  if (!figures) return std::unexpected(std::move(figures.error()));
  info.figures = *figures;
  draft_.span.segments.push_back(std::move(info));
  return {};
}

Result<void> PartitionExport::TakeInCommit(const formats::LiveCommit& commit) {
  ++sequence_;
  std::vector<Hash128>& topologies = draft_.span.topologies;
  if (std::ranges::find(topologies, commit.settings.topology_version) == topologies.end()) {
    topologies.push_back(commit.settings.topology_version);
  }
  for (const formats::JournalEntry& entry : commit.entries) {
    const auto* range = std::get_if<formats::JournalRange>(&entry);
    if (range == nullptr) continue;
    const auto [named, is_new] = named_.try_emplace(commit.topics[range->source], Named{.from = range->from, .records = 0});
    named->second.records += range->records;
  }
  return {};
}

// From where the span before ended, or from the first record that the journal names; up to where the state stands.
Result<void> PartitionExport::AddInputs(std::vector<Wanted>& wanted) {
  if (!fold_.meta) return {};
  const std::string& control = parts_.topics->topics()[parts_.topics->Of(TopicRole::kControl)].name;
  for (const formats::TopicPosition& position : fold_.meta->positions) {
    if (position.topic == control) continue;
    const auto& topics = parts_.topics->topics();
    const auto found = std::ranges::find(topics, position.topic, &process::Topic::name);
    if (found == topics.end()) {
      return Fail(Recovery::kStopProcess,
                  "the run reads the input " + position.topic + ", which the process file does not have; give the run's own file");
    }
    const SegmentInfo* before = Before(position.topic);
    const auto named = named_.find(position.topic);
    std::int64_t begin = position.next;
    if (named != named_.end()) begin = static_cast<std::int64_t>(named->second.from);
    if (before != nullptr && before->end > 0) begin = before->next;
    if (draft_.snapshot_only) begin = position.next;
    wanted.push_back({.log = {.topic = static_cast<std::uint32_t>(found - topics.begin()), .partition = partition_},
                      .begin = begin,
                      .next = position.next,
                      .end = position.next,
                      .named = named != named_.end() ? named->second.records : 0});
  }
  // An input that the process file has and the run does not read yet.
  for (const std::uint32_t topic : parts_.topics->lanes()) {
    const bool known = std::ranges::any_of(wanted, [topic](const Wanted& one) { return one.log.topic == topic; });
    if (!known) wanted.push_back({.log = {.topic = topic, .partition = partition_}, .named = std::nullopt});
  }
  return {};
}

// From where the span before was sure, or the log's start; up to where the last commit's lines surely are.
Result<void> PartitionExport::AddOutputs(const std::vector<std::int64_t>& sure, std::vector<Wanted>& wanted) {
  const std::vector<std::uint32_t> topics = ComparedTopics(*parts_.topics);
  std::vector<runtime::LogId> logs;
  logs.reserve(topics.size());
  for (const std::uint32_t topic : topics) logs.push_back({.topic = topic, .partition = partition_});
  const auto starts = directory_.Starts(logs);
  if (!starts) return std::unexpected(starts.error());
  const auto ends = directory_.HighWatermarks(logs);
  if (!ends) return std::unexpected(ends.error());
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const std::string& topic = parts_.topics->topics()[topics[i]].name;
    const SegmentInfo* before = Before(topic);
    std::int64_t begin = before != nullptr ? before->next : draft_.snapshot_only ? sure[i] : 0;
    const bool expired = begin < (*starts)[i];
    begin = std::max(begin, (*starts)[i]);
    if (expired && !draft_.snapshot_only) {
      draft_.notes.push_back(topic + "[" + std::to_string(partition_) + "]: lines before offset " + std::to_string(begin) +
                             " have expired; they can be replayed, and not be compared");
    }
    wanted.push_back({.log = logs[i],
                      .begin = begin,
                      .next = std::max(begin, sure[i]),
                      .end = std::max(begin, (*ends)[i]),
                      .expired = expired,
                      .named = std::nullopt});
  }
  return {};
}

// All at once, so that what a cluster sends first is on its way for all of them.
Result<void> PartitionExport::WriteLogs(const std::vector<Wanted>& wanted) {
  std::vector<LogCursor::Begin> begins;
  begins.reserve(wanted.size());
  for (const Wanted& one : wanted) begins.push_back({.log = one.log, .from = one.begin, .to = one.end});
  auto cursors = LogCursor::OpenAll(source_, directory_, *parts_.clock, begins);
  if (!cursors) return std::unexpected(std::move(cursors.error()));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (auto written = WriteLog(wanted[i], (*cursors)[i]); !written) return written;
  }
  return {};
}

Result<void> PartitionExport::WriteLog(const Wanted& wanted, LogCursor& cursor) {
  const TopicRole role = parts_.topics->topics()[wanted.log.topic].role;
  SegmentInfo info = InfoOf(parts_, wanted.log, ToString(role));
  info.begin = wanted.begin;
  info.next = wanted.next;
  info.end = wanted.end;
  info.expired = wanted.expired;
  const std::string place = info.topic + "[" + std::to_string(info.partition) + "]";
  if (wanted.named && wanted.begin < cursor.start() && wanted.begin < wanted.end) {
    return Gap(place + ": the records from offset " + std::to_string(wanted.begin) + " on, which the journal names, have expired");
  }
  const bool looks = wanted.named && draft_.before == nullptr;
  bool seen = false;
  const auto look = [&](const runtime::LogRecord& record) { seen = seen || LookAtFirstEvent(record, wanted.log); };
  auto written = looks ? WriteSegment(draft_, std::move(info), cursor, look) : WriteSegment(draft_, std::move(info), cursor);
  if (!written) return written;
  const std::uint64_t records = draft_.span.segments.back().figures.records;
  if (wanted.named && records != *wanted.named) {
    draft_.notes.push_back(place + ": the journal names " + std::to_string(*wanted.named) + " records, there are " +
                           std::to_string(records) + "; `antiphon verify` says which");
  }
  return {};
}

bool PartitionExport::LookAtFirstEvent(const runtime::LogRecord& record, runtime::LogId log) {
  const orchestrator::RekeyedReader rekeyed(*parts_.config, *parts_.topics, decoders_);
  const bool is_rekeyed = parts_.topics->IsRekeyed(log.topic);
  orchestrator::LaneMemory memory = is_rekeyed ? orchestrator::LaneMemory(rekeyed, 1) : orchestrator::LaneMemory(*decoders_[log.topic], 1);
  const auto item =
      is_rekeyed ? rekeyed.Decode(record, log, memory) : orchestrator::DecodeItem(record, log, {}, *decoders_[log.topic], memory);
  if (!item || item->decoded.kind != formats::Decoded::Kind::kEvent) return false;
  first_event_ = std::min(first_event_.value_or(kEngineTimeMax), item->decoded.event.time);
  return true;
}

Result<void> PartitionExport::WriteSnapshot() {
  SegmentInfo info = InfoOf(parts_, LogOf(TopicRole::kState), kSnapshotRole);
  auto writer = SegmentWriter::Create(draft_.folder / info.file, info.topic, info.partition);
  if (!writer) return std::unexpected(std::move(writer.error()));
  std::int64_t offset = 0;
  for (const auto& [key, value] : fold_.records) {
    runtime::LogRecord record;
    record.offset = offset++;
    record.key = key;
    record.value = value;
    if (auto appended = writer->Append(record); !appended) return appended;
  }
  auto figures = writer->Close();
  if (!figures) return std::unexpected(std::move(figures.error()));
  info.next = info.end = offset;
  info.figures = *figures;
  draft_.span.segments.push_back(std::move(info));
  return {};
}

}  // namespace antiphon::archive
