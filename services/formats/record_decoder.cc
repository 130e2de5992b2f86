#include "services/formats/record_decoder.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/expression/diagnostic.h"
#include "services/formats/cloud_events.h"
#include "services/formats/debezium.h"
#include "services/formats/envelope_parts.h"
#include "services/formats/json_payload.h"
#include "services/formats/proto_payload.h"
#include "services/formats/proto_values.h"
#include "services/formats/registry_frame.h"
#include "services/formats/type_plans.h"

namespace antiphon::formats {
namespace {

std::unexpected<Error> Refuse(std::string message) { return Fail(Recovery::kStopProcess, std::move(message)); }

bool IsCloudEvent(const RecordFormat& format) {
  return format.envelope == Envelope::kCloudEventsBinary || format.envelope == Envelope::kCloudEventsStructured;
}

PlanRoot RootOf(const RecordFormat& format) {
  return {.enveloped = format.envelope != Envelope::kNone || ProtoPayload::IsEvent(format),
          .time_in_payload = format.time == TimeFrom::kPayload,
          .time_elsewhere = format.time == TimeFrom::kRecord,
          // antiphon.v1.Event has the customer itself; what the topology calls him in a payload does not matter there.
          .customer_elsewhere = !format.customer.empty() || ProtoPayload::IsEvent(format),
          .type_elsewhere = !format.event.empty()};
}

Result<void> CheckParts(const RecordFormat& format) {
  const bool protobuf = format.payload == Payload::kProtobuf;
  if (!protobuf && !(format.message.empty() && format.descriptor.empty()))
    return Refuse("a descriptor and a message are for protobuf only");
  if (protobuf && format.envelope == Envelope::kDebezium) return Refuse("Debezium's envelope is read as JSON only");
  if (protobuf && IsCloudEvent(format) && ProtoPayload::IsEvent(format)) {
    return Refuse("protobuf within CloudEvents: name the message; antiphon.v1.Event is an envelope itself");
  }
  if (protobuf && !format.customers.empty()) return Refuse("several customers are read from JSON only: leave out `customers`");
  if (ProtoPayload::IsEvent(format) && !format.event.empty()) return Refuse("antiphon.v1.Event names its type itself: leave out the event");
  if (!format.registry_framed && !(format.schema_ids.empty() && format.schema_guids.empty())) {
    return Refuse("schema ids are pinned, but the records are not said to be framed");
  }
  if (!format.customer.empty() && format.customer != "key") {
    if (!IsCloudEvent(format))
      return Refuse("the customer stands in an attribute '" + format.customer + "', but the records are no CloudEvents");
    for (const char* taken : {"id", "source", "type", "time", "specversion", "datacontenttype", "backfill", "data", "data_base64"}) {
      if (format.customer == taken) return Refuse("the attribute '" + format.customer + "' cannot name the customer");
    }
  }
  const bool debezium = format.envelope == Envelope::kDebezium;
  if (debezium && format.event.empty() && format.operations.empty())
    return Refuse("Debezium's records do not name their type: say it by `event:`");
  if (!debezium && !format.operations.empty()) return Refuse("operations are Debezium's only");
  for (const auto& [operation, type] : format.operations) {
    if (operation != "c" && operation != "u" && operation != "d" && operation != "r")
      return Refuse("'" + operation + "' is no operation: c, u, d, r");
  }
  return {};
}

Result<void> CheckType(const std::string& name, const topology::Topology& topology, const TypePlans& plans) {
  const std::uint32_t type = plans.Find(PaddedBuffer(name).padded().text());
  if (name.empty() || (type != KeyTable::kNone && !TypePlans::IsControl(type))) return {};
  std::vector<std::string> names;
  names.reserve(topology.event_types.size());
  for (const topology::EventType& declared : topology.event_types) {
    names.push_back(declared.name_in_log.empty() ? declared.name : declared.name_in_log);
  }
  const std::string nearest = expression::NearestName(name, names);
  return Refuse("the topology has no event type '" + name + "'" + (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
}

// One decoder for every format: frame, envelope and payload are steps, each of which may be nothing.
class TopicDecoder final : public RecordDecoder {
 public:
  TopicDecoder(RecordFormat format, const topology::Topology& topology)
      : format_(std::move(format)), topology_(topology), type_path_(TypePathOf(topology.envelope)), plans_(topology, RootOf(format_)) {}

  Result<void> Load(std::string_view descriptor_set);
  Decoded Decode(const TopicRecord& record, expression::Arena& arena) override;
  bool FindCustomers(const TopicRecord& record, expression::Arena& arena, std::vector<std::string_view>& customers, Decoded& out) override;
  [[nodiscard]] std::size_t ArenaBytes(std::size_t batch_records, std::size_t batch_bytes) const override {
    // Besides what fields take: a copy of what was escaped or base64, the digits of unscaled numbers, ids that are made.
    return 4 * plans_.ArenaBytes(batch_records, batch_bytes);
  }
  [[nodiscard]] bool wants_headers() const override { return format_.registry_framed || IsCloudEvent(format_); }

 private:
  bool ReadEnvelope(const TopicRecord& record, PaddedText body, expression::Arena& arena, EnvelopeParts& parts, Decoded& out);
  bool FindType(EnvelopeParts& parts, Decoded& out);
  bool ReadPayload(const EnvelopeParts& parts, std::uint32_t type, EventDraft& draft, Decoded& out);
  bool CheckPayload(const EnvelopeParts& parts, Decoded& out);
  void TakeKey(const TopicRecord& record, EnvelopeParts& parts) const;

  RecordFormat format_;
  const topology::Topology& topology_;
  std::vector<std::string> type_path_;
  TypePlans plans_;
  JsonPayload json_{plans_};
  std::unique_ptr<ProtoPayload> proto_;
  std::optional<RegistryFrame> frame_;
  CloudEventReader cloud_events_{format_};
  DebeziumReader debezium_{format_};
  DraftFinisher finisher_{topology_};
  PaddedBuffer type_;
};

Result<void> TopicDecoder::Load(std::string_view descriptor_set) {
  auto checked = CheckParts(format_);
  if (checked) checked = CheckType(format_.event, topology_, plans_);
  for (const auto& [operation, type] : format_.operations) {
    if (checked) checked = CheckType(type, topology_, plans_);
  }
  if (!checked) return checked;
  std::vector<std::int32_t> message_path;
  if (format_.payload == Payload::kProtobuf) {
    auto proto = ProtoPayload::Create(format_, topology_, plans_, descriptor_set);
    if (!proto) return std::unexpected(std::move(proto).error());
    proto_ = *std::move(proto);
    message_path = proto_->message_path();
  }
  if (!format_.registry_framed) return {};
  auto frame = RegistryFrame::Create(format_, std::move(message_path));
  if (!frame) return std::unexpected(std::move(frame).error());
  frame_ = *std::move(frame);
  return {};
}

bool TopicDecoder::ReadEnvelope(const TopicRecord& record, PaddedText body, expression::Arena& arena, EnvelopeParts& parts, Decoded& out) {
  switch (format_.envelope) {
    case Envelope::kCloudEventsBinary:
      return cloud_events_.ReadBinary(body, record.headers, parts, out);
    case Envelope::kCloudEventsStructured:
      return cloud_events_.ReadStructured(body, record.headers, arena, parts, out);
    case Envelope::kDebezium:
      return debezium_.Read(record, body, arena, parts, out);
    case Envelope::kNone:
      break;
  }
  if (ProtoPayload::IsEvent(format_)) return proto_->ReadEvent(body.text(), parts, out);
  parts.payload = body;
  return true;
}

bool TopicDecoder::FindType(EnvelopeParts& parts, Decoded& out) {
  if (format_.envelope != Envelope::kDebezium && !format_.event.empty()) parts.type = format_.event;
  if (format_.payload == Payload::kJson && format_.envelope != Envelope::kDebezium &&
      format_.envelope != Envelope::kCloudEventsStructured && !JsonPayload::CheckUtf8(parts.payload.text(), out)) {
    return false;  // the others have checked it
  }
  if (parts.type.empty()) {
    const bool found = format_.payload == Payload::kJson ? json_.FindType(parts.payload, type_path_, parts.type, out)
                                                         : proto_->FindType(parts.payload.text(), parts.type, out);
    if (!found) return false;
  }
  out.type = parts.type;
  return true;
}

bool TopicDecoder::ReadPayload(const EnvelopeParts& parts, std::uint32_t type, EventDraft& draft, Decoded& out) {
  if (format_.payload == Payload::kProtobuf) return proto_->Read(parts.payload.text(), parts.message, type, draft, out);
  if (format_.envelope == Envelope::kDebezium) draft.forms = debezium_.FormsOf(*draft.plan);
  return json_.Read(parts.payload, draft, out);
}

bool TopicDecoder::CheckPayload(const EnvelopeParts& parts, Decoded& out) {
  return format_.payload == Payload::kJson ? json_.Check(parts.payload, out) : ProtoPayload::Check(parts.payload.text(), out);
}

void TopicDecoder::TakeKey(const TopicRecord& record, EnvelopeParts& parts) const {
  if (format_.time == TimeFrom::kRecord) {
    parts.time.reset();
    if (record.timestamp != EngineTime{}) parts.time = record.timestamp;
  }
  if (format_.customer != "key" || !record.key) return;
  parts.customer = *record.key;
  if (parts.customer.size() > kIdBytesMax) parts.Note(AsCustomerFault(OutOfRange("longer than 256 bytes")), "key");
  if (!IsUtf8(parts.customer)) parts.Note(AsCustomerFault(WrongType("not UTF-8")), "key");
}

Decoded TopicDecoder::Decode(const TopicRecord& record, expression::Arena& arena) {
  Decoded out;
  if (!record.value) {
    out.kind = Decoded::Kind::kSkipped;
    return out;
  }
  if (record.value->size() > kLineBytesMaxDefault) {
    MakeDeadLetter(out, DeadLetterReason::kTooLarge, "longer than the limit of a record");
    return out;
  }
  PaddedText body = *record.value;
  if (frame_ && !frame_->Strip(*record.value, record.headers, body, out)) return out;
  EnvelopeParts parts;
  if (!ReadEnvelope(record, body, arena, parts, out) || !FindType(parts, out)) return out;
  TakeKey(record, parts);
  const std::uint32_t type = plans_.Find(type_.Assign(parts.type).text());  // a header need not be padded
  if (type == KeyTable::kNone) {
    if (CheckPayload(parts, out)) MakeUndeclared(topology_.envelope, out);
    return out;
  }
  EventDraft draft;
  if (!plans_.Begin(type, arena, draft, out) || !ReadPayload(parts, type, draft, out)) return out;
  parts.FillIn(draft);
  if (!record.customer.empty()) draft.customer = record.customer;
  finisher_.Finish(draft, type, record.position, out);
  return out;
}

bool TopicDecoder::FindCustomers(const TopicRecord& record, expression::Arena& arena, std::vector<std::string_view>& customers,
                                 Decoded& out) {
  customers.clear();
  // What is no record is that to Decode.
  if (format_.customers.empty() || !record.value || record.value->size() > kLineBytesMaxDefault) return true;
  PaddedText body = *record.value;
  if (frame_ && !frame_->Strip(*record.value, record.headers, body, out)) return false;
  EnvelopeParts parts;
  if (!ReadEnvelope(record, body, arena, parts, out)) return false;
  if (!JsonPayload::CheckUtf8(parts.payload.text(), out) ||
      !json_.FindIds(parts.payload, format_.customers, kCustomersMax, arena, customers, out)) {
    return false;
  }
  if (customers.size() <= kCustomersMax) return true;
  MakeDeadLetter(out, DeadLetterReason::kBadCustomer, "more than " + std::to_string(kCustomersMax) + " customers");
  return false;
}

}  // namespace

Result<std::unique_ptr<RecordDecoder>> MakeRecordDecoder(const RecordFormat& format, const topology::Topology& topology,
                                                         std::string_view descriptor_set) {
  auto decoder = std::make_unique<TopicDecoder>(format, topology);
  auto loaded = decoder->Load(descriptor_set);
  if (!loaded) return std::unexpected(std::move(loaded).error());
  return std::unique_ptr<RecordDecoder>(std::move(decoder));
}

}  // namespace antiphon::formats
