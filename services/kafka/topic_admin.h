#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "services/kafka/handle.h"
#include "services/kafka/owned.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::kafka {

// Questions and orders about topics, each of one client, blocking up to `within`. kRetry: no answer in time. kStopProcess: refused.

// Partitions and replication; nothing: there is no such topic.
[[nodiscard]] Result<std::optional<runtime::TopicFacts>> DescribeLayout(const Handle& handle, const std::string& topic,
                                                                        Milliseconds within);

// The number of partitions of a topic that has to be there. `known`: its handle of this client.
[[nodiscard]] Result<std::int32_t> CountPartitions(const Handle& handle, rd_kafka_topic_s* known, const std::string& topic,
                                                   Milliseconds within);

// All settings, those of the broker's defaults included.
[[nodiscard]] Result<std::map<std::string, std::string, std::less<>>> DescribeSettings(const Handle& handle, const std::string& topic,
                                                                                       Milliseconds within);

[[nodiscard]] Result<void> CreateTopic(const Handle& handle, const std::string& topic, const runtime::TopicFacts& facts,
                                       Milliseconds within);

}  // namespace antiphon::kafka
