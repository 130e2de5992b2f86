#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/declarations.h"
#include "engine/expression/program.h"
#include "engine/topology/diagnostic.h"
#include "engine/topology/source_files.h"
#include "engine/topology/topology.h"
#include "engine/topology/yaml_document.h"

// What the loaders of the sections share. Internal to this room.
namespace antiphon::topology {

// The texts of the files that were read, for places.
class Sources {
 public:
  struct Place {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
  };

  // The number of the file.
  std::uint16_t Add(std::string path, std::string text);
  [[nodiscard]] std::size_t size() const { return files_.size(); }
  [[nodiscard]] const std::string& path(std::uint16_t file) const { return files_[file].path; }
  [[nodiscard]] const std::string& text(std::uint16_t file) const { return files_[file].text; }
  [[nodiscard]] Place PlaceOf(std::uint16_t file, std::uint32_t offset) const;

 private:
  struct File {
    std::string path;
    std::string text;
    std::vector<std::uint32_t> line_starts;
  };
  std::vector<File> files_;
};

// A definition as it was written, before its kind is known: `id: {...}` of a section.
struct Written {
  const YamlNode* key = nullptr;
  const YamlNode* value = nullptr;
};

// The sections of all files of a topology. Maps are merged; of two definitions of one id the first stands.
struct Sections {
  std::map<std::string, std::vector<Written>, std::less<>> maps;    // section -> definitions in the order written
  std::map<std::string, std::vector<Written>, std::less<>> values;  // section that is no map of definitions -> once for each file
  const YamlNode* root = nullptr;                                   // of topology.yaml
  std::vector<std::unique_ptr<YamlDocument>> documents;             // what the nodes point into

  [[nodiscard]] const std::vector<Written>& Of(std::string_view section) const;
  // The value of a section that may stand once; nullptr if there is none.
  [[nodiscard]] const YamlNode* Value(std::string_view section) const;
};

// Of a feature, profile field or event field in an expression.
struct ValueType {
  expression::Type type;
  std::string unit;
  friend bool operator==(const ValueType&, const ValueType&) = default;
};

// Where an expression reads a name.
struct NameUse {
  const YamlNode* node = nullptr;
  std::size_t offset = 0;
};

// A name in a filter of contacts that no offer of the topology has.
struct ForeignName {
  std::string what;  // offer, issue, group, product
  std::string name;
  std::size_t offset = 0;  // in the expression
  const std::vector<std::string>* known = nullptr;
};

// Loading: the state of one load. The loaders fill `topology` and report into `diagnostics`; each is a free function over this.
struct Loading {
  Loading(const SourceFiles& source_files, const MessageCatalog& message_catalog) : files(source_files), catalog(message_catalog) {}

  const SourceFiles& files;
  const MessageCatalog& catalog;
  Sources sources;
  Sections sections;
  Diagnostics diagnostics;
  Topology topology;

  // Names with the ids that they have: sorted, as in the topology.
  std::vector<std::string> feature_names, scheme_names, offer_names, channel_names, campaign_names, trigger_names, purpose_names,
      suppression_names, event_names;
  std::vector<std::string> issues, groups, offer_products;  // that offers declare, sorted

  std::vector<const YamlNode*> holding_wheres;  // beside topology.holding_rules, until they are compiled

  std::vector<const YamlNode*> cap_nodes;  // beside topology.caps

  // What expressions read.
  std::set<std::uint32_t> features_used, previous_used, segments_used, schemes_since;
  std::size_t since_literals = 0;
  bool since_of_any = false;       // its scheme is computed: any
  Milliseconds contacts_reach{0};  // the longest window of contacts.count

  std::vector<ForeignName> foreign_names;  // of the expression that is compiled

  std::map<std::string, NameUse, std::less<>> moment_reads;  // values of moments, since it was last emptied

  void Report(Severity severity, const YamlNode& node, std::size_t offset_in_text, std::string code, std::string_view text,
              std::string message, std::string remedy);
  void Error(const YamlNode& node, std::string code, std::string message, std::string remedy = {});
  void Warn(const YamlNode& node, std::string code, std::string message, std::string remedy = {});
  void Note(const YamlNode& node, std::string code, std::string message, std::string remedy = {});
  // "no channel is called 'smss'; did you mean 'sms'?"; code unknown_channel.
  void UnknownName(const YamlNode& node, std::string_view what, std::string_view name, const std::vector<std::string>& names);

  // The position of the name that `node` holds among the sorted `names`; reports an unknown one.
  std::optional<std::uint16_t> Resolve(const YamlNode& node, std::string_view what, const std::vector<std::string>& names);
};

// "did you mean 'x'?", or a list of the names if they are few, or nothing.
[[nodiscard]] std::string Suggest(std::string_view name, const std::vector<std::string>& names);

// Letters, digits, '_', '-', '.' and '/', at most 200.
[[nodiscard]] bool IsId(std::string_view text);

// The names of definitions, in their order, each after `prefix`.
template <typename Definitions>
[[nodiscard]] std::vector<std::string> NamesOf(const Definitions& definitions, std::string_view prefix = {}) {
  std::vector<std::string> names;
  names.reserve(definitions.size());
  for (const auto& definition : definitions) names.push_back(std::string(prefix) + definition.name);
  return names;
}

// The position in a sorted list.
[[nodiscard]] std::optional<std::uint16_t> PositionOf(const std::vector<std::string>& sorted, std::string_view name);

// Definitions in order of their ids, with the names; refuses ids that are not usable. (`scope/name` is allowed.)
[[nodiscard]] std::vector<Written> SortedDefinitions(Loading& loading, std::string_view section, std::vector<std::string>& names);

}  // namespace antiphon::topology
