#include "services/kafka/group_members.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <cstddef>
#include <utility>

namespace antiphon::kafka {
namespace {

struct Destroy {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_AdminOptions_t* options) const { rd_kafka_AdminOptions_destroy(options); }
};

std::unexpected<Error> Refused(const std::string& group, int code) {
  return Fail(IsTransient(code) ? Recovery::kRetry : Recovery::kStopProcess,
              "group " + group + ": its members cannot be asked: " + ErrorWords(code));
}

Result<std::vector<std::string>> NodesOf(const rd_kafka_ConsumerGroupDescription_t& described, const std::string& group) {
  if (const rd_kafka_error_t* error = rd_kafka_ConsumerGroupDescription_error(&described); error != nullptr) {
    return Refused(group, rd_kafka_error_code(error));
  }
  if (rd_kafka_ConsumerGroupDescription_state(&described) != RD_KAFKA_CONSUMER_GROUP_STATE_STABLE) {
    return Fail(Recovery::kRetry, "group " + group + ": its partitions are being shared out");
  }
  std::vector<std::string> nodes;
  const std::size_t count = rd_kafka_ConsumerGroupDescription_member_count(&described);
  for (std::size_t i = 0; i < count; ++i) {
    const char* node = rd_kafka_MemberDescription_group_instance_id(rd_kafka_ConsumerGroupDescription_member(&described, i));
    if (node == nullptr || *node == '\0') {
      return Fail(Recovery::kStopProcess, "group " + group + ": a member has no group.instance.id; it is no process of Antiphon's");
    }
    nodes.emplace_back(node);
  }
  return nodes;
}

}  // namespace

Result<std::unique_ptr<KafkaGroupMembers>> KafkaGroupMembers::Create(GroupMembersOptions options) {
  std::unique_ptr<KafkaGroupMembers> self(new KafkaGroupMembers(std::move(options)));
  HandleSettings settings;
  AddConsumerSettings(settings, self->options_.group);
  settings.fixed.emplace_back("isolation.level", "read_committed");
  auto handle = Handle::Open(Handle::Kind::kConsumer, self->options_.client, settings, nullptr);
  if (!handle) return std::unexpected(std::move(handle.error()));
  self->handle_ = *std::move(handle);
  return self;
}

Result<std::vector<std::string>> KafkaGroupMembers::Ask() {
  const auto within = static_cast<int>(options_.within.count());
  const std::unique_ptr<rd_kafka_AdminOptions_t, Destroy> options(
      rd_kafka_AdminOptions_new(handle_->get(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS));
  std::array<char, 128> words{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), within, words.data(), words.size());
  const Owned<rd_kafka_queue_s> queue(rd_kafka_queue_new(handle_->get()));
  const char* group = options_.group.c_str();
  rd_kafka_DescribeConsumerGroups(handle_->get(), &group, 1, options.get(), queue.get());
  const std::unique_ptr<rd_kafka_event_t, Destroy> event(rd_kafka_queue_poll(queue.get(), within));
  if (event == nullptr) return Refused(options_.group, RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Refused(options_.group, code);
  }
  std::size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** groups =
      rd_kafka_DescribeConsumerGroups_result_groups(rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  if (count != 1) return Refused(options_.group, RD_KAFKA_RESP_ERR__BAD_MSG);
  return NodesOf(*groups[0], options_.group);
}

}  // namespace antiphon::kafka
