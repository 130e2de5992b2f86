#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/calendar/calendar_period.h"
#include "engine/topology/loading.h"
#include "state/base/time.h"

namespace antiphon::topology {

// The words of a closed list and what they stand for.
template <typename T>
using Words = std::vector<std::pair<std::string_view, T>>;

// Scalars by what is expected of them; each reports what is wrong and is nothing then.
[[nodiscard]] std::optional<std::string> ReadText(Loading& loading, const YamlNode& node, std::string_view what);
[[nodiscard]] std::optional<std::int64_t> ReadInt(Loading& loading, const YamlNode& node, std::string_view what, std::int64_t min,
                                                  std::int64_t max);
[[nodiscard]] std::optional<bool> ReadBool(Loading& loading, const YamlNode& node, std::string_view what);
// Positive, or zero where `zero` says so; "-30d" is refused unless `negative`.
[[nodiscard]] std::optional<Milliseconds> ReadDuration(Loading& loading, const YamlNode& node, std::string_view what, bool zero = false);
// A date ("2026-03-01", the zone's midnight) or an RFC 3339 time.
[[nodiscard]] std::optional<EngineTime> ReadTime(Loading& loading, const YamlNode& node, std::string_view what);
// "calendar day", "calendar week", "calendar month", "calendar year".
[[nodiscard]] std::optional<calendar::CalendarPeriod> ReadCalendarPeriod(Loading& loading, const YamlNode& node);
// "5%" or "0.05", in parts per million.
[[nodiscard]] std::optional<std::uint32_t> ReadShare(Loading& loading, const YamlNode& node, std::string_view what);
// One scalar or a list of them.
[[nodiscard]] std::vector<const YamlNode*> ReadScalars(Loading& loading, const YamlNode& node, std::string_view what);
// The position of the scalar among `words`, which are named in the complaint.
[[nodiscard]] std::optional<std::size_t> ReadWord(Loading& loading, const YamlNode& node, std::string_view what,
                                                  const std::vector<std::string>& words);

// MapReader: reads the keys of one map; what nobody asked for is reported by Finish() as unknown, with the nearest of what was asked for.
// Ask for every key, also where an earlier mistake makes it useless. A null map is an empty one; anything else is reported once.
class MapReader {
 public:
  // `subject` stands in messages: "a feature", "the envelope".
  MapReader(Loading& loading, const YamlNode& node, std::string subject);

  // nullptr if it is absent or null.
  [[nodiscard]] const YamlNode* Find(std::string_view key);
  // The same, and its absence is an error.
  [[nodiscard]] const YamlNode* Require(std::string_view key);
  [[nodiscard]] bool Has(std::string_view key) { return Find(key) != nullptr; }

  [[nodiscard]] std::string Text(std::string_view key, std::string fallback = {});
  [[nodiscard]] std::optional<std::int64_t> Int(std::string_view key, std::int64_t min, std::int64_t max);
  [[nodiscard]] bool Bool(std::string_view key, bool fallback);
  [[nodiscard]] std::optional<Milliseconds> Duration(std::string_view key, bool zero = false);
  [[nodiscard]] std::vector<const YamlNode*> Scalars(std::string_view key);
  template <typename T>
  [[nodiscard]] std::optional<T> Word(std::string_view key, const Words<T>& words) {
    const YamlNode* value = Find(key);
    if (value == nullptr) return std::nullopt;
    std::vector<std::string> names;
    for (const auto& [name, meaning] : words) names.emplace_back(name);
    const auto position = ReadWord(loading_, *value, key, names);
    if (!position) return std::nullopt;
    return words[*position].second;
  }

  void Finish();

  [[nodiscard]] const YamlNode& node() const { return node_; }
  [[nodiscard]] bool good() const { return node_.is_map() || node_.is_null(); }

 private:
  Loading& loading_;
  const YamlNode& node_;
  std::string subject_;
  std::vector<std::string> asked_;
};

}  // namespace antiphon::topology
