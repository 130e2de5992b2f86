#pragma once

#include <memory>

// librdkafka's types by name, so that no header has to include it.
struct rd_kafka_s;
struct rd_kafka_conf_s;
struct rd_kafka_topic_s;
struct rd_kafka_queue_s;
struct rd_kafka_error_s;
struct rd_kafka_message_s;
struct rd_kafka_headers_s;
struct rd_kafka_topic_partition_list_s;
struct rd_kafka_consumer_group_metadata_s;

namespace antiphon::kafka {

// Gives an object back to librdkafka. Consumers are destroyed without being closed: who has joined a group closes first.
struct Release {
  void operator()(rd_kafka_s* client) const;
  void operator()(rd_kafka_conf_s* conf) const;
  void operator()(rd_kafka_topic_s* topic) const;
  void operator()(rd_kafka_queue_s* queue) const;
  void operator()(rd_kafka_error_s* error) const;
  void operator()(rd_kafka_message_s* message) const;
  void operator()(rd_kafka_headers_s* headers) const;
  void operator()(rd_kafka_topic_partition_list_s* list) const;
  void operator()(rd_kafka_consumer_group_metadata_s* metadata) const;
};

template <typename T>
using Owned = std::unique_ptr<T, Release>;

}  // namespace antiphon::kafka
