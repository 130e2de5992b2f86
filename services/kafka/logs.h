#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "services/kafka/handle.h"
#include "services/kafka/owned.h"
#include "services/runtime/log.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::kafka {

// The topics that runtime::LogId counts in, by name.
using TopicNames = std::vector<std::string>;

// "topic [partition]", as librdkafka's own messages have it.
[[nodiscard]] std::string Named(const TopicNames& topics, runtime::LogId log);

// The same logs in the same order, offsets as given or none.
[[nodiscard]] Owned<rd_kafka_topic_partition_list_s> ListOf(const TopicNames& topics, std::span<const runtime::LogId> logs);
[[nodiscard]] Owned<rd_kafka_topic_partition_list_s> ListOf(const TopicNames& topics, std::span<const runtime::LogPosition> positions);

enum class LogEdge { kStart, kEnd };

// Asks the cluster, one request per leader. The end is the last stable offset for a client that reads committed records, else the high
// watermark. Asks again within the bound while leaders move; then kRetry. kRestartTask: there is no such log, or it may not be seen.
// REQUIRES: no log twice.
[[nodiscard]] Result<std::vector<std::int64_t>> EdgesOf(const Handle& handle, const TopicNames& topics,
                                                        std::span<const runtime::LogId> logs, LogEdge edge, Milliseconds within);

}  // namespace antiphon::kafka
