#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/calendar/nearest_name.h"
#include "services/tools/json_out.h"
#include "services/tools/scenario_reader.h"

namespace antiphon::tools {
namespace {

using topology::EventField;
using topology::EventType;
using topology::FieldType;
using topology::RoleField;
using topology::YamlNode;

constexpr std::int64_t kRepeatMax = 10'000;

// Keys that mean the same for every event; a field of such a name is written under `fields`.
constexpr std::array<std::string_view, 11> kReserved{"type",   "customer", "id",       "time",    "at",    "after",
                                                     "repeat", "every",    "backfill", "contact", "fields"};

bool IsReserved(std::string_view key) { return std::ranges::find(kReserved, key) != kReserved.end(); }

bool IsPlain(const YamlNode& node) { return node.is_scalar() && node.style == YamlNode::Style::kPlain; }

// Is the text a number as JSON writes it?
bool IsJsonNumber(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || digits.front() < '0' || digits.front() > '9') return false;
  if (digits.size() > 1 && digits[0] == '0' && digits[1] != '.' && digits[1] != 'e' && digits[1] != 'E') return false;
  if (digits.back() < '0' || digits.back() > '9') return false;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

// Any YAML as JSON, plain scalars as YAML 1.2 reads them.
void WriteYaml(JsonOut& json, const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return json.Raw("null");
    case YamlNode::Kind::kScalar: {
      const bool literal = node.text == "true" || node.text == "false" || node.text == "null" || IsJsonNumber(node.text);
      return IsPlain(node) && literal ? json.Raw(node.text) : json.String(node.text);
    }
    case YamlNode::Kind::kSequence:
      json.BeginArray();
      for (const YamlNode& item : node.items) WriteYaml(json, item);
      return json.EndArray();
    case YamlNode::Kind::kMap:
      json.BeginObject();
      for (const topology::YamlEntry& entry : node.entries) {
        json.Key(entry.key.text);
        WriteYaml(json, entry.value);
      }
      return json.EndObject();
  }
}

std::string JsonOf(const YamlNode& node) {
  std::string text;
  JsonOut json(text);
  WriteYaml(json, node);
  return text;
}

std::string Joined(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) text.append(text.empty() ? "" : ".").append(part);
  return text;
}

// GivenReader: one item of `given`.
class GivenReader {
 public:
  GivenReader(ScenarioReader& reader, const YamlNode& node) : reader_(reader), keys_(reader, node, "an event of `given`"), node_(node) {}

  // Nothing, and reported, if it cannot be given.
  std::optional<GivenEvent> Read(const GivenDefaults& defaults, std::optional<EngineTime> before) {
    if (!keys_.good()) return std::nullopt;
    event_.place = reader_.PlaceOf(node_);
    const YamlNode* type = node_.Find("type");
    if (type == nullptr || type->is_null()) {
      reader_.Error(node_, "missing_key", "an event of `given` needs a `type`",
                    "write {type: " + SomeType() + ", time: \"2026-03-02 09:00\", ..}");
      return std::nullopt;
    }
    if (!ReadType(*type)) return std::nullopt;
    ReadTime(before);
    event_.customer = CustomerOr(defaults.customer);
    if (const YamlNode* id = node_.Find("id"); id != nullptr && !id->is_null()) event_.id = reader_.ReadText(*id, "id");
    if (const YamlNode* backfill = node_.Find("backfill"); backfill != nullptr)
      event_.backfill = reader_.ReadBool(*backfill, "backfill").value_or(false);
    ReadRepeat();
    if (event_.control) {
      ReadControl();
    } else {
      ReadContact();
      ReadFields(node_, {});
      if (const YamlNode* fields = node_.Find("fields"); fields != nullptr) ReadFields(*fields, {}, Names::kAll);
    }
    return std::move(event_);
  }

 private:
  enum class Names : std::uint8_t { kNotReserved, kAll };

  std::string SomeType() const { return reader_.event_types.empty() ? "transaction.posted" : reader_.event_types.front(); }

  std::string CustomerOr(const std::string& fallback) {
    const YamlNode* customer = node_.Find("customer");
    if (customer == nullptr || !customer->is_scalar()) return fallback;
    return customer->text;
  }

  bool ReadType(const YamlNode& node) {
    if (node.text == "control.pause" || node.text == "control.resume") {
      event_.type = node.text;
      event_.control = true;
      return true;
    }
    std::vector<std::string> names = reader_.event_types;
    names.emplace_back("control.pause");
    names.emplace_back("control.resume");
    const auto name = reader_.ReadName(node, "event type", names);
    if (!name) return false;
    event_.type = *name;
    for (std::size_t i = 0; i < reader_.topology().event_types.size(); ++i) {
      if (reader_.topology().event_types[i].name == *name) event_.event_type = static_cast<std::uint16_t>(i);
    }
    return true;
  }

  const EventType& Type() const { return reader_.topology().event_types[event_.event_type]; }

  void ReadTime(std::optional<EngineTime> before) {
    const YamlNode* time = node_.Find("time");
    const YamlNode* at = node_.Find("at");
    const YamlNode* after = node_.Find("after");
    if ((time != nullptr) + (at != nullptr) + (after != nullptr) > 1) {
      reader_.Error(node_, "two_times", "an event has one of `time`, `at` and `after`", "leave the others out");
      return;
    }
    if (time == nullptr) time = at;
    if (time != nullptr) {
      if (const auto span = reader_.ReadTime(*time, "time")) event_.time = span->from;
      return;
    }
    if (!before) {
      reader_.Error(node_, "missing_key", "the first event of `given` needs a `time`", std::string(kTimeRemedy));
      return;
    }
    event_.time = *before;
    if (after != nullptr) event_.time += reader_.ReadLength(*after, "after").value_or(Milliseconds{0});
  }

  void ReadRepeat() {
    if (const YamlNode* every = node_.Find("every"); every != nullptr)
      event_.every = reader_.ReadLength(*every, "every").value_or(Milliseconds{0});
    const YamlNode* repeat = node_.Find("repeat");
    if (repeat == nullptr) return;
    std::int64_t times = 0;
    const auto [end, error] = std::from_chars(repeat->text.data(), repeat->text.data() + repeat->text.size(), times);
    if (error != std::errc{} || end != repeat->text.data() + repeat->text.size() || times < 1 || times > kRepeatMax) {
      reader_.Error(*repeat, "out_of_range", "`repeat` must be a whole number from 1 to " + std::to_string(kRepeatMax));
      return;
    }
    event_.repeat = static_cast<std::uint32_t>(times);
  }

  void ReadControl() {
    MapKeys keys(reader_, node_, "a control record");
    for (const std::string_view key : {"type", "time", "at", "after"}) (void)keys.Find(key);
    int named = 0;
    const auto read = [&](std::string_view key, const std::vector<std::string>& names) {
      if (keys.Find(key) == nullptr) return;
      ++named;
      if (const auto name = keys.Name(key, names)) event_.fields.push_back({{std::string(key)}, QuotedJson(*name)});
    };
    read("offer", reader_.offers);
    read("campaign", reader_.campaigns);
    read("channel", reader_.channels);
    read("trigger", reader_.triggers);
    if (keys.Bool("all").value_or(false)) {
      ++named;
      event_.fields.push_back({{"all"}, "true"});
    }
    if (named != 1)
      reader_.Error(node_, "bad_control", "a control record names one thing",
                    "write one of offer, campaign, channel, trigger, or all: true");
    keys.Finish();
  }

  void ReadContact() {
    const YamlNode* contact = node_.Find("contact");
    if (contact == nullptr || contact->is_null()) return;
    const std::uint16_t field = Type().field_of(RoleField::kContactId);
    if (field == topology::kNoField) {
      reader_.Error(*contact, "no_contact", "an event of type " + event_.type + " names no contact", "`contact` is for contact.response");
      return;
    }
    event_.contact_path = Type().fields[field].path;
    event_.contact = ReadContactPattern(reader_, *contact, "`contact`");
  }

  const EventField* FindField(const std::string& name) const {
    for (const EventField& field : Type().fields) {
      if (field.name == name) return &field;
    }
    for (const EventField& field : Type().fields) {
      if (Joined(field.path) == name) return &field;
    }
    return nullptr;
  }

  // `prefix`: the keys of the maps around, with their dots.
  void ReadFields(const YamlNode& map, const std::string& prefix, Names allowed = Names::kNotReserved) {
    for (const topology::YamlEntry& entry : map.entries) {
      if (prefix.empty() && allowed == Names::kNotReserved && IsReserved(entry.key.text)) continue;
      const std::string name = prefix + entry.key.text;
      if (const EventField* field = FindField(name)) {
        ReadField(*field, entry.value);
      } else if (entry.value.is_map()) {
        ReadFields(entry.value, name + ".", allowed);
      } else {
        UnknownField(entry.key, name);
      }
    }
  }

  void UnknownField(const YamlNode& key, const std::string& name) {
    std::vector<std::string> names;
    for (const EventField& field : Type().fields) names.push_back(field.name);
    const std::vector<std::string> fields = names;
    for (const std::string_view reserved : kReserved) names.emplace_back(reserved);
    std::string remedy = calendar::DidYouMean(name, names);
    if (remedy.starts_with("; ")) remedy.erase(0, 2);
    if (remedy.empty()) {
      remedy = "its fields are: ";
      for (const std::string& field : fields) remedy.append(&field == fields.data() ? "" : ", ").append(field);
    }
    reader_.Error(key, "unknown_field", event_.type + " has no field '" + name + "'", std::move(remedy));
  }

  void ReadField(const EventField& field, const YamlNode& node) {
    if (node.is_null()) return;  // as in the log: absence
    if (auto json = FieldJson(field, node)) event_.fields.push_back({field.path, *std::move(json)});
  }

  std::optional<std::string> FieldJson(const EventField& field, const YamlNode& node) {
    switch (field.type) {
      case FieldType::kMap:
        if (node.is_map()) return JsonOf(node);
        return Wrong(field, node, "a map");
      case FieldType::kStringList: {
        if (!node.is_sequence()) return Wrong(field, node, "a list of texts");
        std::string text = "[";
        for (const YamlNode& item : node.items) text.append(text.size() > 1 ? "," : "").append(QuotedJson(item.text));
        return text += ']';
      }
      case FieldType::kBool:
        if (node.is_scalar() && (node.text == "true" || node.text == "false")) return node.text;
        return Wrong(field, node, "true or false");
      case FieldType::kInt:
      case FieldType::kDouble:
      case FieldType::kDecimal:
        if (node.is_scalar() && IsJsonNumber(node.text)) return node.text;
        return Wrong(field, node, "a number");
      case FieldType::kTimestamp:
        if (const auto span = reader_.ReadTime(node, field.name)) return QuotedJson(FormatTime(span->from));
        return std::nullopt;
      case FieldType::kDate:
      case FieldType::kString:
        if (node.is_scalar()) return QuotedJson(node.text);
        return Wrong(field, node, field.type == FieldType::kDate ? "a date, as 2026-03-01" : "a text");
    }
    return std::nullopt;
  }

  std::optional<std::string> Wrong(const EventField& field, const YamlNode& node, std::string_view expected) {
    reader_.Error(node, "wrong_type", "`" + field.name + "` of " + event_.type + " must be " + std::string(expected));
    return std::nullopt;
  }

  ScenarioReader& reader_;
  MapKeys keys_;
  const YamlNode& node_;
  GivenEvent event_;
};

}  // namespace

std::vector<GivenEvent> ReadGiven(ScenarioReader& reader, const YamlNode& node, const GivenDefaults& defaults) {
  std::vector<GivenEvent> events;
  if (!node.is_sequence()) {
    reader.Error(node, "wrong_type", "`given` is a list of events", "write each as \"- {type: .., time: .., ..}\"");
    return events;
  }
  std::optional<EngineTime> before;
  for (const YamlNode& item : node.items) {
    auto event = GivenReader(reader, item).Read(defaults, before);
    if (!event) continue;
    before = event->time + event->every * (event->repeat - 1);
    events.push_back(*std::move(event));
  }
  return events;
}

}  // namespace antiphon::tools
