#include "services/kafka/member_token.h"

#include <librdkafka/rdkafka.h>

#include <cstring>
#include <string_view>

namespace antiphon::kafka {

// librdkafka 2.0.2 tells the generation only in the form that rd_kafka_consumer_group_metadata_write has (rdkafka_cgrp.c):
//   "CGMDv2:"  generation i32 in the machine's order  group_id NUL  member_id NUL  ..
Result<std::shared_ptr<const runtime::MemberToken>> KafkaMemberToken::Of(rd_kafka_s* consumer) {
  const Owned<rd_kafka_consumer_group_metadata_s> metadata(rd_kafka_consumer_group_metadata(consumer));
  void* buffer = nullptr;
  std::size_t size = 0;
  const Owned<rd_kafka_error_s> error(metadata == nullptr ? rd_kafka_error_new(RD_KAFKA_RESP_ERR__UNKNOWN_GROUP, "no group")
                                                          : rd_kafka_consumer_group_metadata_write(metadata.get(), &buffer, &size));
  if (error != nullptr) return Fail(Recovery::kStopProcess, std::string("the group's membership: ") + rd_kafka_error_string(error.get()));
  const std::string bytes(static_cast<const char*>(buffer), size);
  rd_kafka_mem_free(nullptr, buffer);

  constexpr std::string_view kMagic = "CGMDv2:";
  std::int32_t generation = -1;
  const std::size_t group_at = kMagic.size() + sizeof(generation);
  const std::size_t group_end = bytes.starts_with(kMagic) ? bytes.find('\0', group_at) : std::string::npos;
  const std::size_t member_end = group_end == std::string::npos ? group_end : bytes.find('\0', group_end + 1);
  if (member_end == std::string::npos) {
    return Fail(Recovery::kStopProcess,
                std::string("librdkafka ") + rd_kafka_version_str() + " writes the group's membership in an unknown form");
  }
  std::memcpy(&generation, bytes.data() + kMagic.size(), sizeof(generation));
  std::string member_id = bytes.substr(group_end + 1, member_end - group_end - 1);
  if (generation < 0 || member_id.empty()) return Fail(Recovery::kStopProcess, "the group's membership has no generation or no member id");
  return std::make_shared<const KafkaMemberToken>(generation, std::move(member_id));
}

}  // namespace antiphon::kafka
