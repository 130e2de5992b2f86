#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/declarations.h"
#include "engine/topology/diagnostic.h"
#include "engine/topology/topology.h"
#include "engine/topology/yaml_document.h"
#include "services/tools/scenario.h"

// What the readers of a scenario's parts share. Internal to this room.
namespace antiphon::tools {

// ScenarioReader: one file while it is read: its text for places, the topology for names, and the complaints. Each Read* function reports
// what is wrong and gives nothing then.
class ScenarioReader {
 public:
  ScenarioReader(std::string_view text, std::string file, const topology::Topology& topology);

  [[nodiscard]] const topology::Topology& topology() const { return topology_; }
  [[nodiscard]] const expression::Declarations& scope() const { return scope_; }
  [[nodiscard]] topology::Diagnostics& diagnostics() { return diagnostics_; }

  [[nodiscard]] Place PlaceOf(std::uint32_t offset) const;
  [[nodiscard]] Place PlaceOf(const topology::YamlNode& node) const { return PlaceOf(node.offset); }
  // At a byte of a scalar's text.
  [[nodiscard]] Place PlaceIn(const topology::YamlNode& scalar, std::size_t offset_in_text) const;
  void Error(const topology::YamlNode& node, std::string code, std::string message, std::string remedy = {});
  void ErrorAt(const Place& place, std::string code, std::string text, std::string message, std::string remedy = {});

  [[nodiscard]] std::optional<std::string> ReadText(const topology::YamlNode& node, std::string_view key);
  [[nodiscard]] std::optional<bool> ReadBool(const topology::YamlNode& node, std::string_view key);
  [[nodiscard]] std::optional<TimeSpan> ReadTime(const topology::YamlNode& node, std::string_view key);
  [[nodiscard]] std::optional<Milliseconds> ReadLength(const topology::YamlNode& node, std::string_view key);
  // One text or a list of them; `none` is the empty list where `none_is_empty`.
  enum class None : std::uint8_t { kIsAText, kIsEmpty };
  [[nodiscard]] std::optional<std::vector<std::string>> ReadTexts(const topology::YamlNode& node, std::string_view key, None none);
  // One of `names`; "no offer is called 'x'; did you mean y?", or which there are if none is near.
  [[nodiscard]] std::optional<std::string> ReadName(const topology::YamlNode& node, std::string_view what,
                                                    const std::vector<std::string>& names);

  // Names of the topology, for ReadName.
  std::vector<std::string> offers, channels, triggers, campaigns, treatments, event_types;

 private:
  std::string_view text_;
  std::string file_;
  const topology::Topology& topology_;
  expression::Declarations scope_;
  std::vector<std::uint32_t> line_starts_;
  topology::Diagnostics diagnostics_;
};

// MapKeys: the keys of one map; Finish() reports those that nobody asked for, with the nearest of what was asked for.
class MapKeys {
 public:
  // `subject`: "a scenario", "an expected contact".
  MapKeys(ScenarioReader& reader, const topology::YamlNode& node, std::string subject);

  // nullptr if it is absent or null.
  [[nodiscard]] const topology::YamlNode* Find(std::string_view key);
  [[nodiscard]] std::optional<std::string> Text(std::string_view key);
  [[nodiscard]] std::optional<bool> Bool(std::string_view key);
  [[nodiscard]] std::optional<TimeSpan> Time(std::string_view key);
  [[nodiscard]] std::optional<std::string> Name(std::string_view key, const std::vector<std::string>& names);
  void Finish();

  [[nodiscard]] bool good() const { return node_.is_map(); }

 private:
  ScenarioReader& reader_;
  const topology::YamlNode& node_;
  std::string subject_;
  std::vector<std::string> asked_;
};

struct GivenDefaults {
  std::string customer;
};
[[nodiscard]] std::vector<GivenEvent> ReadGiven(ScenarioReader& reader, const topology::YamlNode& node, const GivenDefaults& defaults);

[[nodiscard]] ContactPattern ReadContactPattern(ScenarioReader& reader, const topology::YamlNode& node, std::string subject);

// The `expect` of a scenario.
void ReadExpectations(ScenarioReader& reader, const topology::YamlNode& node, const std::string& customer, Scenario& scenario);

}  // namespace antiphon::tools
