#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/replay/batch_reader.h"
#include "services/replay/tally.h"
#include "services/runtime/partition_task.h"
#include "state/base/hash.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::replay {

// A line that is not in its file yet: its engine time is the clock's, and others of that time may still come before it.
struct HeldLine {
  std::uint32_t partition = 0;
  EngineTime time{};
  RecordFile file = RecordFile::kDecisions;
  std::string text;  // with its end
  friend bool operator==(const HeldLine&, const HeldLine&) = default;
};

// ResumePoint: all that a run needs to go on where another one stopped, beside the state. Written last, when everything it speaks of is
// on the disk. Source: docs/replay.md, "Stop and resume".
struct ResumePoint {
  std::uint32_t semantics_version = 0;
  std::string topology;  // the folder
  Hash128 topology_version;
  std::vector<std::string> logs;
  std::string journal;  // replayed from, or empty
  std::string store;    // memory, rocksdb
  std::uint32_t partitions = 0;
  std::string until;  // as given, or empty

  EngineTime clock{};
  ReadFigures read;
  runtime::TaskFigures tasks;
  Totals totals;
  std::array<std::uint64_t, kRecordFiles> record_bytes{};
  std::uint64_t dead_letter_bytes = 0;
  std::uint64_t journal_bytes = 0;
  std::vector<HeldLine> held;
  double seconds = 0;  // of the runs so far
};

[[nodiscard]] std::string ResumePointAsJson(const ResumePoint& point);
[[nodiscard]] Result<ResumePoint> ParseResumePoint(std::string_view json);

}  // namespace antiphon::replay
