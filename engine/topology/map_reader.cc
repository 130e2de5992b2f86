#include "engine/topology/map_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace antiphon::topology {
namespace {

std::string Quoted(std::string_view what) { return "`" + std::string(what) + "`"; }

void WrongType(Loading& loading, const YamlNode& node, std::string_view what, std::string_view expected) {
  loading.Error(node, "wrong_type", Quoted(what) + " must be " + std::string(expected));
}

}  // namespace

std::optional<std::string> ReadText(Loading& loading, const YamlNode& node, std::string_view what) {
  if (node.is_scalar()) return node.text;
  WrongType(loading, node, what, "a text");
  return std::nullopt;
}

std::optional<std::int64_t> ReadInt(Loading& loading, const YamlNode& node, std::string_view what, std::int64_t min, std::int64_t max) {
  std::int64_t value = 0;
  const char* const end = node.text.data() + node.text.size();
  const auto [rest, error] = std::from_chars(node.text.data(), end, value);
  if (!node.is_scalar() || node.text.empty() || error != std::errc{} || rest != end) {
    WrongType(loading, node, what, "a whole number");
    return std::nullopt;
  }
  if (value < min || value > max) {
    loading.Error(node, "out_of_range", Quoted(what) + " must be between " + std::to_string(min) + " and " + std::to_string(max));
    return std::nullopt;
  }
  return value;
}

std::optional<bool> ReadBool(Loading& loading, const YamlNode& node, std::string_view what) {
  if (node.is_scalar() && node.text == "true") return true;
  if (node.is_scalar() && node.text == "false") return false;
  WrongType(loading, node, what, "true or false");
  return std::nullopt;
}

std::optional<Milliseconds> ReadDuration(Loading& loading, const YamlNode& node, std::string_view what, bool zero) {
  const auto duration = node.is_scalar() ? ParseDuration(node.text) : std::nullopt;
  if (!duration) {
    loading.Error(node, "bad_duration", Quoted(what) + " must be a length of time", "write a whole number and a unit: 90d, 48h, 30m, 10s");
    return std::nullopt;
  }
  constexpr Milliseconds kDurationMax = std::chrono::days{366 * 100};
  if ((duration->count() == 0 && !zero) || *duration > kDurationMax) {
    loading.Error(node, "out_of_range",
                  Quoted(what) + (duration->count() == 0 ? " must be longer than nothing" : " is longer than 100 years"));
    return std::nullopt;
  }
  return duration;
}

std::optional<EngineTime> ReadTime(Loading& loading, const YamlNode& node, std::string_view what) {
  std::optional<EngineTime> time;
  if (node.is_scalar()) {
    time = ParseTime(node.text);
    if (!time && node.text.size() == 10)
      if (const auto midnight = ParseTime(node.text + "T00:00:00Z"))
        time = loading.topology.zone.StartOfDay(std::chrono::floor<std::chrono::days>(calendar::LocalTime{midnight->time_since_epoch()}));
  }
  if (!time || *time < kEngineTimeMin || *time >= kEngineTimeMax) {
    loading.Error(node, "bad_time", Quoted(what) + " must be a date or a time from 1970 to 2099",
                  "write 2026-03-01 (midnight in the topology's zone) or 2026-03-01T09:30:00Z");
    return std::nullopt;
  }
  return time;
}

std::optional<calendar::CalendarPeriod> ReadCalendarPeriod(Loading& loading, const YamlNode& node) {
  constexpr std::string_view kPrefix = "calendar ";
  const auto period = node.is_scalar() && node.text.starts_with(kPrefix)
                          ? calendar::ParseCalendarPeriod(std::string_view(node.text).substr(kPrefix.size()))
                          : std::nullopt;
  if (!period)
    loading.Error(node, "unknown_word", "`per` must name a calendar period",
                  "write calendar day, calendar week, calendar month or calendar year");
  return period;
}

std::optional<std::uint32_t> ReadShare(Loading& loading, const YamlNode& node, std::string_view what) {
  std::string_view digits = node.text;
  const bool percent = digits.ends_with('%');
  if (percent) digits.remove_suffix(1);
  double value = -1;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  if (percent) value /= 100;
  if (!node.is_scalar() || error != std::errc{} || rest != digits.data() + digits.size() || !(value >= 0 && value <= 1)) {
    loading.Error(node, "bad_share", Quoted(what) + " must be a share of customers", "write 5% or 0.05");
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(std::lround(value * 1e6));
}

std::vector<const YamlNode*> ReadScalars(Loading& loading, const YamlNode& node, std::string_view what) {
  std::vector<const YamlNode*> scalars;
  if (node.is_scalar()) scalars.push_back(&node);
  for (const YamlNode& item : node.items) {
    if (item.is_scalar()) {
      scalars.push_back(&item);
    } else {
      WrongType(loading, item, what, "a text, or a list of texts");
    }
  }
  if (node.is_map()) WrongType(loading, node, what, "a text, or a list of texts");
  return scalars;
}

std::optional<std::size_t> ReadWord(Loading& loading, const YamlNode& node, std::string_view what, const std::vector<std::string>& words) {
  if (!node.is_scalar()) {
    WrongType(loading, node, what, "a word");
    return std::nullopt;
  }
  const auto found = std::ranges::find(words, node.text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  loading.Error(node, "unknown_word", Quoted(what) + " cannot be '" + node.text + "'", Suggest(node.text, words));
  return std::nullopt;
}

MapReader::MapReader(Loading& loading, const YamlNode& node, std::string subject)
    : loading_(loading), node_(node), subject_(std::move(subject)) {
  if (!good()) loading_.Error(node_, "wrong_type", subject_ + " is written as a map of keys and values");
}

const YamlNode* MapReader::Find(std::string_view key) {
  if (std::ranges::find(asked_, key) == asked_.end()) asked_.emplace_back(key);
  const YamlNode* value = node_.Find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const YamlNode* MapReader::Require(std::string_view key) {
  const YamlNode* value = Find(key);
  if (value == nullptr && good()) loading_.Error(node_, "missing_key", subject_ + " needs `" + std::string(key) + "`");
  return value;
}

std::string MapReader::Text(std::string_view key, std::string fallback) {
  const YamlNode* value = Find(key);
  return value == nullptr ? fallback : ReadText(loading_, *value, key).value_or(std::move(fallback));
}

std::optional<std::int64_t> MapReader::Int(std::string_view key, std::int64_t min, std::int64_t max) {
  const YamlNode* value = Find(key);
  return value == nullptr ? std::nullopt : ReadInt(loading_, *value, key, min, max);
}

bool MapReader::Bool(std::string_view key, bool fallback) {
  const YamlNode* value = Find(key);
  return value == nullptr ? fallback : ReadBool(loading_, *value, key).value_or(fallback);
}

std::optional<Milliseconds> MapReader::Duration(std::string_view key, bool zero) {
  const YamlNode* value = Find(key);
  return value == nullptr ? std::nullopt : ReadDuration(loading_, *value, key, zero);
}

std::vector<const YamlNode*> MapReader::Scalars(std::string_view key) {
  const YamlNode* value = Find(key);
  return value == nullptr ? std::vector<const YamlNode*>{} : ReadScalars(loading_, *value, key);
}

void MapReader::Finish() {
  for (const YamlEntry& entry : node_.entries)
    if (std::ranges::find(asked_, entry.key.text) == asked_.end())
      loading_.Error(entry.key, "unknown_key", subject_ + " has no key '" + entry.key.text + "'", Suggest(entry.key.text, asked_));
}

}  // namespace antiphon::topology
