#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/archive/judged_lines.h"
#include "services/archive/manifest.h"
#include "services/files/output_file.h"
#include "services/replay/output_folder.h"
#include "services/replay/tally.h"
#include "state/base/result.h"

namespace antiphon::live {

// The files of a replayed journal: those of a replay of logs, by replay::RecordFile, and dead letters.
inline constexpr std::array<std::string_view, 4> kReplayedFiles{replay::kRecordFileNames[0], replay::kRecordFileNames[1],
                                                                replay::kRecordFileNames[2], replay::kDeadLettersFile};
using ReplayedDigests = std::array<replay::LineDigest, kReplayedFiles.size()>;

// ReplayedLines: the lines of one partition within a stretch of engine time, kept in a file until those of all partitions are there
// (MergeLines). Used by one thread.
class ReplayedLines final : public archive::JudgedLines {
 public:
  // Of a new file in `folder`.
  [[nodiscard]] static Result<std::unique_ptr<ReplayedLines>> Create(const replay::OutputFolder& folder, std::int32_t partition,
                                                                     const archive::Stretch& stretch);

  [[nodiscard]] Result<void> Put(const orchestrator::OutputLine& line) override;
  [[nodiscard]] Result<void> Finish() override { return {}; }
  [[nodiscard]] const std::string& difference() const override { return difference_; }
  [[nodiscard]] std::uint64_t lines() const override { return lines_; }

  // Of what was kept. Source: docs/replay.md, "Digests"; the ordinal of messages and dead letters is 0.
  [[nodiscard]] const ReplayedDigests& digests() const { return digests_; }
  [[nodiscard]] Result<void> Close() { return file_.Close(); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  ReplayedLines(std::string name, files::OutputFile file, const archive::Stretch& stretch)
      : name_(std::move(name)), file_(std::move(file)), stretch_(stretch) {}

  std::string name_;
  files::OutputFile file_;
  archive::Stretch stretch_;
  ReplayedDigests digests_{};
  std::uint64_t lines_ = 0;  // said, kept or not
  std::string difference_;
  std::string hashed_;
};

// Writes kReplayedFiles from closed ReplayedLines, in order of partitions: by (engine time, partition, sequence). Their files are removed.
[[nodiscard]] Result<void> MergeLines(const std::vector<std::unique_ptr<ReplayedLines>>& partitions, const replay::OutputFolder& folder);

}  // namespace antiphon::live
