#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "state/base/time.h"

namespace antiphon::runtime {

// For OutputSink alone: the partition that a Java producer would choose for the record's key.
inline constexpr std::int32_t kByKey = -1;

// One partition of a topic. `topic` counts in the process's table of topics (process/process_config.h), which the adapter was given.
struct LogId {
  std::uint32_t topic = 0;
  std::int32_t partition = 0;
  friend auto operator<=>(const LogId&, const LogId&) = default;
};

// The next record to be read of a log; records before it are done with. What lies at it may be no record (a marker, an aborted one).
struct LogPosition {
  LogId log;
  std::int64_t next = 0;
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

// A header's name may occur more than once; the last one counts.
struct Header {
  std::string_view name;
  std::string_view value;
};

// LogRecord: one committed record as it stands in a log. Borrowed: valid until the next call of whoever gave it.
struct LogRecord {
  std::int64_t offset = 0;
  EngineTime timestamp{};                 // the record's own, of its producer or its broker; the epoch: none
  std::optional<std::string_view> key;    // nothing: null
  std::optional<std::string_view> value;  // nothing: null, a tombstone
  std::vector<Header> headers;            // filled only for topics whose headers are wanted
};

}  // namespace antiphon::runtime
