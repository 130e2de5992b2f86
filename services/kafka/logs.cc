#include "services/kafka/logs.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace antiphon::kafka {

using runtime::LogId;
using runtime::LogPosition;

std::string Named(const TopicNames& topics, LogId log) { return topics.at(log.topic) + " [" + std::to_string(log.partition) + "]"; }

Owned<rd_kafka_topic_partition_list_s> ListOf(const TopicNames& topics, std::span<const LogId> logs) {
  Owned<rd_kafka_topic_partition_list_s> list(rd_kafka_topic_partition_list_new(static_cast<int>(logs.size())));
  for (const LogId log : logs) rd_kafka_topic_partition_list_add(list.get(), topics.at(log.topic).c_str(), log.partition);
  return list;
}

Owned<rd_kafka_topic_partition_list_s> ListOf(const TopicNames& topics, std::span<const LogPosition> positions) {
  Owned<rd_kafka_topic_partition_list_s> list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const LogPosition& position : positions) {
    rd_kafka_topic_partition_list_add(list.get(), topics.at(position.log.topic).c_str(), position.log.partition)->offset = position.next;
  }
  return list;
}

namespace {

struct Asked {
  int code = RD_KAFKA_RESP_ERR_NO_ERROR;  // of the whole, or of the first log that has one
  std::size_t log = 0;
};

// One round of questions; fills `edges` if all were answered.
Asked AskOnce(const Handle& handle, const TopicNames& topics, std::span<const LogId> logs, LogEdge edge, Milliseconds within,
              std::vector<std::int64_t>& edges) {
  const Owned<rd_kafka_topic_partition_list_s> list = ListOf(topics, logs);
  // The two timestamps that ListOffsets has for the ends of a log.
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = edge == LogEdge::kEnd ? -1 : -2;
  // Not query_watermark_offsets: on this version it does not keep to its bound.
  const rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(handle.get(), list.get(), static_cast<int>(within.count()));
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const rd_kafka_topic_partition_t& element = list->elems[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return {element.err, i};
    edges[i] = element.offset;
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    // An element that was not answered still holds the question.
    const auto open = std::ranges::find_if(edges, [](std::int64_t offset) { return offset < 0; });
    if (open != edges.end()) return {RD_KAFKA_RESP_ERR__TIMED_OUT, static_cast<std::size_t>(open - edges.begin())};
  }
  return {code, 0};
}

}  // namespace

Result<std::vector<std::int64_t>> EdgesOf(const Handle& handle, const TopicNames& topics, std::span<const LogId> logs, LogEdge edge,
                                          Milliseconds within) {
  std::vector<std::int64_t> edges(logs.size());
  if (logs.empty()) return edges;
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + within;
  for (;;) {
    const Milliseconds left = std::chrono::duration_cast<Milliseconds>(until - Clock::now());
    const Asked asked = AskOnce(handle, topics, logs, edge, std::max(left, Milliseconds(1)), edges);
    if (asked.code == RD_KAFKA_RESP_ERR_NO_ERROR) return edges;
    const bool transient = IsTransient(asked.code);
    constexpr Milliseconds kPause(50);
    if (transient && Clock::now() + kPause < until) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    return Fail(transient ? Recovery::kRetry : Recovery::kRestartTask,
                Named(topics, logs[asked.log]) + ": its offsets cannot be asked: " + ErrorWords(asked.code));
  }
}

}  // namespace antiphon::kafka
