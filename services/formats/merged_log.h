#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/formats/log_reader.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::formats {

// MergedLog: the lines of several files in the order of their times, ties by argument order. A file's own order is never changed: what
// counts for a line is the largest time of its file so far, so a late line is given as soon as its turn comes, and a line without a
// time (damaged, undeclared type) follows the line before it. One file costs no look at times. Not thread-safe.
class MergedLog {
 public:
  // The time of a line; nothing if it has none. JsonEventDecoder::PeekTime. Must outlive the log.
  using TimeOf = std::function<std::optional<EngineTime>(PaddedText)>;

  [[nodiscard]] static Result<MergedLog> Open(const std::vector<std::string>& paths, const LogReader::Options& options, TimeOf time_of);

  // `file`: the argument position. kBroken is given once for each broken file; kEnd when all files are at their end.
  struct Line {
    LogLine line;
    std::uint32_t file = 0;
  };
  [[nodiscard]] Line Next();

  // As LogReader's, for all files. A line that was looked at but not given stays.
  struct Mark {
    std::vector<LogReader::Mark> marks;
  };
  [[nodiscard]] Mark MarkHere() const;
  void Release(const Mark& mark);
  void ReleaseAll() { Release(MarkHere()); }

  [[nodiscard]] const std::vector<LogReader>& readers() const { return readers_; }
  // To resume: each file goes on at its offset. REQUIRES: nothing was read; one offset for each file.
  [[nodiscard]] Result<void> SkipTo(const std::vector<std::uint64_t>& offsets);

 private:
  struct Head {
    LogLine line;
    LogReader::Mark mark = 0;  // before the line
    std::optional<EngineTime> newest;
  };

  MergedLog(std::vector<LogReader> readers, TimeOf time_of) : readers_(std::move(readers)), time_of_(std::move(time_of)) {}
  void Fill(std::size_t file);

  std::vector<LogReader> readers_;
  TimeOf time_of_;
  std::vector<Head> heads_;  // empty until the first Next
  std::size_t given_ = 0;    // whose head was given last; heads_.size(): nobody's
};

}  // namespace antiphon::formats
