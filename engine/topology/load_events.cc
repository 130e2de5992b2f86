#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>

#include "engine/topology/loaders.h"
#include "engine/topology/map_reader.h"
#include "engine/topology/paths.h"

namespace antiphon::topology {
namespace {

const Words<EventRole>& RoleWords() {
  static const Words<EventRole> kWords = {{"consent_changed", EventRole::kConsentChanged},
                                          {"contact_point_changed", EventRole::kContactPointChanged},
                                          {"contact_recorded", EventRole::kContactRecorded},
                                          {"contact_response", EventRole::kContactResponse},
                                          {"decision_requested", EventRole::kDecisionRequested},
                                          {"interaction_ended", EventRole::kInteractionEnded},
                                          {"page_viewed", EventRole::kPageViewed}};
  return kWords;
}

// The fields without which a role cannot be played.
std::vector<RoleField> RequiredFields(EventRole role) {
  switch (role) {
    case EventRole::kConsentChanged:
      return {RoleField::kGranted};
    case EventRole::kContactPointChanged:
      return {RoleField::kKind, RoleField::kGood};
    case EventRole::kContactRecorded:
      return {RoleField::kChannel, RoleField::kStatus};
    case EventRole::kContactResponse:
      return {RoleField::kCode};
    case EventRole::kDecisionRequested:
      return {RoleField::kChannel};
    case EventRole::kInteractionEnded:
      return {RoleField::kInteractionId};
    case EventRole::kPageViewed:
      return {RoleField::kPath};
    case EventRole::kPlain:
      break;
  }
  return {};
}

FieldType TypeOfRoleField(RoleField field) {
  if (field == RoleField::kGranted || field == RoleField::kGood || field == RoleField::kSensitive) return FieldType::kBool;
  return field == RoleField::kSlots ? FieldType::kInt : FieldType::kString;
}

// What all event types share unless they say otherwise.
struct Defaults {
  std::vector<std::string> id{"id"};
  std::vector<std::string> time{"time"};
  std::vector<std::string> customer{"customer_id"};
  std::string source;
};

class EventLoader {
 public:
  explicit EventLoader(Loading& loading) : loading_(loading) {}

  void LoadAll() {
    ReadEnvelope();
    for (const Written& written : SortedDefinitions(loading_, "events", loading_.event_names)) {
      LoadType(written);
      const auto index = static_cast<EventTypeIndex>(loading_.topology.event_types.size() - 1);
      const EventType& type = loading_.topology.event_types.back();
      if (!loading_.topology.event_type_by_log_name.emplace(type.name_in_log, index).second)
        loading_.Error(*written.key, "duplicate_name_in_log", "another event type is called '" + type.name_in_log + "' in the log");
    }
    if (loading_.event_names.empty() && loading_.sections.root != nullptr)
      loading_.Error(*loading_.sections.root, "missing_key", "a topology needs `events`");
  }

 private:
  void ReadEnvelope() {
    Envelope& envelope = loading_.topology.envelope;
    envelope.type_path = {"type"};
    envelope.backfill_path = {"backfill"};
    const YamlNode* node = loading_.sections.Value("envelope");
    if (node == nullptr) return;
    MapReader reader(loading_, *node, "the envelope");
    ReadPathInto(reader, "type", envelope.type_path);
    ReadPathInto(reader, "backfill", envelope.backfill_path);
    ReadPathInto(reader, "id", defaults_.id);
    ReadPathInto(reader, "time", defaults_.time);
    ReadPathInto(reader, "customer", defaults_.customer);
    defaults_.source = reader.Text("source");
    envelope.unknown_types_dead_letter = reader.Word<bool>("unknown_types", {{"skip", false}, {"dead_letter", true}}).value_or(false);
    reader.Finish();
  }

  void ReadPathInto(MapReader& reader, std::string_view key, std::vector<std::string>& path) {
    if (const YamlNode* node = reader.Find(key))
      if (auto read = ReadPath(loading_, *node, key)) path = std::move(*read);
  }

  void LoadType(const Written& written) {
    EventType type;
    type.name = written.key->text;
    type.id_path = defaults_.id;
    type.time_path = defaults_.time;
    type.customer_path = defaults_.customer;
    MapReader reader(loading_, *written.value, "an event type");
    type.about = reader.Text("about");
    type.name_in_log = reader.Text("name_in_log", type.name);
    type.source = reader.Text("source", defaults_.source);
    ReadPathInto(reader, "id", type.id_path);
    ReadPathInto(reader, "time", type.time_path);
    ReadPathInto(reader, "customer", type.customer_path);
    type.lateness = reader.Duration("lateness", true).value_or(Milliseconds{0});
    std::map<std::string, EventField> fields;
    ReadMessage(reader, type, fields);
    if (const auto role = reader.Word<EventRole>("acts_as", RoleWords())) type.role = *role;
    ReadFields(reader.Find("fields"), fields);
    reader.Finish();
    for (auto& [name, field] : fields) type.fields.push_back(std::move(field));
    TakeRole(written, type);
    loading_.topology.event_types.push_back(std::move(type));
  }

  void ReadMessage(MapReader& reader, EventType& type, std::map<std::string, EventField>& fields) {
    const YamlNode* node = reader.Find("message");
    if (node == nullptr) return;
    const auto name = ReadText(loading_, *node, "message");
    if (!name) return;
    const MessageCatalog::Message* message = loading_.catalog.Find(*name);
    if (message == nullptr) return loading_.UnknownName(*node, "message", *name, loading_.catalog.Names());
    type.role = message->role;
    for (const EventField& field : message->fields) fields.emplace(field.name, field);
  }

  void ReadFields(const YamlNode* node, std::map<std::string, EventField>& fields) {
    if (node == nullptr) return;
    if (!node->is_map()) return loading_.Error(*node, "wrong_type", "`fields` is written as a map from names to types");
    for (const YamlEntry& entry : node->entries) {
      const std::string& name = entry.key.text;
      if (!IsName(name)) {
        loading_.Error(entry.key, "bad_field_name", "'" + name + "' cannot be the name of a field",
                       "use letters, digits and '_', parts divided by dots; say `from:` where the record has it");
        continue;
      }
      if (name == "time" || name == "type" || name == "id") {
        loading_.Error(entry.key, "bad_field_name", "event." + name + " is the event's own " + name, "give the field another name");
        continue;
      }
      const bool is_new = !fields.contains(name);
      EventField& field = fields[name];
      if (is_new) {
        field.name = name;
        field.path = SplitDots(name);
      }
      ReadField(entry.value, field, is_new);
    }
  }

  void ReadField(const YamlNode& node, EventField& field, bool is_new) {
    if (node.is_scalar()) return ReadFieldType(loading_, node, field);
    MapReader reader(loading_, node, "a field");
    const YamlNode* type = is_new ? reader.Require("type") : reader.Find("type");
    if (type != nullptr) ReadFieldType(loading_, *type, field);
    ReadCurrency(loading_, reader, field);
    ReadPathInto(reader, "from", field.path);
    field.required = reader.Bool("required", field.required);
    if (const YamlNode* values = reader.Find("values")) ReadValues(*values, field);
    reader.Finish();
  }

  void ReadValues(const YamlNode& node, EventField& field) {
    if (!node.is_map()) return loading_.Error(node, "wrong_type", "`values` is a map from the bank's words to yours");
    if (field.type != FieldType::kString && field.type != FieldType::kBool)
      loading_.Error(node, "values_of_wrong_type", "only texts and bools can have their words translated");
    for (const YamlEntry& entry : node.entries)
      if (const auto word = ReadText(loading_, entry.value, "values")) field.values.emplace_back(entry.key.text, *word);
    std::ranges::sort(field.values);
  }

  void TakeRole(const Written& written, EventType& type) {
    type.role_fields.fill(kNoField);
    if (type.role == EventRole::kPlain) return;
    for (std::size_t i = 0; i < type.role_fields.size(); ++i) {
      const auto role_field = static_cast<RoleField>(i);
      const auto position = FindById(type.fields, RoleFieldName(role_field));
      if (!position) continue;
      if (type.fields[*position].type != TypeOfRoleField(role_field)) {
        loading_.Error(*written.key, "role_field_type",
                       std::string("what the event acts as reads its field '") + RoleFieldName(role_field) + "' as " +
                           FieldTypeName(TypeOfRoleField(role_field)));
        continue;
      }
      type.role_fields[i] = *position;
    }
    for (const RoleField field : RequiredFields(type.role))
      if (type.field_of(field) == kNoField)
        loading_.Error(*written.key, "role_field_missing",
                       std::string("what the event acts as needs a field '") + RoleFieldName(field) + "'",
                       "declare it; `from:` says where the record has it");
    if (type.role != EventRole::kDecisionRequested) return;
    if (loading_.topology.request_type)
      loading_.Error(*written.key, "second_request_type", "another event type is the request for a decision already");
    loading_.topology.request_type = static_cast<EventTypeIndex>(loading_.topology.event_types.size());
  }

  Loading& loading_;
  Defaults defaults_;
};

}  // namespace

void LoadEvents(Loading& loading) { EventLoader(loading).LoadAll(); }

}  // namespace antiphon::topology
