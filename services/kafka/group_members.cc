#include "services/kafka/group_members.h"

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace antiphon::kafka {
namespace {

struct Destroy {
  void operator()(const rd_kafka_group_list* groups) const { rd_kafka_group_list_destroy(groups); }
};

// A coordinator names a static member "group.instance.id" "-" UUID (Kafka's GroupMetadata.generateMemberId, since KIP-345).
std::optional<std::string> NodeOf(std::string_view member_id) {
  constexpr std::size_t kUuid = 36;
  if (member_id.size() < kUuid + 2) return std::nullopt;
  const std::string_view uuid = member_id.substr(member_id.size() - kUuid);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
    if (uuid[dash] != '-') return std::nullopt;
  }
  const std::string_view node = member_id.substr(0, member_id.size() - kUuid);
  if (!node.ends_with('-')) return std::nullopt;
  return std::string(node.substr(0, node.size() - 1));
}

Result<std::vector<std::string>> NodesOf(const rd_kafka_group_info& info, const std::string& group) {
  if (std::string_view(info.state) != "Stable") return Fail(Recovery::kRetry, "group " + group + ": its partitions are being shared out");
  std::vector<std::string> nodes;
  for (int i = 0; i < info.member_cnt; ++i) {
    auto node = NodeOf(info.members[i].member_id);
    if (!node) {
      return Fail(Recovery::kStopProcess, "group " + group + ": a member has no group.instance.id; it is no process of Antiphon's");
    }
    nodes.push_back(*std::move(node));
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

// Not rd_kafka_DescribeConsumerGroups: where connections break while its answer is on the way, this version ends the process by an
// assertion (rd_kafka_enq_once_del_source_return), as the fault run has shown.
Result<std::vector<std::string>> KafkaGroupMembers::Ask() {
  const rd_kafka_group_list* raw = nullptr;
  const int code = rd_kafka_list_groups(handle_->get(), options_.group.c_str(), &raw, static_cast<int>(options_.within.count()));
  const std::unique_ptr<const rd_kafka_group_list, Destroy> groups(raw);
  // Every broker is asked, and one of them knows the group: that others did not answer is no matter.
  for (int i = 0; groups != nullptr && i < groups->group_cnt; ++i) {
    const rd_kafka_group_info& info = groups->groups[i];
    if (options_.group == info.group && info.err == RD_KAFKA_RESP_ERR_NO_ERROR) return NodesOf(info, options_.group);
  }
  const bool transient = code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__PARTIAL || IsTransient(code);
  return Fail(transient ? Recovery::kRetry : Recovery::kStopProcess,
              "group " + options_.group + ": its members cannot be asked: " + ErrorWords(code));
}

}  // namespace antiphon::kafka
