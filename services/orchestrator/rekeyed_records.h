#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/orchestrator/decoders.h"
#include "services/orchestrator/lane.h"
#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "services/runtime/log.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

// What a record of antiphon.rekeyed is: the bank's, value and headers as they were, under the customer as its key, in his partition, and
// with these headers behind its own. (Its timestamp is that of the re-keying, so that retention does not take at once what was old when it
// came.) The same first header stands on a dead letter that the re-keyer wrote. Source: docs/live.md, "Re-keying".
inline constexpr std::string_view kSourceHeader = "antiphon-source";           // TOPIC:PARTITION:OFFSET
inline constexpr std::string_view kSourceTimeHeader = "antiphon-source-time";  // its timestamp, ms since 1970; absent: none
inline constexpr std::string_view kSourceKeyHeader = "antiphon-source-key";    // its key; absent: null

[[nodiscard]] std::string SourceText(std::string_view topic, std::int32_t partition, std::int64_t offset);

// The headers of a record as it is handed to its customers: the bank's, but for some that look like ours, and ours. Owns what it adds.
class RekeyedHeaders {
 public:
  // Borrows from the record.
  void Set(std::string_view topic, std::int32_t partition, const runtime::LogRecord& record);
  [[nodiscard]] const std::vector<runtime::Header>& all() const { return headers_; }
  [[nodiscard]] runtime::Header source() const { return {.name = kSourceHeader, .value = source_}; }

 private:
  std::string source_;
  std::string time_;
  std::vector<runtime::Header> headers_;
};

// RekeyedReader: records of antiphon.rekeyed, each by the decoder of the input that it came from, as if it stood there still, but for the
// customer, who is its key. What names no such input is a dead letter of antiphon.rekeyed. Immutable; all that it is made of outlives it.
class RekeyedReader {
 public:
  RekeyedReader(const process::ProcessConfig& config, const process::TopicTable& topics, const Decoders& decoders)
      : config_(config), topics_(topics), decoders_(decoders) {}

  // As DecodeItem.
  [[nodiscard]] Result<LaneItem> Decode(const runtime::LogRecord& record, runtime::LogId log, LaneMemory& memory) const;
  [[nodiscard]] std::size_t ArenaBytes(std::size_t records, std::size_t bytes) const;

 private:
  [[nodiscard]] std::optional<SourcePlace> PlaceOf(std::string_view source) const;

  const process::ProcessConfig& config_;
  const process::TopicTable& topics_;
  const Decoders& decoders_;
};

}  // namespace antiphon::orchestrator
