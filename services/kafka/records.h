#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "services/kafka/owned.h"
#include "services/runtime/log.h"

namespace antiphon::kafka {

// Hands one record to a producer's client, which copies it. `partition` may be runtime::kByKey. `opaque` comes back with its delivery
// report. The library's error code, 0 if it took the record.
[[nodiscard]] int HandRecord(rd_kafka_s* client, rd_kafka_topic_s* topic, std::int32_t partition, std::optional<std::string_view> key,
                             std::optional<std::string_view> value, std::span<const runtime::Header> headers, void* opaque);

}  // namespace antiphon::kafka
