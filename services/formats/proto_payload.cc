#include "services/formats/proto_payload.h"

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>

#include "antiphon/v1/control.pb.h"
#include "antiphon/v1/events.pb.h"
#include "engine/expression/diagnostic.h"
#include "services/formats/message_catalog.h"
#include "services/formats/proto_plan.h"
#include "services/formats/proto_values.h"
#include "services/formats/proto_wire.h"
#include "state/base/check.h"

namespace antiphon::formats {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

constexpr std::uint32_t kUnknownMessage = 0xFFFFFFFE;
constexpr const char* kEventMessage = "antiphon.v1.Event";

std::unexpected<Error> Refuse(std::string message) { return Fail(Recovery::kStopProcess, std::move(message)); }

bool NotProtobuf(Decoded& out, const char* what = "not protobuf, or cut off") {
  MakeDeadLetter(out, DeadLetterReason::kNotProtobuf, what);
  return false;
}

// False: it is no message.
template <typename Use>
bool ForEachField(std::string_view message, Use&& use) {
  WireReader reader(message);
  WireField field;
  while (true) {
    const WireReader::Next next = reader.ReadField(field);
    if (next != WireReader::Next::kField) return next == WireReader::Next::kEnd;
    if (!use(field)) return false;
  }
}

// An antiphon.v1.Event on the wire. Its messages may come in pieces, which are merged.
struct EventParts {
  std::string_view id;
  std::string_view source;
  std::string_view type;
  std::string_view customer;
  std::string_view type_url;
  std::string_view value;
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  bool has_time = false;
  bool backfill = false;

  bool Read(std::string_view event) {
    return ForEachField(event, [this](const WireField& field) {
      if (field.type == WireType::kVarint && field.number == v1::Event::kBackfillFieldNumber) backfill = field.bits != 0;
      return field.type != WireType::kBytes || Take(field);
    });
  }
  bool Take(const WireField& field) {
    switch (static_cast<int>(field.number)) {
      case v1::Event::kIdFieldNumber:
        id = field.bytes;
        return true;
      case v1::Event::kSourceFieldNumber:
        source = field.bytes;
        return true;
      case v1::Event::kTypeFieldNumber:
        type = field.bytes;
        return true;
      case v1::Event::kTimeFieldNumber:
        return ReadTime(field.bytes);
      case v1::Event::kCustomerIdFieldNumber:
        customer = field.bytes;
        return true;
      case v1::Event::kDataFieldNumber:
        return ForEachField(field.bytes, [this](const WireField& part) {
          if (part.type == WireType::kBytes && part.number == 1) type_url = part.bytes;
          if (part.type == WireType::kBytes && part.number == 2) value = part.bytes;
          return true;
        });
      default:
        return true;
    }
  }
  bool ReadTime(std::string_view time) {
    has_time = true;
    return ForEachField(time, [this](const WireField& part) {
      if (part.type == WireType::kVarint && part.number == 1) seconds = static_cast<std::int64_t>(part.bits);
      if (part.type == WireType::kVarint && part.number == 2) nanos = static_cast<std::int32_t>(static_cast<std::uint32_t>(part.bits));
      return true;
    });
  }
};

// Keeps what protobuf says of a descriptor instead of printing it.
class FirstError final : public DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& file, const std::string& element, const google::protobuf::Message* /*descriptor*/,
                ErrorLocation /*place*/, const std::string& message) override {
    if (text_.empty()) text_ = file + ": " + element + ": " + message;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

class ProtoPayload::Impl {
 public:
  Impl(const topology::Topology& topology, const TypePlans& plans) : topology_(topology), plans_(plans) {}

  Result<void> Load(const RecordFormat& format, std::string_view descriptor_set);
  [[nodiscard]] const std::vector<std::int32_t>& message_path() const { return message_path_; }
  bool ReadEvent(std::string_view event, EnvelopeParts& parts, Decoded& out);
  bool FindType(std::string_view message, std::string_view& type, Decoded& out);
  bool Read(std::string_view bytes, std::uint32_t message, std::uint32_t type, EventDraft& draft, Decoded& out);

 private:
  struct Message {
    const Descriptor* descriptor = nullptr;
    std::string_view event_type;                       // of Antiphon's own
    std::map<std::uint32_t, Result<ProtoPlan>> plans;  // by type, made when first met
  };

  Result<void> LoadSet(std::string_view descriptor_set);
  void AddMessage(const Descriptor& message);
  void AddFile(const FileDescriptor& file);
  Result<void> Declare(const RecordFormat& format);
  const Result<ProtoPlan>& PlanFor(std::uint32_t message, std::uint32_t type);

  const topology::Topology& topology_;
  const TypePlans& plans_;
  ProtoMessageCatalog catalog_;
  // The bank's files, and behind them those that protobuf and Antiphon have.
  std::unique_ptr<google::protobuf::SimpleDescriptorDatabase> given_;
  std::unique_ptr<google::protobuf::DescriptorPoolDatabase> built_in_;
  std::unique_ptr<google::protobuf::MergedDescriptorDatabase> all_;
  std::unique_ptr<FirstError> errors_;
  std::unique_ptr<DescriptorPool> pool_;
  std::vector<Message> messages_;  // [0]: the declared one
  std::map<std::string, std::uint32_t, std::less<>> by_name_;
  std::vector<std::int32_t> message_path_;
  std::optional<ProtoPlan> type_plan_;
  ProtoScan scan_;
  ProtoValues values_;
};

void ProtoPayload::Impl::AddMessage(const Descriptor& message) {
  if (by_name_.try_emplace(message.full_name(), static_cast<std::uint32_t>(messages_.size())).second) {
    messages_.push_back({.descriptor = &message, .event_type = catalog_.EventTypeOf(message.full_name()), .plans = {}});
  }
  for (int i = 0; i < message.nested_type_count(); ++i) AddMessage(*message.nested_type(i));
}

void ProtoPayload::Impl::AddFile(const FileDescriptor& file) {
  for (int i = 0; i < file.message_type_count(); ++i) AddMessage(*file.message_type(i));
}

Result<void> ProtoPayload::Impl::LoadSet(std::string_view descriptor_set) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size())) || set.file_size() == 0) {
    return Refuse("the descriptor is no FileDescriptorSet; make one by protoc --include_imports --descriptor_set_out=FILE");
  }
  given_ = std::make_unique<google::protobuf::SimpleDescriptorDatabase>();
  for (const auto& file : set.file()) {
    if (!given_->Add(file)) return Refuse("the descriptor has " + file.name() + " twice, or a name of it elsewhere");
  }
  built_in_ = std::make_unique<google::protobuf::DescriptorPoolDatabase>(*DescriptorPool::generated_pool());
  all_ = std::make_unique<google::protobuf::MergedDescriptorDatabase>(given_.get(), built_in_.get());
  errors_ = std::make_unique<FirstError>();
  pool_ = std::make_unique<DescriptorPool>(all_.get(), errors_.get());
  for (const auto& file : set.file()) {
    const FileDescriptor* built = pool_->FindFileByName(file.name());
    if (built == nullptr) return Refuse("the descriptor is not whole: " + errors_->text());
    AddFile(*built);
  }
  return {};
}

Result<void> ProtoPayload::Impl::Load(const RecordFormat& format, std::string_view descriptor_set) {
  messages_.emplace_back();
  if (!format.descriptor.empty() || !descriptor_set.empty()) {
    auto loaded = LoadSet(descriptor_set);
    if (!loaded) return loaded;
  }
  AddFile(*v1::Event::descriptor()->file());
  AddFile(*v1::Control::descriptor()->file());
  return Declare(format);
}

Result<void> ProtoPayload::Impl::Declare(const RecordFormat& format) {
  const std::string name = format.message.empty() ? kEventMessage : format.message;
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    std::vector<std::string> names;
    names.reserve(by_name_.size());
    for (const auto& [known, number] : by_name_) names.push_back(known);
    const std::string nearest = expression::NearestName(name, names);
    return Refuse("the descriptor has no message '" + name + "'" + (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
  }
  messages_[0].descriptor = messages_[found->second].descriptor;
  const Descriptor& message = *messages_[0].descriptor;
  message_path_ = {message.index()};
  for (const Descriptor* part = message.containing_type(); part != nullptr; part = part->containing_type()) {
    message_path_.insert(message_path_.begin(), part->index());
  }
  if (IsEvent(format)) return {};
  if (!format.event.empty()) {
    auto plan = CompileProtoPlan(message, plans_.plan(plans_.Find(PaddedBuffer(format.event).padded().text())), MissingField::kRefused);
    if (!plan) return std::unexpected(std::move(plan).error());
  } else if (format.envelope == Envelope::kNone) {
    DecodePlan wanted;
    wanted.nodes.emplace_back();
    wanted.Add(TypePathOf(topology_.envelope), {.kind = TargetKind::kType});
    auto plan = CompileProtoPlan(message, wanted, MissingField::kRefused);
    if (!plan) return Refuse(plan.error().message + "; if all records of the topic are of one type, say so: `event:`");
    type_plan_ = *std::move(plan);
  }
  return {};
}

const Result<ProtoPlan>& ProtoPayload::Impl::PlanFor(std::uint32_t message, std::uint32_t type) {
  Message& of = messages_[message];
  const auto found = of.plans.find(type);
  if (found != of.plans.end()) return found->second;
  return of.plans.emplace(type, CompileProtoPlan(*of.descriptor, plans_.plan(type), MissingField::kAbsent)).first->second;
}

bool ProtoPayload::Impl::Read(std::string_view bytes, std::uint32_t message, std::uint32_t type, EventDraft& draft, Decoded& out) {
  if (message == kNoMessage) return true;
  if (message == kUnknownMessage) {
    MakeDeadLetter(out, DeadLetterReason::kUnknownMessage, "data is of a message that no descriptor has");
    return false;
  }
  const Result<ProtoPlan>& plan = PlanFor(message, type);
  if (!plan) {
    MakeDeadLetter(out, DeadLetterReason::kBadField, plan.error().message);
    return false;
  }
  if (!scan_.Run(*plan, bytes)) return NotProtobuf(out);
  values_.Read(*plan, scan_, draft);
  return true;
}

bool ProtoPayload::Impl::FindType(std::string_view message, std::string_view& type, Decoded& out) {
  ANTIPHON_CHECK(type_plan_.has_value());
  if (!scan_.Run(*type_plan_, message)) return NotProtobuf(out);
  const ProtoPlan::Value& value = type_plan_->values.front();
  if (values_.ReadText(value, scan_, type).bad()) return NotProtobuf(out, "the type is not UTF-8");
  if (!type.empty()) return true;
  MakeDeadLetter(out, DeadLetterReason::kNoType, "no text at " + value.path);
  return false;
}

bool ProtoPayload::Impl::ReadEvent(std::string_view event, EnvelopeParts& parts, Decoded& out) {
  EventParts found;
  if (!found.Read(event)) return NotProtobuf(out);
  for (const std::string_view text : {found.id, found.source, found.type, found.customer, found.type_url}) {
    if (!IsUtf8(text)) return NotProtobuf(out, "a text of the envelope is not UTF-8");
  }
  if (found.source.size() > kIdBytesMax) {
    MakeDeadLetter(out, DeadLetterReason::kBadEnvelope, "source is longer than 256 bytes");
    return false;
  }
  parts.message = kNoMessage;
  if (!found.type_url.empty() || !found.value.empty()) {
    const std::string_view name = found.type_url.substr(found.type_url.rfind('/') + 1);  // npos + 1 is 0
    const auto message = by_name_.find(name);
    parts.message = message == by_name_.end() ? kUnknownMessage : message->second;
  }
  const bool known = parts.message != kNoMessage && parts.message != kUnknownMessage;
  parts.type = found.type.empty() && known ? messages_[parts.message].event_type : found.type;
  if (parts.type.empty()) {
    MakeDeadLetter(out, DeadLetterReason::kNoType, "no type, and data that does not tell it");
    return false;
  }
  parts.id = found.id;
  parts.source = found.source;
  parts.customer = found.customer;
  parts.backfill = found.backfill;
  parts.payload = PaddedText::AssumePadded(found.value);
  if (parts.id.size() > kIdBytesMax) parts.Note(AsIdFault(OutOfRange("longer than 256 bytes")), "id");
  if (parts.customer.size() > kIdBytesMax) parts.Note(AsCustomerFault(OutOfRange("longer than 256 bytes")), "customer_id");
  if (!found.has_time) return true;
  constexpr std::int64_t kSecondsMax = 253'402'300'800;  // the year 10000
  if (found.nanos < 0 || found.nanos >= 1'000'000'000 || found.seconds > kSecondsMax || found.seconds < -kSecondsMax) {
    parts.Note(AsTimeFault(OutOfRange("not a time")), "time");
  } else {
    parts.time = FromEpochMs(found.seconds * 1000 + found.nanos / 1'000'000);
  }
  return true;
}

bool ProtoPayload::Check(std::string_view message, Decoded& out) {
  return ForEachField(message, [](const WireField& /*field*/) { return true; }) || NotProtobuf(out);
}

Result<std::unique_ptr<ProtoPayload>> ProtoPayload::Create(const RecordFormat& format, const topology::Topology& topology,
                                                           const TypePlans& plans, std::string_view descriptor_set) {
  auto impl = std::make_unique<Impl>(topology, plans);
  auto loaded = impl->Load(format, descriptor_set);
  if (!loaded) return std::unexpected(std::move(loaded).error());
  return std::unique_ptr<ProtoPayload>(new ProtoPayload(std::move(impl)));
}

ProtoPayload::ProtoPayload(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProtoPayload::~ProtoPayload() = default;

bool ProtoPayload::IsEvent(const RecordFormat& format) {
  return format.payload == Payload::kProtobuf && (format.message.empty() || format.message == kEventMessage);
}
const std::vector<std::int32_t>& ProtoPayload::message_path() const { return impl_->message_path(); }
bool ProtoPayload::ReadEvent(std::string_view event, EnvelopeParts& parts, Decoded& out) { return impl_->ReadEvent(event, parts, out); }
bool ProtoPayload::FindType(std::string_view message, std::string_view& type, Decoded& out) { return impl_->FindType(message, type, out); }
bool ProtoPayload::Read(std::string_view bytes, std::uint32_t message, std::uint32_t type, EventDraft& draft, Decoded& out) {
  return impl_->Read(bytes, message, type, draft, out);
}

}  // namespace antiphon::formats
