#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/arena.h"
#include "services/formats/record_decoder.h"
#include "services/orchestrator/record_feed.h"
#include "services/runtime/log.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

class RekeyedReader;

// Where a record that was re-keyed came from.
struct SourcePlace {
  std::string_view topic;   // of the process's table of topics
  std::uint32_t input = 0;  // its number there
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

// One record of a lane, decoded. Its texts live in the memory that it was decoded into.
struct LaneItem {
  std::int64_t offset = 0;
  EngineTime timestamp{};   // the record's own (LogRecord)
  EngineTime merge_time{};  // what has no time of its own comes at once
  formats::Decoded decoded;
  std::string_view bytes;        // as it came
  std::string_view correlation;  // of a request; empty: none
  bool is_tombstone = false;     // says nothing of a customer: skipped
  std::optional<SourcePlace> source;
};

// Where records are decoded into; reused.
struct LaneMemory {
  LaneMemory(const formats::RecordDecoder& decoder, std::size_t items_max);
  LaneMemory(const RekeyedReader& reader, std::size_t items_max);
  void Reset();

  expression::Arena texts;    // the records' keys, values and headers; values are padded
  expression::Arena decoded;  // what the decoder makes
};

// A copy of a record for its decoder; fails as DecodeItem.
[[nodiscard]] Result<formats::TopicRecord> CopyRecord(const runtime::LogRecord& record, runtime::LogId log, bool with_headers,
                                                      LaneMemory& memory);

// What an input's record is, for a lane and for whoever replays one. Fails (stop the process) on a record that is larger than any memory
// for it; `correlation_header` may be empty; `customer`: of a record that was re-keyed.
[[nodiscard]] Result<LaneItem> DecodeItem(const runtime::LogRecord& record, runtime::LogId log, std::string_view correlation_header,
                                          formats::RecordDecoder& decoder, LaneMemory& memory, std::string_view customer = {});

// Lane: one input log of a partition, as far as it was read ahead. Filled in batches, emptied one by one.
// Owned by its LivePartition, used on the worker's thread. Memory: kBytesMax or the longest record, whichever is more, and as much again
// for what the decoder makes of it. Source: docs/live.md, "Reading".
class Lane {
 public:
  static constexpr std::size_t kItemsMax = 256;
  static constexpr std::size_t kBytesMax = std::size_t{256} << 10U;

  struct Options {
    std::unique_ptr<RecordFeed> feed;
    std::string topic;
    std::string correlation_header;             // empty: answers are not correlated
    formats::RecordDecoder* decoder = nullptr;  // of the worker; outlives the lane
    const RekeyedReader* rekeyed = nullptr;     // instead of it; outlives the lane
    Milliseconds wait{0};                       // read to its end, it holds up the others for so long
  };
  explicit Lane(Options options);

  // Takes what is at hand, up to the bounds. REQUIRES: empty().
  [[nodiscard]] Result<void> Fill();

  [[nodiscard]] bool empty() const { return first_ == items_.size(); }
  [[nodiscard]] const LaneItem& Head() const { return items_[first_]; }
  // The item so far behind the head, or nullptr.
  [[nodiscard]] const LaneItem* Ahead(std::size_t distance) const {
    return first_ + distance < items_.size() ? &items_[first_ + distance] : nullptr;
  }
  void Pop() { ++first_; }

  // The next record to be applied.
  [[nodiscard]] std::int64_t Next() const { return empty() ? options_.feed->Position() : Head().offset; }

  [[nodiscard]] runtime::LogId log() const { return options_.feed->log(); }
  [[nodiscard]] const std::string& topic() const { return options_.topic; }
  [[nodiscard]] Milliseconds wait() const { return options_.wait; }

 private:
  Options options_;
  LaneMemory memory_;
  std::vector<LaneItem> items_;
  std::size_t first_ = 0;
};

}  // namespace antiphon::orchestrator
