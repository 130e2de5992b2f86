#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "services/replay/replay_run.h"
#include "services/replay/snapshot.h"
#include "services/runtime/slot_definitions.h"
#include "services/runtime/version.h"
#include "state/store/memory_store.h"
#include "state/store/rocksdb/rocks_store.h"

// The opening of a replay, and what a stopped one leaves.
namespace antiphon::replay {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

std::string_view StoreName(StoreKind store) { return store == StoreKind::kMemory ? "memory" : "rocksdb"; }

Result<std::uint64_t> SizeOfFile(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::unexpected(files::FileError("cannot read", path, errno));
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

Result<void> ReplayRun::Open() {
  auto source = options_.journal.empty() ? OpenLogs(options_.logs, decoder_) : OpenJournal(options_.journal, options_.logs);
  if (!source) return std::unexpected(std::move(source.error()));
  source_ = *std::move(source);
  using Use = OutputFolder::Use;
  auto folder = OutputFolder::Open(options_.out, options_.resume ? Use::kResume : options_.replace ? Use::kReplace : Use::kNew);
  if (!folder) return std::unexpected(std::move(folder.error()));
  folder_ = std::make_unique<OutputFolder>(*std::move(folder));
  std::optional<ResumePoint> resumed;
  if (options_.resume) {
    auto point = ReadResumePoint();
    if (!point) return std::unexpected(std::move(point.error()));
    resumed = *std::move(point);
  }
  if (auto opened = OpenFiles(resumed ? &*resumed : nullptr); !opened) return opened;
  if (auto opened = OpenTasks(); !opened) return opened;
  reader_ = std::make_unique<BatchReader>(*source_, topology_, decoder_, writer_, dead_letters_,
                                          BatchReader::Options{.partitions = options_.partitions,
                                                               .batch_lines = options_.batch_lines,
                                                               .until = options_.until,
                                                               .stop_after = options_.stop_after,
                                                               .interrupted = options_.interrupted});
  if (!resumed) return {};
  if (auto skipped = reader_->SkipTo(resumed->read, resumed->clock); !skipped) return skipped;
  return RestoreState(*resumed);
}

Result<void> ReplayRun::OpenFiles(const ResumePoint* resumed) {
  const auto open = [&](std::string_view name, std::uint64_t size) {
    return resumed != nullptr ? files::OutputFile::Continue(folder_->PathOf(name), size) : files::OutputFile::Create(folder_->PathOf(name));
  };
  for (std::size_t i = 0; i < kRecordFiles; ++i) {
    auto file = open(kRecordFileNames[i], resumed != nullptr ? resumed->record_bytes[i] : 0);
    if (!file) return std::unexpected(std::move(file.error()));
    record_files_[i] = *std::move(file);
  }
  auto dead_letters = open(kDeadLettersFile, resumed != nullptr ? resumed->dead_letter_bytes : 0);
  if (!dead_letters) return std::unexpected(std::move(dead_letters.error()));
  dead_letters_ = *std::move(dead_letters);
  const std::string path = folder_->PathOf(kJournalFile);
  if (resumed != nullptr && ::truncate(path.c_str(), static_cast<off_t>(resumed->journal_bytes)) != 0) {
    return std::unexpected(files::FileError("cannot go on writing", path, errno));
  }
  auto journal = resumed != nullptr ? formats::JournalWriter::Resume(path)
                                    : formats::JournalWriter::Create(path, {.semantics_version = runtime::kSemanticsVersion,
                                                                            .topology_version = topology_.version,
                                                                            .partitions = options_.partitions,
                                                                            .sources = source_->Sources()});
  if (!journal) return std::unexpected(std::move(journal.error()));
  journal_ = std::make_unique<formats::JournalWriter>(*std::move(journal));
  return {};
}

Result<void> ReplayRun::OpenTasks() {
  const bool on_disk = options_.store == StoreKind::kRocksDb;
  const std::size_t memory = options_.memory_mib * kMiB;
  std::shared_ptr<const store::RocksResources> resources;
  if (on_disk) {
    // A part for blocks and memtables, the larger one for decoded records: they spare the most.
    resources = store::RocksResources::Create(memory / 4);
    const std::string state = folder_->PathOf(kStateFolder);
    if (::mkdir(state.c_str(), 0755) != 0 && errno != EEXIST)
      return std::unexpected(files::FileError("cannot make the folder", state, errno));
  }
  for (std::uint32_t partition = 0; partition < options_.partitions; ++partition) {
    PartitionSink& sink = *sinks_.emplace_back(std::make_unique<PartitionSink>(topology_, writer_));
    runtime::PartitionTask::Options task{.engine = &engine_, .store = nullptr, .sink = &sink};
    task.follows_log_clock = true;
    if (on_disk) {
      auto opened = store::RocksStore::Open({.directory = folder_->PathOf(kStateFolder) + "/" + std::to_string(partition),
                                             .definitions = runtime::SlotDefinitionsOf(topology_),
                                             .cache_bytes = memory / 4 * 3 / options_.partitions},
                                            resources);
      if (!opened) return std::unexpected(std::move(opened.error()));
      task.slots = (*opened)->plan().map;
      task.store = *std::move(opened);
    } else {
      task.store = std::make_unique<store::MemoryStore>();
    }
    auto made = runtime::PartitionTask::Create(std::move(task));
    if (!made) return std::unexpected(std::move(made.error()));
    tasks_.push_back(*std::move(made));
  }
  return {};
}

Result<ResumePoint> ReplayRun::ReadResumePoint() const {
  const auto text = files::ReadWholeFile(folder_->PathOf(kResumeFile));
  if (!text) return std::unexpected(text.error());
  auto point = ParseResumePoint(*text);
  if (!point) return point;
  const auto differs = [](std::string_view what) {
    return Fail(Recovery::kStopProcess,
                "the run that stopped had another " + std::string(what) + "; give the same, or start again with --force");
  };
  if (point->semantics_version != runtime::kSemanticsVersion) return differs("version of the engine");
  if (point->topology_version != topology_.version) return differs("topology");
  if (point->store != StoreName(options_.store)) return differs("--store");
  if (point->partitions != options_.partitions) return differs("--partitions");
  if (point->journal.empty() != options_.journal.empty()) return differs("kind of source (log or journal)");
  if (options_.until && *options_.until < point->clock) {
    return Fail(Recovery::kStopProcess, "--until is before " + FormatTime(point->clock) +
                                            ", where the run stopped; give a later time, or start again with --force");
  }
  return point;
}

Result<void> ReplayRun::RestoreState(const ResumePoint& resumed) {
  if (options_.store == StoreKind::kMemory) {
    if (auto read = ReadSnapshot(folder_->PathOf(kSnapshotFile), tasks_); !read) return read;
  } else if (auto removed = folder_->Remove(kResumeFile); !removed) {
    return removed;  // the stores go on from here: the old point must not be taken for theirs
  }
  for (const HeldLine& line : resumed.held) {
    if (line.partition >= sinks_.size()) return Fail(Recovery::kStopProcess, "resume.json is damaged; start again with --force");
    sinks_[line.partition]->Restore(line.time, line.file, line.text);
  }
  totals_before_ = resumed.totals;
  tasks_before_ = resumed.tasks;
  seconds_before_ = resumed.seconds;
  return {};
}

Result<void> ReplayRun::LeaveResumePoint() {
  if (options_.store == StoreKind::kMemory) {
    if (auto written = WriteSnapshot(folder_->PathOf(kSnapshotFile), tasks_); !written) return written;
  }
  ResumePoint point;
  point.semantics_version = runtime::kSemanticsVersion;
  point.topology = options_.topology_folder;
  point.topology_version = topology_.version;
  point.logs = options_.logs;
  point.journal = options_.journal;
  point.store = StoreName(options_.store);
  point.partitions = options_.partitions;
  if (options_.until) point.until = FormatTime(*options_.until);
  point.clock = reader_->clock();
  point.read = reader_->figures();
  point.totals = totals_before_;
  for (const auto& sink : sinks_) sink->tally().AddTo(point.totals);
  point.tasks = tasks_before_;
  for (const auto& task : tasks_) point.tasks += task->figures();
  for (std::size_t i = 0; i < kRecordFiles; ++i) point.record_bytes[i] = record_files_[i].size();
  point.dead_letter_bytes = dead_letters_.size();
  auto journal_bytes = SizeOfFile(folder_->PathOf(kJournalFile));
  if (!journal_bytes) return std::unexpected(std::move(journal_bytes.error()));
  point.journal_bytes = *journal_bytes;
  for (std::uint32_t partition = 0; partition < sinks_.size(); ++partition) {
    const PartitionSink& sink = *sinks_[partition];
    for (const PartitionSink::Line& line : sink.lines()) {
      point.held.push_back({.partition = partition, .time = line.time, .file = line.file, .text = std::string(sink.TextOf(line))});
    }
  }
  point.seconds = seconds_before_ + progress_.seconds();
  return files::WriteWholeFile(folder_->PathOf(kResumeFile), ResumePointAsJson(point));
}

}  // namespace antiphon::replay
