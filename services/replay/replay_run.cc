#include "services/replay/replay_run.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "services/replay/snapshot.h"
#include "services/runtime/version.h"
#include "state/store/digest.h"

namespace antiphon::replay {
namespace {

constexpr std::uint32_t kBatchesPerCommit = 64;

}  // namespace

Result<ReplayOutcome> RunReplay(const ReplayOptions& options, const topology::Topology& topology) {
  return ReplayRun(options, topology).Run();
}

ReplayRun::ReplayRun(const ReplayOptions& options, const topology::Topology& topology)
    : options_(options),
      topology_(topology),
      engine_(topology),
      writer_(topology),
      decoder_(topology),
      progress_(options.progress),
      pool_(std::min(options.threads, options.partitions)),
      job_([this](std::size_t partition) { ApplyPartition(partition); }),
      results_(options.partitions) {}

Result<ReplayOutcome> ReplayRun::Run() {
  if (auto opened = Open(); !opened) return std::unexpected(std::move(opened.error()));
  const auto end = ApplyAll();
  progress_.Clear();
  if (!end) return std::unexpected(end.error());
  const bool stopped = *end == ReadEnd::kStopped;
  if (!stopped) {
    const EngineTime last = options_.until ? *options_.until : reader_->clock();
    if (auto moved = MoveClocks(last); !moved) return std::unexpected(std::move(moved.error()));
    formats::JournalCommit commit;
    commit.entries.emplace_back(formats::JournalTick{.to = last});
    if (auto written = journal_->Append(commit); !written) return std::unexpected(std::move(written.error()));
    if (auto written = journal_->AppendSources(source_->Sources()); !written) return std::unexpected(std::move(written.error()));
    ReleaseLines(std::nullopt);
  }
  if (auto committed = CommitStores(); !committed) return std::unexpected(std::move(committed.error()));
  auto summary = Summarize(stopped);
  if (!summary) return std::unexpected(std::move(summary.error()));
  if (auto closed = CloseFiles(); !closed) return std::unexpected(std::move(closed.error()));
  if (stopped) {
    if (auto left = LeaveResumePoint(); !left) return std::unexpected(std::move(left.error()));
  }
  for (const auto& [name, text] :
       {std::pair(kSummaryJsonFile, SummaryAsJson(*summary)), std::pair(kSummaryTextFile, SummaryAsText(*summary))}) {
    if (auto written = files::WriteWholeFile(folder_->PathOf(name), text); !written) return std::unexpected(std::move(written.error()));
  }
  if (!stopped) {
    for (const std::string_view name : {kResumeFile, kSnapshotFile}) {
      if (auto removed = folder_->Remove(name); !removed) return std::unexpected(std::move(removed.error()));
    }
  }
  return ReplayOutcome{.stopped = stopped, .summary = *std::move(summary)};
}

// Applies one batch while the next one is read.
Result<ReadEnd> ReplayRun::ApplyAll() {
  Batch batches[2] = {reader_->MakeBatch(), reader_->MakeBatch()};
  std::size_t filled = 0;
  auto end = reader_->Fill(batches[filled]);
  while (end) {
    applying_ = &batches[filled];
    pool_.Start(tasks_.size(), job_);
    const ReadEnd end_of_applying = *end;
    if (end_of_applying == ReadEnd::kNone) {
      batches[1 - filled].Clear();
      end = reader_->Fill(batches[1 - filled]);
    }
    pool_.Finish();
    if (auto finished = FinishBatch(); !finished) return std::unexpected(std::move(finished.error()));
    if (end_of_applying != ReadEnd::kNone) return end_of_applying;
    filled = 1 - filled;
    progress_.Show(reader_->figures().lines, source_->raw_bytes(), source_->raw_size());
  }
  return std::unexpected(std::move(end.error()));
}

void ReplayRun::ApplyPartition(std::size_t partition) {
  runtime::PartitionTask& task = *tasks_[partition];
  results_[partition] = move_clocks_ ? task.AdvanceTo(*move_clocks_) : ApplyInputs(*applying_, partition);
  task.FlushCounters();
}

Result<void> ReplayRun::ApplyInputs(const Batch& batch, std::size_t partition) {
  runtime::PartitionTask& task = *tasks_[partition];
  const std::vector<std::uint32_t>& positions = batch.by_partition[partition];
  for (const runtime::BackfillStretch& stretch : batch.backfill) task.TellBackfill(stretch);
  const auto prefetch = [&](std::size_t i) {
    const BatchInput* ahead = i < positions.size() ? &batch.inputs[positions[i]] : nullptr;
    const bool is_event = ahead != nullptr && ahead->kind == formats::Decoded::Kind::kEvent;
    task.Prefetch(is_event ? ahead->event.customer : std::string_view());
  };
  for (std::size_t i = 0; i < runtime::PartitionTask::kPrefetchAhead; ++i) prefetch(i);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    prefetch(i + runtime::PartitionTask::kPrefetchAhead);
    const BatchInput& input = batch.inputs[positions[i]];
    auto applied = input.kind == formats::Decoded::Kind::kEvent ? task.ApplyEvent(input.event, input.now)
                                                                : task.ApplyControl(input.control, input.now);
    if (!applied) return applied;
  }
  return task.AdvanceTo(batch.clock);
}

Result<void> ReplayRun::FirstError() const {
  for (std::size_t partition = 0; partition < results_.size(); ++partition) {
    const Result<void>& result = results_[partition];
    if (!result) return Fail(result.error().recovery, "partition " + std::to_string(partition) + ": " + result.error().message);
  }
  return {};
}

Result<void> ReplayRun::FinishBatch() {
  if (auto first = FirstError(); !first) return first;
  ReleaseLines(applying_->clock);
  if (auto written = journal_->Append(applying_->journal); !written) return written;
  source_->Release(applying_->mark);
  for (const files::OutputFile& file : record_files_) {
    if (auto state = file.State(); !state) return state;
  }
  if (auto state = dead_letters_.State(); !state) return state;
  const bool wanted = std::any_of(tasks_.begin(), tasks_.end(), [](const auto& task) { return task->store().WantsCommit(); });
  if (++batches_uncommitted_ < kBatchesPerCommit && !wanted) return {};
  return CommitStores();
}

Result<void> ReplayRun::MoveClocks(EngineTime to) {
  move_clocks_ = to;
  pool_.Start(tasks_.size(), job_);
  pool_.Finish();
  move_clocks_.reset();
  return FirstError();
}

void ReplayRun::ReleaseLines(std::optional<EngineTime> time) {
  placed_.clear();
  std::vector<std::size_t> counts(sinks_.size());
  for (std::uint32_t partition = 0; partition < sinks_.size(); ++partition) {
    const std::vector<PartitionSink::Line>& lines = sinks_[partition]->lines();
    std::uint32_t position = 0;
    for (; position < lines.size() && (!time || lines[position].time < *time); ++position) {
      placed_.push_back({.time = lines[position].time, .partition = partition, .position = position});
    }
    counts[partition] = position;
  }
  std::sort(placed_.begin(), placed_.end(), [](const PlacedLine& left, const PlacedLine& right) {
    return std::tie(left.time, left.partition, left.position) < std::tie(right.time, right.partition, right.position);
  });
  for (const PlacedLine& placed : placed_) {
    const PartitionSink& sink = *sinks_[placed.partition];
    const PartitionSink::Line& line = sink.lines()[placed.position];
    record_files_[static_cast<std::size_t>(line.file)].Append(sink.TextOf(line));
  }
  for (std::size_t partition = 0; partition < sinks_.size(); ++partition) {
    if (counts[partition] > 0) sinks_[partition]->Drop(counts[partition]);
  }
}

Result<void> ReplayRun::CommitStores() {
  batches_uncommitted_ = 0;
  for (const auto& task : tasks_) {
    if (auto committed = task->Commit({}); !committed) return committed;
  }
  return {};
}

Result<void> ReplayRun::CloseFiles() {
  for (files::OutputFile& file : record_files_) {
    if (auto closed = file.Close(); !closed) return closed;
  }
  if (auto closed = dead_letters_.Close(); !closed) return closed;
  return journal_->Flush();
}

Result<Summary> ReplayRun::Summarize(bool stopped) {
  Summary summary;
  summary.stopped = stopped;
  summary.notes = options_.notes;
  summary.topology_name = topology_.name;
  summary.topology_version = topology_.version;
  summary.semantics_version = runtime::kSemanticsVersion;
  summary.partitions = options_.partitions;
  summary.threads = options_.threads;
  summary.store = options_.store == StoreKind::kMemory ? "memory" : "rocksdb";
  summary.clock = tasks_.front()->clock();
  summary.read = reader_->figures();
  for (const topology::EventType& type : topology_.event_types) summary.event_types.push_back(type.name);
  summary.totals = totals_before_;
  for (const auto& sink : sinks_) sink->tally().AddTo(summary.totals);
  summary.tasks = tasks_before_;
  for (const auto& task : tasks_) {
    summary.tasks += task->figures();
    auto digest = store::DigestOfStore(task->store());
    if (!digest) return std::unexpected(std::move(digest.error()));
    summary.state_digest += digest->sum();
    summary.customers += digest->customers();
    summary.state_bytes += task->store().Figures().bytes_at_rest;
  }
  summary.seconds = seconds_before_ + progress_.seconds();
  return summary;
}

}  // namespace antiphon::replay
