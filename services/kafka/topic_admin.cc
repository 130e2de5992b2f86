#include "services/kafka/topic_admin.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace antiphon::kafka {

using runtime::TopicFacts;

namespace {

// Objects of admin calls, which nothing else here uses.
template <auto kDestroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const {
    kDestroy(object);
  }
};
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;
using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, Destroy<rd_kafka_ConfigResource_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;

Error ErrorOf(const std::string& topic, std::string_view doing, int code, const char* words) {
  return {IsTransient(code) ? Recovery::kRetry : Recovery::kStopProcess,
          "topic " + topic + ": " + std::string(doing) + ": " + ErrorWords(code) + (words == nullptr ? "" : std::string(": ") + words)};
}

bool IsUnknown(int code) { return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC; }

Result<std::optional<TopicFacts>> LayoutOf(const Handle& handle, rd_kafka_topic_s* known, const std::string& topic, Milliseconds within) {
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t code = rd_kafka_metadata(handle.get(), 0, known, &raw, static_cast<int>(within.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(ErrorOf(topic, "cannot be asked", code, nullptr));
  const std::unique_ptr<const rd_kafka_metadata_t, Destroy<rd_kafka_metadata_destroy>> metadata(raw);
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& found = metadata->topics[i];
    if (topic != found.topic || IsUnknown(found.err)) continue;
    if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(ErrorOf(topic, "cannot be asked", found.err, nullptr));
    TopicFacts facts;
    facts.partitions = found.partition_cnt;
    for (int p = 0; p < found.partition_cnt; ++p) {
      const std::int32_t replicas = found.partitions[p].replica_cnt;
      facts.replication = p == 0 ? replicas : std::min(facts.replication, replicas);
    }
    return facts;
  }
  return std::nullopt;
}

Options MakeOptions(const Handle& handle, rd_kafka_admin_op_t operation, Milliseconds within) {
  Options options(rd_kafka_AdminOptions_new(handle.get(), operation));
  std::array<char, 128> words{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(within.count()), words.data(), words.size());
  return options;
}

// The answer to what was just asked; an event without error.
Result<Event> Await(rd_kafka_queue_s* queue, const std::string& topic, std::string_view doing, Milliseconds within) {
  Event event(rd_kafka_queue_poll(queue, static_cast<int>(within.count())));
  if (event == nullptr) return std::unexpected(ErrorOf(topic, doing, RD_KAFKA_RESP_ERR__TIMED_OUT, nullptr));
  if (const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(ErrorOf(topic, doing, code, rd_kafka_event_error_string(event.get())));
  }
  return event;
}

}  // namespace

Result<std::optional<TopicFacts>> DescribeLayout(const Handle& handle, const std::string& topic, Milliseconds within) {
  const Owned<rd_kafka_topic_s> known(rd_kafka_topic_new(handle.get(), topic.c_str(), nullptr));
  if (known == nullptr) return std::unexpected(ErrorOf(topic, "no name of a topic", RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, nullptr));
  return LayoutOf(handle, known.get(), topic, within);
}

Result<std::int32_t> CountPartitions(const Handle& handle, rd_kafka_topic_s* known, const std::string& topic, Milliseconds within) {
  const Result<std::optional<TopicFacts>> layout = LayoutOf(handle, known, topic, within);
  if (!layout) return std::unexpected(layout.error());
  const std::optional<TopicFacts>& facts = *layout;
  if (!facts) return Fail(Recovery::kStopProcess, "topic " + topic + " is not there");
  return facts->partitions;
}

Result<std::map<std::string, std::string, std::less<>>> DescribeSettings(const Handle& handle, const std::string& topic,
                                                                         Milliseconds within) {
  constexpr std::string_view kDoing = "its settings cannot be asked";
  const Options options = MakeOptions(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, within);
  const Owned<rd_kafka_queue_s> queue(rd_kafka_queue_new(handle.get()));
  const Resource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* asked = resource.get();
  rd_kafka_DescribeConfigs(handle.get(), &asked, 1, options.get(), queue.get());
  const Result<Event> event = Await(queue.get(), topic, kDoing, within);
  if (!event) return std::unexpected(event.error());

  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** resources =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  std::map<std::string, std::string, std::less<>> settings;
  for (std::size_t i = 0; i < count; ++i) {
    if (const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resources[i]); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return std::unexpected(ErrorOf(topic, kDoing, code, rd_kafka_ConfigResource_error_string(resources[i])));
    }
    std::size_t entries = 0;
    const rd_kafka_ConfigEntry_t** entry = rd_kafka_ConfigResource_configs(resources[i], &entries);
    for (std::size_t e = 0; e < entries; ++e) {
      const char* value = rd_kafka_ConfigEntry_value(entry[e]);
      if (value != nullptr) settings[rd_kafka_ConfigEntry_name(entry[e])] = value;
    }
  }
  return settings;
}

Result<void> CreateTopic(const Handle& handle, const std::string& topic, const TopicFacts& facts, Milliseconds within) {
  constexpr std::string_view kDoing = "cannot be created";
  const Options options = MakeOptions(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS, within);
  std::array<char, 256> words{};
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), static_cast<int>(within.count()), words.data(), words.size());
  const Owned<rd_kafka_queue_s> queue(rd_kafka_queue_new(handle.get()));
  const int replication = facts.replication > 0 ? facts.replication : -1;
  const NewTopic wanted(rd_kafka_NewTopic_new(topic.c_str(), facts.partitions, replication, words.data(), words.size()));
  if (wanted == nullptr) return std::unexpected(ErrorOf(topic, kDoing, RD_KAFKA_RESP_ERR__INVALID_ARG, words.data()));
  for (const auto& [name, value] : facts.settings) rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
  rd_kafka_NewTopic_t* one = wanted.get();
  rd_kafka_CreateTopics(handle.get(), &one, 1, options.get(), queue.get());
  const Result<Event> event = Await(queue.get(), topic, kDoing, within);
  if (!event) return std::unexpected(event.error());

  std::size_t count = 0;
  const rd_kafka_topic_result_t** results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return std::unexpected(ErrorOf(topic, kDoing, code, rd_kafka_topic_result_error_string(results[i])));
    }
  }
  return {};
}

}  // namespace antiphon::kafka
