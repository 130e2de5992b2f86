#include "services/formats/message_catalog.h"

#include <algorithm>
#include <utility>

#include <google/protobuf/descriptor.h>

#include "antiphon/v1/events.pb.h"
#include "antiphon/v1/options.pb.h"

namespace antiphon::formats {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using topology::EventField;
using topology::EventRole;
using topology::FieldType;

EventRole RoleOf(v1::EventRole role) {
  switch (role) {
    case v1::EVENT_ROLE_CONSENT_CHANGED:
      return EventRole::kConsentChanged;
    case v1::EVENT_ROLE_CONTACT_POINT_CHANGED:
      return EventRole::kContactPointChanged;
    case v1::EVENT_ROLE_CONTACT_RECORDED:
      return EventRole::kContactRecorded;
    case v1::EVENT_ROLE_CONTACT_RESPONSE:
      return EventRole::kContactResponse;
    case v1::EVENT_ROLE_DECISION_REQUESTED:
      return EventRole::kDecisionRequested;
    case v1::EVENT_ROLE_INTERACTION_ENDED:
      return EventRole::kInteractionEnded;
    case v1::EVENT_ROLE_PAGE_VIEWED:
      return EventRole::kPageViewed;
    default:
      return EventRole::kPlain;
  }
}

FieldType TextTypeOf(const FieldDescriptor& field) {
  switch (field.options().GetExtension(v1::text_form)) {
    case v1::TEXT_FORM_DECIMAL:
      return FieldType::kDecimal;
    case v1::TEXT_FORM_DATE:
      return FieldType::kDate;
    default:
      return FieldType::kString;
  }
}

FieldType TypeOf(const FieldDescriptor& field) {
  if (field.is_map()) return FieldType::kMap;
  if (field.is_repeated()) return FieldType::kStringList;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return FieldType::kBool;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return FieldType::kDouble;
    case FieldDescriptor::CPPTYPE_STRING:
      return TextTypeOf(field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return field.message_type()->name() == "Struct" ? FieldType::kMap : FieldType::kTimestamp;
    default:
      return FieldType::kInt;
  }
}

// A message of ours is flattened; protobuf's own (Timestamp, Struct) are values.
bool IsNested(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_repeated() &&
         field.message_type()->file()->package() != "google.protobuf";
}

void AddFields(const Descriptor& message, const std::string& prefix, const std::vector<std::string>& path, std::vector<EventField>& out) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    std::vector<std::string> where = path;
    where.push_back(field.name());
    if (IsNested(field)) {
      AddFields(*field.message_type(), prefix + field.name() + ".", where, out);
      continue;
    }
    EventField made;
    made.name = prefix + field.name();
    made.type = TypeOf(field);
    made.scale = static_cast<std::uint8_t>(field.options().GetExtension(v1::decimal_scale));
    made.path = std::move(where);
    out.push_back(std::move(made));
  }
}

}  // namespace

ProtoMessageCatalog::ProtoMessageCatalog() {
  const auto& file = *v1::Event::descriptor()->file();
  for (int i = 0; i < file.message_type_count(); ++i) {
    const Descriptor& message = *file.message_type(i);
    const std::string& type = message.options().GetExtension(v1::event_type);
    if (type.empty()) continue;
    Entry entry;
    entry.event_type = type;
    entry.message.role = RoleOf(message.options().GetExtension(v1::role));
    AddFields(message, "", {}, entry.message.fields);
    std::ranges::sort(entry.message.fields, {}, &EventField::name);
    entries_.emplace(message.full_name(), std::move(entry));
  }
}

const topology::MessageCatalog::Message* ProtoMessageCatalog::Find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second.message;
}

std::vector<std::string> ProtoMessageCatalog::Names() const {
  std::vector<std::string> names;
  names.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

std::string_view ProtoMessageCatalog::EventTypeOf(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? std::string_view() : found->second.event_type;
}

}  // namespace antiphon::formats
