#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/decision/engine.h"
#include "services/files/output_file.h"
#include "services/formats/journal.h"
#include "services/formats/json_event_decoder.h"
#include "services/formats/record_writer.h"
#include "services/replay/batch_reader.h"
#include "services/replay/output_folder.h"
#include "services/replay/partition_sink.h"
#include "services/replay/progress.h"
#include "services/replay/replay.h"
#include "services/replay/replay_source.h"
#include "services/replay/resume_point.h"
#include "services/replay/worker_pool.h"
#include "services/runtime/partition_task.h"
#include "state/base/result.h"

namespace antiphon::replay {

// ReplayRun: one replay from its opening to its summary.
//
//   reading thread                          pool (the reading thread helps)
//   read and decode batch k+1        |      apply batch k, partition by partition; each goes on to the batch's clock
//   write the lines of batch k that are older than the clock, in the order (engine time, partition, sequence); journal batch k
//
// Lines whose time equals the clock are held: another batch may add to them. So the bytes do not depend on batches or threads.
class ReplayRun {
 public:
  // Both must outlive the run.
  ReplayRun(const ReplayOptions& options, const topology::Topology& topology);

  [[nodiscard]] Result<ReplayOutcome> Run();

 private:
  [[nodiscard]] Result<void> Open();
  [[nodiscard]] Result<void> OpenTasks();
  [[nodiscard]] Result<void> OpenFiles(const ResumePoint* resumed);
  [[nodiscard]] Result<ResumePoint> ReadResumePoint() const;
  [[nodiscard]] Result<void> RestoreState(const ResumePoint& resumed);

  [[nodiscard]] Result<ReadEnd> ApplyAll();
  void ApplyPartition(std::size_t partition);
  [[nodiscard]] Result<void> ApplyInputs(const Batch& batch, std::size_t partition);
  [[nodiscard]] Result<void> FinishBatch();
  [[nodiscard]] Result<void> MoveClocks(EngineTime to);
  [[nodiscard]] Result<void> FirstError() const;
  // Writes the lines before `time` to their files; nothing given: all.
  void ReleaseLines(std::optional<EngineTime> time);

  [[nodiscard]] Result<void> CommitStores();
  [[nodiscard]] Result<void> LeaveResumePoint();
  [[nodiscard]] Result<void> CloseFiles();
  [[nodiscard]] Result<Summary> Summarize(bool stopped);

  const ReplayOptions& options_;
  const topology::Topology& topology_;
  decision::Engine engine_;
  formats::RecordWriter writer_;
  formats::JsonEventDecoder decoder_;
  Progress progress_;

  std::unique_ptr<OutputFolder> folder_;
  std::array<files::OutputFile, kRecordFiles> record_files_;
  files::OutputFile dead_letters_;
  std::unique_ptr<formats::JournalWriter> journal_;
  std::unique_ptr<ReplaySource> source_;
  std::unique_ptr<BatchReader> reader_;
  std::vector<std::unique_ptr<PartitionSink>> sinks_;
  std::vector<std::unique_ptr<runtime::PartitionTask>> tasks_;
  WorkerPool pool_;
  WorkerPool::Job job_;

  const Batch* applying_ = nullptr;        // by the pool
  std::optional<EngineTime> move_clocks_;  // or: all partitions go on to this time
  std::vector<Result<void>> results_;      // by partition
  std::uint32_t batches_uncommitted_ = 0;
  Totals totals_before_;  // of the runs that stopped
  runtime::TaskFigures tasks_before_;
  double seconds_before_ = 0;

  struct PlacedLine {
    EngineTime time{};
    std::uint32_t partition = 0;
    std::uint32_t position = 0;
  };
  std::vector<PlacedLine> placed_;  // reused
};

}  // namespace antiphon::replay
