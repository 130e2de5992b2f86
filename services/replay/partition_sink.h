#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/formats/record_writer.h"
#include "services/replay/tally.h"
#include "services/runtime/partition_task.h"
#include "state/base/time.h"

namespace antiphon::replay {

// PartitionSink: prints the effects of one partition as lines and keeps them, in order, until they are released to the files. Used by the
// thread that runs the partition's task, and between batches by the thread that merges.
// Invariant: the times of lines() never decrease.
class PartitionSink final : public runtime::EffectsSink {
 public:
  struct Line {
    EngineTime time{};
    std::uint32_t length = 0;  // its end, '\n', included
    RecordFile file = RecordFile::kDecisions;
    std::size_t offset = 0;  // in the sink's buffer
  };

  // Both must outlive the sink.
  PartitionSink(const topology::Topology& topology, const formats::RecordWriter& writer) : writer_(writer), tally_(topology) {}

  void Take(EngineTime now, decision::Effects& effects) override;

  // A line of a run that stopped, already counted there. Before any other.
  void Restore(EngineTime time, RecordFile file, std::string_view line);

  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }
  [[nodiscard]] std::string_view TextOf(const Line& line) const { return std::string_view(buffer_).substr(line.offset, line.length); }
  // Forgets the first `count` lines.
  void Drop(std::size_t count);

  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  void EndLine(EngineTime now, RecordFile file, std::size_t offset, std::uint32_t ordinal);

  const formats::RecordWriter& writer_;
  Tally tally_;
  std::string buffer_;
  std::vector<Line> lines_;
};

}  // namespace antiphon::replay
