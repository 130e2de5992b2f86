#include "services/formats/proto_plan.h"

#include <algorithm>
#include <optional>

#include <google/protobuf/descriptor.h>

#include "engine/expression/diagnostic.h"
#include "state/base/check.h"
#include "state/model/partition_state.h"

namespace antiphon::formats {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using topology::FieldType;

std::unexpected<Error> Refuse(std::string message) { return Fail(Recovery::kStopProcess, std::move(message)); }

WireType WireTypeOf(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return WireType::kFixed64;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return WireType::kFixed32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return WireType::kBytes;
    case FieldDescriptor::TYPE_GROUP:
      return WireType::kGroup;
    default:
      return WireType::kVarint;
  }
}

// The form of one value that is no message; nothing for bytes.
std::optional<ProtoForm> ScalarFormOf(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_BOOL:
      return ProtoForm::kBool;
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_SFIXED32:
      return ProtoForm::kInt32;
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SFIXED64:
      return ProtoForm::kInt64;
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_SINT64:
      return ProtoForm::kSint;
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      return ProtoForm::kUnsigned;
    case FieldDescriptor::TYPE_FLOAT:
      return ProtoForm::kFloat;
    case FieldDescriptor::TYPE_DOUBLE:
      return ProtoForm::kDouble;
    case FieldDescriptor::TYPE_ENUM:
      return ProtoForm::kEnum;
    case FieldDescriptor::TYPE_STRING:
      return ProtoForm::kText;
    default:
      return std::nullopt;
  }
}

std::string KindOf(const FieldDescriptor& field) {
  const std::string one = field.message_type() != nullptr && !field.is_map() ? "a message " + field.message_type()->full_name()
                          : field.enum_type() != nullptr                     ? "an enum " + field.enum_type()->full_name()
                                                                             : std::string("of type ") + field.type_name();
  return field.is_map() ? "a map" : field.is_repeated() ? "repeated, " + one : one;
}

std::shared_ptr<const ProtoEnum> NamesOf(const EnumDescriptor& type) {
  auto names = std::make_shared<ProtoEnum>();
  names->closed = type.file()->syntax() == google::protobuf::FileDescriptor::SYNTAX_PROTO2;
  for (int i = 0; i < type.value_count(); ++i) {
    const auto same = [&](const auto& pair) { return pair.first == type.value(i)->number(); };
    if (std::ranges::none_of(names->names, same)) names->names.emplace_back(type.value(i)->number(), type.value(i)->name());
  }
  std::ranges::sort(names->names);
  return names;
}

bool IsWrapper(const Descriptor& message) {
  return message.full_name() == "google.type.Decimal" ||
         (message.full_name().starts_with("google.protobuf.") && message.name().ends_with("Value") && message.field_count() == 1 &&
          message.field(0)->name() == "value" && message.field(0)->type() != FieldDescriptor::TYPE_BYTES);
}

// Whether a value of this form can be what is wanted. The other half of ProtoPayload's conversions.
bool Takes(const Target& target, const DecodePlan& plan, ProtoForm form) {
  const bool text = form == ProtoForm::kText;
  const bool whole = form == ProtoForm::kInt32 || form == ProtoForm::kInt64 || form == ProtoForm::kSint || form == ProtoForm::kUnsigned;
  const bool number = whole || form == ProtoForm::kFloat || form == ProtoForm::kDouble;
  const bool scalar = text || number || form == ProtoForm::kBool || form == ProtoForm::kEnum;
  switch (target.kind) {
    case TargetKind::kType:
      return text || form == ProtoForm::kEnum;
    case TargetKind::kId:
    case TargetKind::kCustomer:
      return text || whole;
    case TargetKind::kTime:
      return text || whole || form == ProtoForm::kTime;
    case TargetKind::kBackfill:
      return form == ProtoForm::kBool;
    case TargetKind::kControlTarget:
      return static_cast<state::PausedKind>(target.index) == state::PausedKind::kAll ? form == ProtoForm::kBool : text;
    case TargetKind::kControlVersion:
      return text;
    case TargetKind::kField:
      break;
  }
  const topology::EventField& field = plan.type->fields[target.index];
  if (!field.values.empty() && scalar) return true;  // by its word
  switch (field.type) {
    case FieldType::kString:
      return text || form == ProtoForm::kEnum;
    case FieldType::kBool:
      return form == ProtoForm::kBool;
    case FieldType::kInt:
      return text || whole;
    case FieldType::kDouble:
      return number;
    case FieldType::kDecimal:
      return text || number || form == ProtoForm::kMoney;
    case FieldType::kDate:
      return text || form == ProtoForm::kDate;
    case FieldType::kTimestamp:
      return text || whole || form == ProtoForm::kTime;
    case FieldType::kStringList:
      return form == ProtoForm::kTextList || form == ProtoForm::kEnumList;
    case FieldType::kMap:
      return form == ProtoForm::kStruct || form == ProtoForm::kMap;
  }
  return false;
}

const char* TypeWord(FieldType type) {
  static constexpr std::array<const char*, 9> kWords{"string", "bool",      "int",          "double", "decimal",
                                                     "date",   "timestamp", "list(string)", "map"};
  return kWords.at(static_cast<std::size_t>(type));
}

std::string WantedName(const Target& target, const DecodePlan& plan) {
  std::string of = plan.type == nullptr ? "control records" : "event type " + plan.type->name;
  switch (target.kind) {
    case TargetKind::kType:
      return "the type of the record";
    case TargetKind::kId:
      return of + ", id";
    case TargetKind::kCustomer:
      return of + ", customer";
    case TargetKind::kTime:
      return of + ", time";
    case TargetKind::kBackfill:
      return of + ", backfill";
    case TargetKind::kControlTarget:
    case TargetKind::kControlVersion:
      return of;
    case TargetKind::kField:
      break;
  }
  if (plan.type == nullptr) return of;
  const topology::EventField& field = plan.type->fields[target.index];
  return of + ", field " + field.name + ", which is declared as " + TypeWord(field.type);
}

class Compiler {
 public:
  Compiler(const Descriptor& message, const DecodePlan& plan, MissingField missing) : plan_(plan), missing_(missing) {
    out_.nodes.emplace_back();
    messages_.push_back(&message);
  }

  Result<ProtoPlan> Compile() {
    for (const DecodePlan::Wanted& wanted : plan_.wanted) {
      auto done = Add(wanted);
      if (!done) return std::unexpected(std::move(done).error());
    }
    for (std::uint32_t node = 0; node < out_.nodes.size(); ++node) AddOneofs(node);
    for (ProtoPlan::Node& node : out_.nodes) {
      std::ranges::sort(node.entries, {}, &ProtoPlan::Entry::number);
      for (std::size_t i = 0; i < node.entries.size() && i < 255; ++i) {
        const std::uint32_t number = node.entries[i].number;
        if (number < ProtoPlan::Node::kDirect) node.direct[number] = static_cast<std::uint8_t>(i + 1);
      }
    }
    return std::move(out_);
  }

 private:
  // Entries of one node never move their meaning while it is filled: they are found by number.
  ProtoPlan::Entry& EntryOf(std::uint32_t node, const FieldDescriptor& field) {
    auto& entries = out_.nodes[node].entries;
    const auto number = static_cast<std::uint32_t>(field.number());
    const auto found = std::ranges::find(entries, number, &ProtoPlan::Entry::number);
    if (found != entries.end()) return *found;
    entries.push_back(
        {.number = number, .wire = WireTypeOf(field), .packable = false, .list = false, .slot = kNoSlot, .node = kNoSlot, .clears = {}});
    return entries.back();
  }
  std::uint32_t SlotOf(std::uint32_t node, const FieldDescriptor& field) {
    ProtoPlan::Entry& entry = EntryOf(node, field);
    if (entry.slot == kNoSlot) entry.slot = out_.slots++;
    return entry.slot;
  }
  // The node of a field that is a message; its presence has a slot too.
  std::uint32_t NodeOf(std::uint32_t node, const FieldDescriptor& field) {
    (void)SlotOf(node, field);
    if (const std::uint32_t below = EntryOf(node, field).node; below != kNoSlot) return below;
    const auto made = static_cast<std::uint32_t>(out_.nodes.size());
    EntryOf(node, field).node = made;
    out_.nodes.emplace_back();
    messages_.push_back(field.message_type());
    return made;
  }

  const FieldDescriptor* FindField(const Descriptor& message, const std::string& name) const {
    if (const FieldDescriptor* field = message.FindFieldByName(name)) return field;
    return message.FindFieldByCamelcaseName(name);
  }

  Result<void> Add(const DecodePlan::Wanted& wanted) {
    std::uint32_t node = 0;
    const FieldDescriptor* field = nullptr;
    std::string path;
    for (std::size_t i = 0; i < wanted.path.size(); ++i) {
      const Descriptor& message = *messages_[node];
      field = FindField(message, wanted.path[i]);
      path.append(i == 0 ? "" : ".").append(wanted.path[i]);
      if (field == nullptr) return Missing(message, wanted, i);
      if (i + 1 == wanted.path.size()) break;
      if (field->type() != FieldDescriptor::TYPE_MESSAGE || field->is_repeated()) {
        return Refuse(Where(wanted) + path + " is " + KindOf(*field) + "; only a single message has fields");
      }
      node = NodeOf(node, *field);
    }
    ANTIPHON_CHECK(field != nullptr);  // a path is not empty
    auto value = MakeValue(node, *field, wanted);
    if (!value) return std::unexpected(std::move(value).error());
    value->target = wanted.target;
    value->path = std::move(path);
    out_.values.push_back(*std::move(value));
    return {};
  }

  std::string Where(const DecodePlan::Wanted& wanted) const {
    return "message " + messages_[0]->full_name() + ", for " + WantedName(wanted.target, plan_) + ": ";
  }

  Result<void> Missing(const Descriptor& message, const DecodePlan::Wanted& wanted, std::size_t depth) const {
    // The flag, an id of the usual name and the version need not be there; what the topology wants of a type that comes in several messages
    // need not be in each.
    const bool optional = (wanted.target.kind == TargetKind::kBackfill && wanted.path == std::vector<std::string>{"backfill"}) ||
                          (wanted.target.kind == TargetKind::kId && wanted.path == std::vector<std::string>{"id"}) ||
                          wanted.target.kind == TargetKind::kControlVersion;
    if (optional || missing_ == MissingField::kAbsent) return {};
    std::vector<std::string> names;
    names.reserve(static_cast<std::size_t>(message.field_count()));
    for (int i = 0; i < message.field_count(); ++i) names.push_back(message.field(i)->name());
    const std::string nearest = expression::NearestName(wanted.path[depth], names);
    return Refuse(Where(wanted) + message.full_name() + " has no field '" + wanted.path[depth] + "'" +
                  (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
  }

  Result<ProtoPlan::Value> MakeValue(std::uint32_t node, const FieldDescriptor& field, const DecodePlan::Wanted& wanted) {
    ProtoPlan::Value value;
    const auto refuse = [&]() -> std::unexpected<Error> {
      std::string remedy;
      if (field.message_type() != nullptr && !field.is_repeated()) remedy = "; name one of its fields";
      return Refuse(Where(wanted) + field.full_name() + " is " + KindOf(field) + remedy);
    };
    const bool fine = field.is_repeated()               ? Repeated(node, field, value)
                      : field.message_type() != nullptr ? Message(node, field, value)
                                                        : Scalar(node, field, value);
    if (!fine || !Takes(wanted.target, plan_, value.form)) return refuse();
    return value;
  }

  bool Scalar(std::uint32_t node, const FieldDescriptor& field, ProtoPlan::Value& value) {
    const auto form = ScalarFormOf(field);
    if (!form) return false;
    value.form = *form;
    value.implicit = !field.has_presence();
    if (field.enum_type() != nullptr) value.names = NamesOf(*field.enum_type());
    value.slots[0] = SlotOf(node, field);
    return true;
  }

  bool Message(std::uint32_t node, const FieldDescriptor& field, ProtoPlan::Value& value) {
    const Descriptor& message = *field.message_type();
    if (field.type() == FieldDescriptor::TYPE_GROUP) return false;
    const std::string& name = message.full_name();
    if (name == "google.protobuf.Struct") {
      value.form = ProtoForm::kStruct;
      ProtoPlan::Entry& entry = EntryOf(node, field);
      if (entry.node != kNoSlot) return false;  // somebody reads within it
      entry.list = true;
      value.slots[0] = SlotOf(node, field);
      return true;
    }
    const auto parts = [&](ProtoForm form, std::initializer_list<const char*> names) {
      value.form = form;
      value.presence = SlotOf(node, field);
      const std::uint32_t below = NodeOf(node, field);
      std::size_t i = 0;
      for (const char* part : names) {
        const FieldDescriptor* found = message.FindFieldByName(part);
        if (found == nullptr || !ScalarFormOf(*found)) return false;
        value.slots.at(i++) = SlotOf(below, *found);
      }
      return true;
    };
    if (name == "google.protobuf.Timestamp") return parts(ProtoForm::kTime, {"seconds", "nanos"});
    if (name == "google.type.Date") return parts(ProtoForm::kDate, {"year", "month", "day"});
    if (name == "google.type.Money") return parts(ProtoForm::kMoney, {"units", "nanos"});
    if (!IsWrapper(message)) return false;
    return parts(*ScalarFormOf(*message.field(0)), {"value"});
  }

  bool Repeated(std::uint32_t node, const FieldDescriptor& field, ProtoPlan::Value& value) {
    if (field.is_map()) {
      const FieldDescriptor& item = *field.message_type()->map_value();
      const auto form = ScalarFormOf(item);
      if (field.message_type()->map_key()->type() != FieldDescriptor::TYPE_STRING || !form) return false;
      value.form = ProtoForm::kMap;
      value.item = *form;
      if (item.enum_type() != nullptr) value.names = NamesOf(*item.enum_type());
    } else if (field.type() == FieldDescriptor::TYPE_STRING) {
      value.form = ProtoForm::kTextList;
    } else if (field.enum_type() != nullptr) {
      value.form = ProtoForm::kEnumList;
      value.names = NamesOf(*field.enum_type());
      EntryOf(node, field).packable = true;
    } else {
      return false;
    }
    EntryOf(node, field).list = true;
    value.slots[0] = SlotOf(node, field);
    return true;
  }

  // A member of a oneof that comes undoes those that came before it, also if nobody reads it.
  void AddOneofs(std::uint32_t node) {
    const Descriptor& message = *messages_[node];
    const std::size_t count = out_.nodes[node].entries.size();
    for (std::size_t i = 0; i < count; ++i) {
      const FieldDescriptor& field = *message.FindFieldByNumber(static_cast<int>(out_.nodes[node].entries[i].number));
      const auto* oneof = field.real_containing_oneof();
      if (oneof == nullptr) continue;
      std::vector<std::uint32_t> slots;
      SlotsBelow(out_.nodes[node].entries[i], slots);
      for (int other = 0; other < oneof->field_count(); ++other) {
        if (oneof->field(other) == &field) continue;
        auto& clears = EntryOf(node, *oneof->field(other)).clears;
        clears.insert(clears.end(), slots.begin(), slots.end());
      }
    }
  }
  void SlotsBelow(const ProtoPlan::Entry& entry, std::vector<std::uint32_t>& out) const {
    if (entry.slot != kNoSlot) out.push_back(entry.slot);
    if (entry.node == kNoSlot) return;
    for (const ProtoPlan::Entry& below : out_.nodes[entry.node].entries) SlotsBelow(below, out);
  }

  const DecodePlan& plan_;
  MissingField missing_;
  ProtoPlan out_;
  std::vector<const Descriptor*> messages_;  // by node
};

}  // namespace

const ProtoPlan::Entry* ProtoPlan::Node::Find(std::uint32_t number) const {
  if (number < kDirect) return direct[number] == 0 ? nullptr : &entries[direct[number] - std::size_t{1}];
  const auto found = std::ranges::lower_bound(entries, number, {}, &Entry::number);
  return found != entries.end() && found->number == number ? &*found : nullptr;
}

Result<ProtoPlan> CompileProtoPlan(const google::protobuf::Descriptor& message, const DecodePlan& plan, MissingField missing) {
  return Compiler(message, plan, missing).Compile();
}

}  // namespace antiphon::formats
