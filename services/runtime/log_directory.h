#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "services/runtime/log.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::runtime {

// What a cluster says of a topic.
struct TopicFacts {
  std::int32_t partitions = 0;
  std::int32_t replication = 0;
  std::map<std::string, std::string, std::less<>> settings;  // cleanup.policy, retention.ms, min.insync.replicas, ..
};

// LogDirectory: the port through which the cluster is asked about its logs. Every call blocks, up to a bound; kRetry if there was no answer
// in time. Thread-safe. Source: docs/live.md, "Restoring".
class LogDirectory {
 public:
  LogDirectory() = default;
  LogDirectory(const LogDirectory&) = delete;
  LogDirectory& operator=(const LogDirectory&) = delete;
  virtual ~LogDirectory() = default;

  // The group's committed positions; nothing where it has none. Waits for transactions that are under way on them.
  [[nodiscard]] virtual Result<std::vector<std::optional<std::int64_t>>> Committed(std::span<const LogId> logs) = 0;
  // The offset of the first record that still is, or will be.
  [[nodiscard]] virtual Result<std::vector<std::int64_t>> Starts(std::span<const LogId> logs) = 0;
  // The offset after the last record, committed or not.
  [[nodiscard]] virtual Result<std::vector<std::int64_t>> HighWatermarks(std::span<const LogId> logs) = 0;

  // Nothing: there is no such topic.
  [[nodiscard]] virtual Result<std::optional<TopicFacts>> Describe(const std::string& topic) = 0;
  // kStopProcess with the cluster's words if it refuses; a topic that exists is an error.
  [[nodiscard]] virtual Result<void> Create(const std::string& topic, const TopicFacts& facts) = 0;
};

}  // namespace antiphon::runtime
