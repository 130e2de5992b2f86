#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/decision/input.h"
#include "engine/expression/arena.h"
#include "services/files/output_file.h"
#include "services/formats/json_event_decoder.h"
#include "services/formats/record_writer.h"
#include "services/replay/replay_source.h"
#include "services/runtime/partition_task.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::replay {

// One input with the log clock at it.
struct BatchInput {
  formats::Decoded::Kind kind = formats::Decoded::Kind::kEvent;  // or kControl
  EngineTime now{};
  decision::Event event;
  decision::Control control;
};

// Batch: some thousand inputs, ready to be applied. Texts live in the source and in `arena` until the batch is released.
struct Batch {
  explicit Batch(std::size_t partitions, std::size_t arena_bytes) : by_partition(partitions), arena(arena_bytes) {}

  std::vector<BatchInput> inputs;
  std::vector<std::vector<std::uint32_t>> by_partition;  // positions in `inputs`, ascending; control records are in all
  EngineTime clock{};                                    // the log clock at its end
  std::vector<runtime::BackfillStretch> backfill;        // stretches that backfill moved it over, ascending, apart
  formats::JournalCommit journal;
  ReplaySource::Mark mark;
  expression::Arena arena;

  void Clear();
};

// Why no further batch comes.
enum class ReadEnd : std::uint8_t {
  kNone,     // more to come
  kEnd,      // of all logs
  kUntil,    // the clock would pass --until
  kStopped,  // by a signal or --stop-after
};

// What was read, for the summary and for resuming.
struct ReadFigures {
  std::uint64_t lines = 0;      // consumed, of all logs
  std::uint64_t last_hash = 0;  // of the last line consumed, to know the log again
  std::uint64_t events = 0;
  std::uint64_t controls = 0;
  std::vector<std::uint64_t> events_by_type;
  std::map<std::string, std::uint64_t, std::less<>> skipped;       // by undeclared type
  std::map<std::string, std::uint64_t, std::less<>> dead_letters;  // by reason
  [[nodiscard]] std::uint64_t dead_letter_count() const;
  [[nodiscard]] std::uint64_t skipped_count() const;
};

// BatchReader: source -> batches. Keeps the log clock: the running maximum of the times of all events and control records. Writes dead
// letters as it meets them. Owned by the reading thread. Source: docs/time-and-determinism.md, "The log clock".
class BatchReader {
 public:
  struct Options {
    std::size_t partitions = 16;
    std::size_t batch_lines = 4096;
    std::optional<EngineTime> until;
    std::optional<std::uint64_t> stop_after;  // lines of this run
    const std::atomic<bool>* interrupted = nullptr;
  };
  static constexpr std::size_t kBatchBytes = std::size_t{4} << 20U;

  // All must outlive the reader.
  BatchReader(ReplaySource& source, const topology::Topology& topology, formats::JsonEventDecoder& decoder,
              const formats::RecordWriter& writer, files::OutputFile& dead_letters, Options options);

  [[nodiscard]] Batch MakeBatch() const;

  // Reads the next batch. After anything but kNone no further call; the batch may hold inputs all the same.
  [[nodiscard]] Result<ReadEnd> Fill(Batch& batch);

  // Goes on where a run stopped: passes over its lines. Fails if the logs are not the same.
  [[nodiscard]] Result<void> SkipTo(const ReadFigures& figures, EngineTime clock);

  [[nodiscard]] const ReadFigures& figures() const { return figures_; }
  [[nodiscard]] EngineTime clock() const { return clock_; }  // the epoch before the first input

 private:
  // Whether the run is to end before the next line that moves the clock.
  [[nodiscard]] bool Stopping() const;
  // Each takes one item into the batch, or says why it is not taken.
  [[nodiscard]] ReadEnd TakeLine(const SourceItem& item, Batch& batch, bool stopping);
  [[nodiscard]] ReadEnd TakeTick(EngineTime to, Batch& batch);
  [[nodiscard]] ReadEnd TakeInput(const formats::Decoded& decoded, Batch& batch, bool stopping);
  void AddDeadLetter(const SourceItem& item, const formats::Decoded& decoded);
  void AddSkipped(std::string_view type);
  void NoteConsumed(const SourceItem& item, Batch& batch);

  ReplaySource& source_;
  formats::JsonEventDecoder& decoder_;
  const formats::RecordWriter& writer_;
  files::OutputFile& dead_letters_;
  Options options_;
  std::vector<std::string> names_;  // of the sources, by position
  ReadFigures figures_;
  EngineTime clock_{};
  std::uint64_t lines_this_run_ = 0;
  std::uint64_t lines_stopping_ = 0;  // taken since the stop was asked for
  std::string line_buffer_;
};

}  // namespace antiphon::replay
