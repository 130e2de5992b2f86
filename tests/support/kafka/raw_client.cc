#include "tests/support/kafka/raw_client.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "state/base/check.h"

namespace antiphon::test {
namespace {

template <auto kDestroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const {
    kDestroy(object);
  }
};
using Client = std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>>;
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy<rd_kafka_topic_partition_list_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using Failure = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;

constexpr int kWithinMs = 30'000;

void Expect(const Failure& error) {
  if (error) std::fprintf(stderr, "librdkafka: %s\n", rd_kafka_error_string(error.get()));
  ANTIPHON_CHECK(error == nullptr);
}

void Expect(rd_kafka_resp_err_t code) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) std::fprintf(stderr, "librdkafka: %s\n", rd_kafka_err2str(code));
  ANTIPHON_CHECK(code == RD_KAFKA_RESP_ERR_NO_ERROR);
}

Client Make(rd_kafka_type_t type, const std::string& address, const std::vector<std::pair<const char*, std::string>>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> words{};
  const auto set = [&](const char* name, const std::string& value) {
    ANTIPHON_CHECK(rd_kafka_conf_set(conf, name, value.c_str(), words.data(), words.size()) == RD_KAFKA_CONF_OK);
  };
  set("bootstrap.servers", address);
  set("reconnect.backoff.max.ms", "300");
  set("log_level", "0");
  for (const auto& [name, value] : settings) set(name, value);
  Client client(rd_kafka_new(type, conf, words.data(), words.size()));
  ANTIPHON_CHECK(client != nullptr);
  return client;
}

std::optional<std::string> TextOf(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(bytes), size);
}

RawRecord RecordOf(rd_kafka_message_t* message) {
  RawRecord record{.partition = message->partition,
                   .offset = message->offset,
                   .key = TextOf(message->key, message->key_len),
                   .value = TextOf(message->payload, message->len),
                   .headers = {}};
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      record.headers.emplace_back(name, TextOf(value, size).value_or(""));
    }
  }
  return record;
}

// Waits for the answer to an order about topics and looks at each part of it.
template <typename Results>
void Await(rd_kafka_queue_t* queue, Results results) {
  const Event event(rd_kafka_queue_poll(queue, kWithinMs));
  ANTIPHON_CHECK(event != nullptr);
  Expect(rd_kafka_event_error(event.get()));
  std::size_t count = 0;
  const rd_kafka_topic_result_t** parts = results(event.get(), &count);
  for (std::size_t i = 0; i < count; ++i) Expect(rd_kafka_topic_result_error(parts[i]));
}

}  // namespace

struct RawProducer::State {
  Client client;
};

RawProducer::RawProducer(const std::string& address, const std::string& transactional_id) : state_(std::make_unique<State>()) {
  std::vector<std::pair<const char*, std::string>> settings = {{"enable.idempotence", "true"}, {"linger.ms", "1"}};
  if (!transactional_id.empty()) settings.emplace_back("transactional.id", transactional_id);
  state_->client = Make(RD_KAFKA_PRODUCER, address, settings);
  if (!transactional_id.empty()) Expect(Failure(rd_kafka_init_transactions(state_->client.get(), kWithinMs)));
}

RawProducer::~RawProducer() = default;

void RawProducer::Begin() { Expect(Failure(rd_kafka_begin_transaction(state_->client.get()))); }
void RawProducer::Flush() { Expect(rd_kafka_flush(state_->client.get(), kWithinMs)); }
void RawProducer::Commit() { Expect(Failure(rd_kafka_commit_transaction(state_->client.get(), -1))); }
void RawProducer::Abort() { Expect(Failure(rd_kafka_abort_transaction(state_->client.get(), -1))); }

void RawProducer::Send(const std::string& topic, const RawMessage& message) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
  for (const auto& [name, value] : message.headers) {
    rd_kafka_header_add(headers, name.data(), -1, value.data(), static_cast<std::ptrdiff_t>(value.size()));
  }
  Expect(rd_kafka_producev(state_->client.get(), RD_KAFKA_VTYPE_TOPIC, topic.c_str(), RD_KAFKA_VTYPE_PARTITION, message.partition,
                           RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_MSG_F_COPY, RD_KAFKA_VTYPE_KEY, message.key ? message.key->data() : nullptr,
                           message.key ? message.key->size() : std::size_t{0}, RD_KAFKA_VTYPE_VALUE,
                           message.value ? const_cast<char*>(message.value->data()) : nullptr,
                           message.value ? message.value->size() : std::size_t{0}, RD_KAFKA_VTYPE_HEADERS, headers,
                           RD_KAFKA_VTYPE_TIMESTAMP, message.timestamp_ms, RD_KAFKA_VTYPE_END));
  rd_kafka_poll(state_->client.get(), 0);
}

void RawProducer::SendOffset(const std::string& group, const std::string& topic, std::int32_t partition, std::int64_t next) {
  const List list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = next;
  rd_kafka_consumer_group_metadata_t* metadata = rd_kafka_consumer_group_metadata_new(group.c_str());
  Expect(Failure(rd_kafka_send_offsets_to_transaction(state_->client.get(), list.get(), metadata, kWithinMs)));
  rd_kafka_consumer_group_metadata_destroy(metadata);
}

std::vector<RawRecord> ReadAll(const std::string& address, const std::string& topic, std::int32_t partition, Reader reader) {
  const auto open = [&](const char* isolation) {
    return Make(
        RD_KAFKA_CONSUMER, address,
        {{"group.id", "raw-reader"}, {"enable.auto.commit", "false"}, {"enable.partition.eof", "true"}, {"isolation.level", isolation}});
  };
  std::int64_t low = 0;
  std::int64_t until = 0;
  if (reader == Reader::kSettled) {
    Expect(rd_kafka_query_watermark_offsets(open("read_uncommitted").get(), topic.c_str(), partition, &low, &until, kWithinMs));
  }
  const Client client = open(reader == Reader::kAll ? "read_uncommitted" : "read_committed");
  const List list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  Expect(rd_kafka_assign(client.get(), list.get()));
  std::vector<RawRecord> records;
  for (;;) {
    const Message message(rd_kafka_consumer_poll(client.get(), kWithinMs));
    ANTIPHON_CHECK(message != nullptr);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      if (message->offset >= until) break;
      continue;
    }
    Expect(message->err);
    records.push_back(RecordOf(message.get()));
  }
  return records;
}

std::int64_t CommittedPosition(const std::string& address, const std::string& group, const std::string& topic, std::int32_t partition) {
  const Client client = Make(RD_KAFKA_CONSUMER, address, {{"group.id", group}, {"isolation.level", "read_committed"}});
  const List list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  Expect(rd_kafka_committed(client.get(), list.get(), kWithinMs));
  return list->elems[0].offset < 0 ? -1 : list->elems[0].offset;
}

void CreateTopic(const std::string& address, const std::string& topic, std::int32_t partitions) {
  const Client client = Make(RD_KAFKA_PRODUCER, address, {});
  const Queue queue(rd_kafka_queue_new(client.get()));
  std::array<char, 256> words{};
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, words.data(), words.size());
  rd_kafka_CreateTopics(client.get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_NewTopic_destroy(wanted);
  Await(queue.get(), [](rd_kafka_event_t* event, std::size_t* count) {
    return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), count);
  });
  // The controller has it; a broker hears of it a moment later.
  rd_kafka_topic_t* known = rd_kafka_topic_new(client.get(), topic.c_str(), nullptr);
  for (std::int32_t seen = 0; seen != partitions;) {
    const rd_kafka_metadata_t* metadata = nullptr;
    Expect(rd_kafka_metadata(client.get(), 0, known, &metadata, kWithinMs));
    seen = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
    for (int i = 0; i < seen; ++i) {
      if (metadata->topics[0].partitions[i].leader < 0) seen = 0;
    }
    rd_kafka_metadata_destroy(metadata);
  }
  rd_kafka_topic_destroy(known);
}

void DeleteTopic(const std::string& address, const std::string& topic) {
  const Client client = Make(RD_KAFKA_PRODUCER, address, {});
  const Queue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_DeleteTopic_t* unwanted = rd_kafka_DeleteTopic_new(topic.c_str());
  rd_kafka_DeleteTopics(client.get(), &unwanted, 1, nullptr, queue.get());
  rd_kafka_DeleteTopic_destroy(unwanted);
  Await(queue.get(), [](rd_kafka_event_t* event, std::size_t* count) {
    return rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), count);
  });
}

void AddPartitions(const std::string& address, const std::string& topic, std::int32_t partitions) {
  const Client client = Make(RD_KAFKA_PRODUCER, address, {});
  const Queue queue(rd_kafka_queue_new(client.get()));
  std::array<char, 256> words{};
  rd_kafka_NewPartitions_t* wanted =
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), words.data(), words.size());
  rd_kafka_CreatePartitions(client.get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_NewPartitions_destroy(wanted);
  Await(queue.get(), [](rd_kafka_event_t* event, std::size_t* count) {
    return rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event), count);
  });
}

void DeleteRecords(const std::string& address, const std::string& topic, std::int32_t partition, std::int64_t before) {
  const Client client = Make(RD_KAFKA_PRODUCER, address, {});
  const Queue queue(rd_kafka_queue_new(client.get()));
  const List list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = before;
  rd_kafka_DeleteRecords_t* unwanted = rd_kafka_DeleteRecords_new(list.get());
  rd_kafka_DeleteRecords(client.get(), &unwanted, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(unwanted);
  const Event event(rd_kafka_queue_poll(queue.get(), kWithinMs));
  ANTIPHON_CHECK(event != nullptr);
  Expect(rd_kafka_event_error(event.get()));
  Expect(rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()))->elems[0].err);
}

}  // namespace antiphon::test
