// kafka_probe: what tests in other languages see of a cluster, and put into it, past the adapter. Plain librdkafka.
//
//   kafka_probe ADDRESS create TOPIC:PARTITIONS..
//   kafka_probe ADDRESS produce                       lines of standard input: TOPIC \t KEY \t CORRELATION \t VALUE (an empty KEY or
//                                                     CORRELATION: none); placed as Java's client does; idempotent, never gives up.
//                                                     At the end of the input it waits for all of them and prints how many there are
//   kafka_probe ADDRESS read TOPIC:PARTITIONS..       all committed records up to the end, a JSON object a line
//   kafka_probe ADDRESS tail TOPIC:PARTITIONS..       the same, and what comes, until it is killed
//   kafka_probe ADDRESS positions GROUP TOPIC:PARTITIONS..   where the group stands and where the logs end; the group has no member by it
//
// Exit codes: 0 done, 1 the cluster did not do it, 2 bad usage.
#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/kafka/raw_client.h"

namespace {

using Setting = std::pair<const char*, const char*>;

constexpr int kWithinMs = 10'000;
constexpr int kDeliveredWithinMs = 120'000;

struct TopicArgument {
  std::string name;
  std::int32_t partitions = 0;
};

struct Closes {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using Client = std::unique_ptr<rd_kafka_t, Closes>;
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, Closes>;
using Message = std::unique_ptr<rd_kafka_message_t, Closes>;

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "kafka_probe: %s\n", why.c_str());
  std::exit(1);
}

std::uint64_t delivered = 0;
std::uint64_t failed = 0;

void OnDelivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* /*opaque*/) {
  ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? delivered : failed);
}

Client Open(rd_kafka_type_t type, const std::string& address, std::span<const Setting> settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> words{};
  const auto set = [&](const char* name, const char* value) {
    if (rd_kafka_conf_set(conf, name, value, words.data(), words.size()) != RD_KAFKA_CONF_OK) Die(words.data());
  };
  set("bootstrap.servers", address.c_str());
  set("reconnect.backoff.max.ms", "500");
  set("socket.timeout.ms", "5000");
  set("log_level", "0");
  for (const auto& [name, value] : settings) set(name, value);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, OnDelivery);
  Client client(rd_kafka_new(type, conf, words.data(), words.size()));
  if (client == nullptr) Die(words.data());
  return client;
}

Client OpenReader(const std::string& address, const std::string& group) {
  const std::array<Setting, 5> settings{{{"group.id", group.c_str()},
                                         {"enable.auto.commit", "false"},
                                         {"enable.partition.eof", "true"},
                                         {"isolation.level", "read_committed"},
                                         {"fetch.wait.max.ms", "100"}}};
  return Open(RD_KAFKA_CONSUMER, address, settings);
}

std::vector<TopicArgument> TopicsOf(std::span<const std::string> arguments) {
  std::vector<TopicArgument> topics;
  for (const std::string& text : arguments) {
    const std::size_t colon = text.rfind(':');
    const int partitions = colon == std::string::npos ? 0 : std::atoi(text.c_str() + colon + 1);
    if (partitions <= 0) Die("no TOPIC:PARTITIONS: " + text);
    topics.push_back({.name = text.substr(0, colon), .partitions = partitions});
  }
  return topics;
}

List AllPartitions(const std::vector<TopicArgument>& topics) {
  List list(rd_kafka_topic_partition_list_new(1));
  for (const TopicArgument& topic : topics) {
    for (std::int32_t partition = 0; partition < topic.partitions; ++partition) {
      rd_kafka_topic_partition_list_add(list.get(), topic.name.c_str(), partition)->offset = 0;
    }
  }
  return list;
}

void Send(rd_kafka_t* client, std::string_view line) {
  std::array<std::string, 4> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t tab = i + 1 < fields.size() ? line.find('\t') : line.size();
    if (tab == std::string_view::npos) Die("a line with too few fields");
    fields[i] = line.substr(0, tab);
    line.remove_prefix(std::min(line.size(), tab + 1));
  }
  auto& [topic, key, correlation, value] = fields;
  rd_kafka_headers_t* headers = rd_kafka_headers_new(1);
  if (!correlation.empty()) {
    rd_kafka_header_add(headers, "correlation-id", -1, correlation.data(), static_cast<std::ptrdiff_t>(correlation.size()));
  }
  while (true) {
    const rd_kafka_resp_err_t code =
        rd_kafka_producev(client, RD_KAFKA_VTYPE_TOPIC, topic.c_str(), RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_MSG_F_COPY, RD_KAFKA_VTYPE_KEY,
                          key.empty() ? nullptr : key.data(), key.size(), RD_KAFKA_VTYPE_VALUE, value.data(), value.size(),
                          RD_KAFKA_VTYPE_HEADERS, headers, RD_KAFKA_VTYPE_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      std::array<char, 512> words{};
      rd_kafka_fatal_error(client, words.data(), words.size());
      Die(std::string("cannot produce: ") + rd_kafka_err2str(code) + ": " + words.data());
    }
    rd_kafka_poll(client, 100);
  }
}

int Produce(const std::string& address) {
  // One request at a time: with several, 2.0.2 can end in a fatal error where connections break (a gap in its own sequence of records).
  const std::array<Setting, 5> settings{{{"enable.idempotence", "true"},
                                         {"max.in.flight", "1"},
                                         {"partitioner", "murmur2_random"},
                                         {"message.timeout.ms", "0"},
                                         {"linger.ms", "2"}}};
  const Client client = Open(RD_KAFKA_PRODUCER, address, settings);
  char* line = nullptr;
  std::size_t room = 0;
  for (ssize_t length = 0; (length = ::getline(&line, &room, stdin)) >= 0;) {
    const auto size = static_cast<std::size_t>(length);
    Send(client.get(), std::string_view(line, size > 0 && line[size - 1] == '\n' ? size - 1 : size));
    rd_kafka_poll(client.get(), 0);
  }
  std::free(line);
  const rd_kafka_resp_err_t flushed = rd_kafka_flush(client.get(), kDeliveredWithinMs);
  if (flushed != RD_KAFKA_RESP_ERR_NO_ERROR || failed > 0) Die("not all records were delivered");
  std::printf("%llu\n", static_cast<unsigned long long>(delivered));
  return 0;
}

void Print(rd_kafka_message_t* message) {
  const auto text = [](const void* bytes, std::size_t size) -> nlohmann::json {
    if (bytes == nullptr) return nullptr;
    return std::string(static_cast<const char*>(bytes), size);
  };
  nlohmann::ordered_json record = {
      {"topic", rd_kafka_topic_name(message->rkt)},  {"partition", message->partition},    {"offset", message->offset},
      {"key", text(message->key, message->key_len)}, {"headers", nlohmann::json::array()}, {"value", text(message->payload, message->len)}};
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      record["headers"].push_back({name, text(value, size)});
    }
  }
  std::printf("%s\n", record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

enum class Until { kEnd, kKilled };

int Read(const std::string& address, const std::vector<TopicArgument>& topics, Until until) {
  const Client client = OpenReader(address, "kafka-probe");
  const List list = AllPartitions(topics);
  if (rd_kafka_assign(client.get(), list.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) Die("cannot be assigned");
  int at_end = 0;
  while (until == Until::kKilled || at_end < list->cnt) {
    const Message message(rd_kafka_consumer_poll(client.get(), kWithinMs));
    if (message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      Print(message.get());
    } else if (message != nullptr && message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      ++at_end;  // once a partition, as long as nothing is written: what is read to its end is at rest
    } else if (until == Until::kEnd) {
      Die(message == nullptr ? "nothing comes" : rd_kafka_message_errstr(message.get()));
    }
    if (until == Until::kKilled) std::fflush(stdout);
  }
  return 0;
}

int Positions(const std::string& address, const std::string& group, const std::vector<TopicArgument>& topics) {
  const Client client = OpenReader(address, group);
  const List list = AllPartitions(topics);
  const rd_kafka_resp_err_t code = rd_kafka_committed(client.get(), list.get(), kWithinMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) Die(std::string("no committed positions: ") + rd_kafka_err2str(code));
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& at = list->elems[i];
    std::int64_t start = 0;
    std::int64_t end = 0;
    const rd_kafka_resp_err_t asked = rd_kafka_query_watermark_offsets(client.get(), at.topic, at.partition, &start, &end, kWithinMs);
    if (at.err != RD_KAFKA_RESP_ERR_NO_ERROR || asked != RD_KAFKA_RESP_ERR_NO_ERROR) Die("no position of a partition");
    const nlohmann::ordered_json line = {
        {"topic", at.topic}, {"partition", at.partition}, {"committed", at.offset < 0 ? 0 : at.offset}, {"end", end}};
    std::printf("%s\n", line.dump().c_str());
  }
  return 0;
}

int Run(const std::vector<std::string>& arguments) {
  const std::string& address = arguments[0];
  const std::string& command = arguments[1];
  const std::span<const std::string> rest = std::span(arguments).subspan(2);
  if (command == "produce" && rest.empty()) return Produce(address);
  if (command == "read" && !rest.empty()) return Read(address, TopicsOf(rest), Until::kEnd);
  if (command == "tail" && !rest.empty()) return Read(address, TopicsOf(rest), Until::kKilled);
  if (command == "positions" && rest.size() > 1) return Positions(address, rest[0], TopicsOf(rest.subspan(1)));
  if (command != "create" || rest.empty()) return 2;
  for (const TopicArgument& topic : TopicsOf(rest)) antiphon::test::CreateTopic(address, topic.name, topic.partitions);
  return 0;
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> arguments(values + 1, values + count);
  const int code = arguments.size() < 2 ? 2 : Run(arguments);
  if (code == 2) std::fprintf(stderr, "usage: kafka_probe ADDRESS create|produce|read|tail|positions ..\n");
  return code;
}
