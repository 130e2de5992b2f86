#include "services/kafka/records.h"

#include <librdkafka/rdkafka.h>

namespace antiphon::kafka {
namespace {

// Empty is not null: the library tells them apart by the pointer.
const char* BytesOf(const std::optional<std::string_view>& text) {
  if (!text) return nullptr;
  return text->data() == nullptr ? "" : text->data();
}

}  // namespace

int HandRecord(rd_kafka_s* client, rd_kafka_topic_s* topic, std::int32_t partition, std::optional<std::string_view> key,
               std::optional<std::string_view> value, std::span<const runtime::Header> headers, void* opaque) {
  auto* payload = const_cast<char*>(BytesOf(value));  // copied, whatever the signature says
  const std::size_t size = value ? value->size() : 0;
  const std::size_t key_size = key ? key->size() : 0;
  if (headers.empty()) {
    if (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, payload, size, BytesOf(key), key_size, opaque) == 0) return 0;
    return rd_kafka_last_error();
  }
  Owned<rd_kafka_headers_s> list(rd_kafka_headers_new(headers.size()));
  for (const runtime::Header& header : headers) {
    rd_kafka_header_add(list.get(), header.name.data(), static_cast<std::ptrdiff_t>(header.name.size()), header.value.data(),
                        static_cast<std::ptrdiff_t>(header.value.size()));
  }
  // Not produceva: on this version it frees the headers twice if it fails.
  const rd_kafka_resp_err_t code =
      rd_kafka_producev(client, RD_KAFKA_VTYPE_RKT, topic, RD_KAFKA_VTYPE_PARTITION, partition, RD_KAFKA_VTYPE_MSGFLAGS,
                        RD_KAFKA_MSG_F_COPY, RD_KAFKA_VTYPE_VALUE, payload, size, RD_KAFKA_VTYPE_KEY, BytesOf(key), key_size,
                        RD_KAFKA_VTYPE_HEADERS, list.get(), RD_KAFKA_VTYPE_OPAQUE, opaque, RD_KAFKA_VTYPE_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) [[maybe_unused]]
    auto* taken = list.release();  // the record's now
  return code;
}

}  // namespace antiphon::kafka
