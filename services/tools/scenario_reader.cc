#include "services/tools/scenario_reader.h"

#include <algorithm>
#include <utility>

#include "engine/calendar/nearest_name.h"
#include "engine/topology/expression_scope.h"

namespace antiphon::tools {
namespace {

using topology::YamlNode;

constexpr std::size_t kShownMax = 60;

std::string Shorten(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (text.size() <= kShownMax) return std::string(text);
  std::size_t end = kShownMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return std::string(text.substr(0, end)).append("..");
}

std::string Must(std::string_view key, std::string_view be) { return "`" + std::string(key) + "` must be " + std::string(be); }

// What to write in place of `written`: the nearest of `names`, else which there are.
std::string NameRemedy(std::string_view written, const std::vector<std::string>& names) {
  static constexpr std::size_t kListedMax = 12;
  static constexpr std::string_view kSeparator = "; ";
  std::string remedy = calendar::DidYouMean(written, names);
  if (!remedy.empty()) return remedy.substr(kSeparator.size());
  if (names.empty()) return "the topology has none";
  remedy = "there are ";
  if (names.size() == 1) remedy = "there is ";
  for (std::size_t i = 0; i < std::min(names.size(), kListedMax); ++i) remedy.append(i == 0 ? "" : ", ").append(names[i]);
  if (names.size() > kListedMax) remedy.append(" and ").append(std::to_string(names.size() - kListedMax)).append(" more");
  return remedy;
}

template <typename Definitions>
std::vector<std::string> Ids(const Definitions& definitions) {
  std::vector<std::string> ids;
  ids.reserve(definitions.size());
  for (const auto& definition : definitions) ids.push_back(definition.id);
  return ids;
}

}  // namespace

std::string ToString(const Place& place) { return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column); }

ScenarioReader::ScenarioReader(std::string_view text, std::string file, const topology::Topology& topology)
    : offers(Ids(topology.offers)),
      channels(Ids(topology.channels)),
      triggers(Ids(topology.triggers)),
      campaigns(Ids(topology.campaigns)),
      treatments(Ids(topology.treatments)),
      text_(text),
      file_(std::move(file)),
      topology_(topology),
      scope_(topology::ScopeOf(topology)),
      line_starts_{0} {
  for (const topology::EventType& type : topology.event_types) event_types.push_back(type.name);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
  }
}

Place ScenarioReader::PlaceOf(std::uint32_t offset) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  const auto after = std::ranges::upper_bound(line_starts_, offset);
  const auto line = static_cast<std::uint32_t>(after - line_starts_.begin());
  const std::string_view before = text_.substr(line_starts_[line - 1], offset - line_starts_[line - 1]);
  const auto letters = std::ranges::count_if(before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; });
  return {.file = file_, .line = line, .column = static_cast<std::uint32_t>(letters) + 1};
}

Place ScenarioReader::PlaceIn(const YamlNode& scalar, std::size_t offset_in_text) const {
  return PlaceOf(topology::OffsetInFile(scalar, offset_in_text, text_));
}

void ScenarioReader::Error(const YamlNode& node, std::string code, std::string message, std::string remedy) {
  ErrorAt(PlaceOf(node), std::move(code), Shorten(node.text), std::move(message), std::move(remedy));
}

void ScenarioReader::ErrorAt(const Place& place, std::string code, std::string text, std::string message, std::string remedy) {
  diagnostics_.Add({.severity = topology::Severity::kError,
                    .code = std::move(code),
                    .file = place.file,
                    .line = place.line,
                    .column = place.column,
                    .text = std::move(text),
                    .message = std::move(message),
                    .remedy = std::move(remedy)});
}

std::optional<std::string> ScenarioReader::ReadText(const YamlNode& node, std::string_view key) {
  if (node.is_scalar()) return node.text;
  Error(node, "wrong_type", Must(key, "a text"));
  return std::nullopt;
}

std::optional<bool> ScenarioReader::ReadBool(const YamlNode& node, std::string_view key) {
  const bool yes = node.text == "true" || node.text == "on" || node.text == "yes";
  const bool no = node.text == "false" || node.text == "off" || node.text == "no";
  if (node.is_scalar() && (yes || no)) return yes;
  Error(node, "wrong_type", Must(key, "true or false"));
  return std::nullopt;
}

std::optional<TimeSpan> ScenarioReader::ReadTime(const YamlNode& node, std::string_view key) {
  const auto span = node.is_scalar() ? ReadTimeSpan(node.text, topology_.zone) : std::nullopt;
  if (span && span->from >= kEngineTimeMin && span->from < kEngineTimeMax) return span;
  Error(node, "bad_time", Must(key, "a time from 1970 to 2099"), std::string(kTimeRemedy));
  return std::nullopt;
}

std::optional<Milliseconds> ScenarioReader::ReadLength(const YamlNode& node, std::string_view key) {
  const auto length = node.is_scalar() ? ParseDuration(node.text) : std::nullopt;
  if (length) return length;
  Error(node, "bad_duration", Must(key, "a length of time"), "write a whole number and a unit: 14d, 1h, 30m, 10s, 500ms");
  return std::nullopt;
}

std::optional<std::vector<std::string>> ScenarioReader::ReadTexts(const YamlNode& node, std::string_view key, None none) {
  std::vector<std::string> texts;
  if (node.is_scalar() && none == None::kIsEmpty && node.text == "none") return texts;
  if (node.is_scalar()) {
    texts.push_back(node.text);
    return texts;
  }
  const bool good = node.is_sequence() && std::ranges::all_of(node.items, [](const YamlNode& item) { return item.is_scalar(); });
  if (!good) {
    Error(node, "wrong_type", Must(key, none == None::kIsEmpty ? "a text, a list of texts, or none" : "a text or a list of texts"));
    return std::nullopt;
  }
  for (const YamlNode& item : node.items) texts.push_back(item.text);
  return texts;
}

std::optional<std::string> ScenarioReader::ReadName(const YamlNode& node, std::string_view what, const std::vector<std::string>& names) {
  auto text = ReadText(node, what);
  if (!text) return std::nullopt;
  if (std::ranges::find(names, *text) != names.end()) return text;
  std::string remedy = NameRemedy(*text, names);
  std::string code = "unknown_" + std::string(what);
  std::ranges::replace(code, ' ', '_');
  Error(node, std::move(code), "no " + std::string(what) + " is called '" + *text + "'", std::move(remedy));
  return std::nullopt;
}

MapKeys::MapKeys(ScenarioReader& reader, const YamlNode& node, std::string subject)
    : reader_(reader), node_(node), subject_(std::move(subject)) {
  if (!good()) reader_.Error(node_, "wrong_type", subject_ + " is written as a map of keys and values");
}

const YamlNode* MapKeys::Find(std::string_view key) {
  asked_.emplace_back(key);
  const YamlNode* value = node_.Find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> MapKeys::Text(std::string_view key) {
  const YamlNode* node = Find(key);
  return node == nullptr ? std::nullopt : reader_.ReadText(*node, key);
}

std::optional<bool> MapKeys::Bool(std::string_view key) {
  const YamlNode* node = Find(key);
  return node == nullptr ? std::nullopt : reader_.ReadBool(*node, key);
}

std::optional<TimeSpan> MapKeys::Time(std::string_view key) {
  const YamlNode* node = Find(key);
  return node == nullptr ? std::nullopt : reader_.ReadTime(*node, key);
}

std::optional<std::string> MapKeys::Name(std::string_view key, const std::vector<std::string>& names) {
  const YamlNode* node = Find(key);
  return node == nullptr ? std::nullopt : reader_.ReadName(*node, key, names);
}

void MapKeys::Finish() {
  for (const topology::YamlEntry& entry : node_.entries) {
    if (std::ranges::find(asked_, entry.key.text) != asked_.end()) continue;
    std::string remedy = calendar::DidYouMean(entry.key.text, asked_);
    if (remedy.starts_with("; ")) remedy.erase(0, 2);
    if (remedy.empty()) {
      remedy = "it may have: ";
      for (const std::string& key : asked_) remedy.append(&key == asked_.data() ? "" : ", ").append(key);
    }
    reader_.Error(entry.key, "unknown_key", subject_ + " has no key '" + entry.key.text + "'", std::move(remedy));
  }
}

}  // namespace antiphon::tools
