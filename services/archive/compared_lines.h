#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "services/archive/judged_lines.h"
#include "services/archive/log_cursor.h"
#include "services/orchestrator/process_parts.h"
#include "state/base/result.h"

namespace antiphon::archive {

// Where the lines of a replay stand in a log of outputs. By default the whole log is compared.
struct LineWindow {
  std::int64_t from = 0;  // where the log is begun, or at its start if that is later: then the first lines have expired
  std::int64_t sure = 0;  // lines before it may be of commits before the first that is played: passed over up to the first that fits
  // Lines at it and after may be of commits after the last that is played. Nothing there has to be, and all of it may.
  std::int64_t open = std::numeric_limits<std::int64_t>::max();
  bool expired = false;  // the first lines of the replay may be gone from the log: counted, and passed over up to the first that fits
};
using LineWindows = std::map<std::string, LineWindow, std::less<>>;  // by topic

// The topics of outputs that are compared. Answers are not: their topic is the asker's, and shared.
[[nodiscard]] std::vector<std::uint32_t> ComparedTopics(const process::TopicTable& topics);

// ComparedLines: compares each line of one partition with the next record of its topic. Notes of re-drives are passed over: they are the
// operator's word, not the run's. Used by one thread.
class ComparedLines final : public JudgedLines {
 public:
  // `cursors`: of ComparedTopics, in their order, each from its window's `from`. `topics` outlives it.
  ComparedLines(const process::TopicTable& topics, std::int32_t partition, std::vector<LogCursor> cursors, const LineWindows& windows);

  [[nodiscard]] Result<void> Put(const orchestrator::OutputLine& line) override;
  [[nodiscard]] Result<void> Finish() override;
  [[nodiscard]] const std::string& difference() const override { return difference_; }
  [[nodiscard]] std::uint64_t lines() const override { return lines_; }

  // Lines that the log has no more.
  [[nodiscard]] std::uint64_t expired() const { return expired_; }
  // After Finish: where the next commit's lines begin, by topic.
  [[nodiscard]] const std::map<std::string, std::int64_t, std::less<>>& cuts() const { return cuts_; }

 private:
  enum class Standing : std::uint8_t {
    kPassing,  // written lines that may be of before are passed over
    kWaiting,  // said lines that may have expired are passed over: the head is held
    kAligned,  // line by line
  };
  struct Lane {
    std::string name;  // "antiphon.contacts[3]"
    std::string topic;
    LogCursor cursor;
    LineWindow window;
    Standing standing = Standing::kAligned;
    // kWaiting: the first record of the log.
    bool has_head = false;
    std::string head;
    std::int64_t head_offset = 0;
  };

  [[nodiscard]] Lane& LaneOf(const orchestrator::OutputLine& line);
  [[nodiscard]] Result<void> PutWaiting(Lane& lane, std::string_view line);
  [[nodiscard]] Result<void> Differ(std::string difference);

  const process::TopicTable& topics_;
  std::vector<std::uint32_t> numbers_;  // of the lanes
  std::vector<Lane> lanes_;
  std::map<std::string, std::int64_t, std::less<>> cuts_;
  std::string difference_;
  std::uint64_t lines_ = 0;
  std::uint64_t expired_ = 0;
};

}  // namespace antiphon::archive
