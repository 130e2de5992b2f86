#include <algorithm>
#include <set>
#include <utility>

#include "engine/calendar/zone_loader.h"
#include "engine/topology/loaders.h"
#include "engine/topology/map_reader.h"
#include "engine/topology/paths.h"

namespace antiphon::topology {
namespace {

// The position of the field that `node` names, as `amount` or `event.amount`.
std::optional<std::uint16_t> ResolveField(Loading& loading, const YamlNode& node, EventTypeIndex event_type) {
  const EventType& type = loading.topology.event_types[event_type];
  std::string_view name = node.text;
  if (name.starts_with("event.") && !FindById(type.fields, name)) name.remove_prefix(6);
  const auto position = FindById(type.fields, name);
  if (!position) loading.UnknownName(node, "field of " + type.name, name, NamesOf(type.fields));
  return position;
}

// The definitions of `customer`, and the `where` of each input, compiled once the names are declared.
class CustomerLoader {
 public:
  explicit CustomerLoader(Loading& loading) : loading_(loading) {}

  void Load() {
    const YamlNode* node = loading_.sections.Value("customer");
    if (node == nullptr) return;
    MapReader reader(loading_, *node, "`customer`");
    if (const YamlNode* fields = reader.Find("fields")) LoadFields(*fields);
    Topology& topology = loading_.topology;
    topology.birth_date = Field(reader, "birth_date", {FieldType::kDate, FieldType::kTimestamp});
    topology.language_field = Field(reader, "language", {FieldType::kString});
    topology.zone_field = Field(reader, "zone", {FieldType::kString});
    LoadZones(reader);
    std::set<std::string> points;
    for (const YamlNode* point : reader.Scalars("contact_points")) points.insert(point->text);
    topology.contact_points.assign(points.begin(), points.end());
    if (const YamlNode* holdings = reader.Find("holdings")) LoadHoldings(*holdings);
    reader.Finish();
  }

 private:
  void LoadFields(const YamlNode& node) {
    if (!node.is_map()) return loading_.Error(node, "wrong_type", "`fields` is written as a map from names to definitions");
    std::vector<const YamlEntry*> entries;
    for (const YamlEntry& entry : node.entries) {
      if (!IsName(entry.key.text) || entry.key.text == "id" || entry.key.text == "age") {
        loading_.Error(entry.key, "bad_field_name", "'" + entry.key.text + "' cannot be the name of a field of the customer");
      } else {
        entries.push_back(&entry);
      }
    }
    std::ranges::sort(entries, {}, [](const YamlEntry* entry) -> std::string_view { return entry->key.text; });
    for (const YamlEntry* entry : entries) LoadField(*entry);
  }

  void LoadField(const YamlEntry& entry) {
    ProfileFieldDefinition definition;
    definition.name = entry.key.text;
    EventField declared;
    MapReader reader(loading_, entry.value, "a field of the customer");
    static_cast<void>(reader.Text("about"));
    const YamlNode* type = reader.Find("type");
    if (type != nullptr) ReadFieldType(loading_, *type, declared);
    ReadCurrency(loading_, reader, declared);
    bool typed = type != nullptr;
    if (const YamlNode* from = reader.Require("from")) {
      for (const YamlEntry& source : from->entries) {
        if (source.value.is_map()) {
          MapReader input(loading_, source.value, "a source of the field");
          const YamlNode* field = input.Require("field");
          static_cast<void>(input.Find("where"));
          input.Finish();
          if (field != nullptr) AddInput(source.key, *field, declared, typed, definition);
        } else {
          AddInput(source.key, source.value, declared, typed, definition);
        }
      }
      if (!from->is_map()) loading_.Error(*from, "wrong_type", "`from` is a map from event types to their fields");
    }
    reader.Finish();
    definition.type = declared.type;
    definition.unit = declared.type == FieldType::kDecimal ? UnitOf(declared.currency, declared.scale) : "";
    loading_.topology.profile_fields.push_back(std::move(definition));
  }

  void AddInput(const YamlNode& event, const YamlNode& field, EventField& declared, bool& typed, ProfileFieldDefinition& definition) {
    const auto event_type = loading_.Resolve(event, "event type", loading_.event_names);
    if (!event_type) return;
    const auto position = ResolveField(loading_, field, *event_type);
    if (!position) return;
    const EventField& source = loading_.topology.event_types[*event_type].fields[*position];
    if (!typed) {
      declared.type = source.type;
      declared.scale = source.scale;
      declared.currency = source.currency;
      typed = true;
    }
    if (source.type == FieldType::kStringList || source.type == FieldType::kMap) {
      loading_.Error(field, "wrong_type", "lists and maps cannot be kept of a customer");
    } else if (source.type != declared.type || source.scale != declared.scale) {
      loading_.Error(field, "wrong_type",
                     "this field is of type " + FieldTypeName(source.type, source.scale) + ", the customer's is " +
                         FieldTypeName(declared.type, declared.scale));
    } else if (source.currency != declared.currency) {
      loading_.Error(field, "mixed_currencies",
                     "this field is in '" + source.currency + "', the customer's in '" + declared.currency + "'");
    } else {
      definition.inputs.push_back({*event_type, std::nullopt, *position});
    }
  }

  std::optional<state::ProfileFieldId> Field(MapReader& reader, std::string_view key, const std::vector<FieldType>& types) {
    const YamlNode* node = reader.Find(key);
    if (node == nullptr) return std::nullopt;
    const std::vector<ProfileFieldDefinition>& fields = loading_.topology.profile_fields;
    const auto position = loading_.Resolve(*node, "field of the customer", NamesOf(fields));
    if (!position) return std::nullopt;
    if (std::ranges::find(types, fields[*position].type) == types.end())
      loading_.Error(*node, "wrong_type", "`" + std::string(key) + "` must be a field of type " + FieldTypeName(types.front()));
    return state::ProfileFieldId{*position};
  }

  void LoadZones(MapReader& reader) {
    std::set<std::string> seen;
    for (const YamlNode* name : reader.Scalars("zones")) {
      if (!seen.insert(name->text).second) continue;
      auto zone = calendar::LoadZone(name->text);
      if (zone) {
        loading_.topology.customer_zones.push_back(std::move(*zone));
      } else {
        loading_.Error(*name, "unknown_timezone", zone.error().message);
      }
    }
    std::ranges::sort(loading_.topology.customer_zones, {}, [](const calendar::Zone& zone) -> std::string_view { return zone.name(); });
  }

  void LoadHoldings(const YamlNode& node) {
    MapReader reader(loading_, node, "`holdings`");
    std::set<std::string> products;
    for (const YamlNode* product : reader.Scalars("products")) products.insert(product->text);
    loading_.topology.products.assign(products.begin(), products.end());
    LoadRules(reader.Find("open"), true);
    LoadRules(reader.Find("close"), false);
    reader.Finish();
    if (products.empty()) loading_.Error(node, "missing_key", "`holdings` needs the list of `products`");
  }

  void LoadRules(const YamlNode* node, bool opens) {
    if (node == nullptr) return;
    if (node->is_map()) return LoadRule(*node, opens);
    if (!node->is_sequence()) return loading_.Error(*node, "wrong_type", "a list of rules is expected here");
    for (const YamlNode& rule : node->items) LoadRule(rule, opens);
  }

  void LoadRule(const YamlNode& node, bool opens) {
    MapReader reader(loading_, node, "a rule of holdings");
    const YamlNode* on = reader.Require("on");
    const YamlNode* product = reader.Require("product");
    const YamlNode* account = reader.Find("account");
    const YamlNode* where = reader.Find("where");
    reader.Finish();
    if (on == nullptr || product == nullptr) return;
    for (const YamlNode* event : ReadScalars(loading_, *on, "on")) {
      const auto event_type = loading_.Resolve(*event, "event type", loading_.event_names);
      if (!event_type) continue;
      HoldingRule rule;
      rule.event_type = *event_type;
      rule.opens = opens;
      if (product->text.starts_with("event.")) {
        const auto field = ResolveField(loading_, *product, *event_type);
        if (!field) continue;
        rule.product_field = *field;
        RequireText(*product, *event_type, *field);
      } else if (const auto known = loading_.Resolve(*product, "product", loading_.topology.products)) {
        rule.product = state::ProductId{*known};
      }
      if (account != nullptr)
        if (const auto field = ResolveField(loading_, *account, *event_type)) {
          rule.account_field = *field;
          RequireText(*account, *event_type, *field);
        }
      loading_.topology.holding_rules.push_back(std::move(rule));
      loading_.holding_wheres.push_back(where);
    }
  }

  void RequireText(const YamlNode& node, EventTypeIndex event_type, std::uint16_t field) {
    if (loading_.topology.event_types[event_type].fields[field].type != FieldType::kString)
      loading_.Error(node, "wrong_type", "a field of type string is expected here");
  }

  Loading& loading_;
};

}  // namespace

void LoadCustomer(Loading& loading) { CustomerLoader(loading).Load(); }

void LoadCustomerConditions(Loading& loading, Scopes& scopes) {
  const YamlNode* node = loading.sections.Value("customer");
  if (node == nullptr) return;
  if (const YamlNode* fields = node->Find("fields"))
    for (ProfileFieldDefinition& field : loading.topology.profile_fields) {
      const YamlNode* definition = fields->Find(field.name);
      const YamlNode* from = definition == nullptr ? nullptr : definition->Find("from");
      for (ProfileFieldDefinition::Input& input : field.inputs) {
        const YamlNode* source = from == nullptr ? nullptr : from->Find(loading.event_names[input.event_type]);
        const YamlNode* where = source == nullptr ? nullptr : source->Find("where");
        if (where != nullptr) input.where = CompileCondition(loading, *where, scopes.WithEvent(Stage::kCustomer, input.event_type));
      }
    }
  for (std::size_t i = 0; i < loading.holding_wheres.size(); ++i) {
    HoldingRule& rule = loading.topology.holding_rules[i];
    if (const YamlNode* where = loading.holding_wheres[i])
      rule.where = CompileCondition(loading, *where, scopes.WithEvent(Stage::kCustomer, rule.event_type));
  }
}

}  // namespace antiphon::topology
