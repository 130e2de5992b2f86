#include "engine/topology/sections.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "engine/topology/map_reader.h"

namespace antiphon::topology {
namespace {

// Sections that are maps from ids to definitions and may be spread over files.
constexpr std::array kMaps = {"events", "features", "segments", "triggers", "offers", "campaigns", "channels", "consent", "classes"};
// Sections written in one piece, in one file; contact_policy is merged by its own keys.
constexpr std::array kValues = {"envelope", "customer",   "arbitration", "experiments", "moments",
                                "record",   "duplicates", "placements",  "answers"};
constexpr std::array kPolicyKeys = {"caps", "gaps", "after", "exclusions", "suppressions", "remember"};
constexpr std::array kRootKeys = {"antiphon", "name", "about", "timezone", "week_starts", "default_language", "languages", "include"};

template <typename List>
bool IsOneOf(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

std::vector<std::string> KnownKeys(bool root) {
  std::vector<std::string> keys;
  if (root) keys.insert(keys.end(), kRootKeys.begin(), kRootKeys.end());
  keys.insert(keys.end(), kMaps.begin(), kMaps.end());
  keys.insert(keys.end(), kValues.begin(), kValues.end());
  keys.emplace_back("contact_policy");
  return keys;
}

class SectionReader {
 public:
  explicit SectionReader(Loading& loading) : loading_(loading) {}

  void ReadAll() {
    const YamlNode* root = ReadFile(kRootFile, nullptr);
    if (root == nullptr) return;
    loading_.sections.root = root;
    Merge(*root, true);
    const YamlNode* include = root->Find("include");
    if (include == nullptr) return;
    for (const YamlNode* pattern : ReadScalars(loading_, *include, "include")) Include(*pattern);
  }

 private:
  // The root of the file's tree; nullptr if there is none. `from`: what names the file, or nullptr for the topology's own.
  const YamlNode* ReadFile(const std::string& path, const YamlNode* from) {
    if (std::ranges::find(read_, path) != read_.end()) return nullptr;  // two patterns may meet one file
    read_.push_back(path);
    auto text = loading_.files.Read(path);
    if (!text) {
      if (from != nullptr) {
        loading_.Error(*from, "unreadable_file", "'" + path + "' cannot be read");
      } else {
        loading_.diagnostics.Add({Severity::kError, "unreadable_file", path, 1, 1, {}, "there is no " + path + " in the folder", {}});
      }
      return nullptr;
    }
    const std::uint16_t file = loading_.sources.Add(path, std::move(*text));
    auto document = std::make_unique<YamlDocument>(ParseYaml(loading_.sources.text(file), file));
    for (const YamlProblem& problem : document->problems) {
      const Sources::Place place = loading_.sources.PlaceOf(file, problem.offset);
      loading_.diagnostics.Add({Severity::kError, problem.code, path, place.line, place.column, {}, problem.message, problem.remedy});
    }
    loading_.sections.documents.push_back(std::move(document));
    const YamlNode& root = loading_.sections.documents.back()->root;
    if (root.is_map()) return &root;
    if (!root.is_null() || from == nullptr)
      if (loading_.sections.documents.back()->problems.empty())
        loading_.Error(root, "wrong_type", "a topology is written as a map of sections");
    return nullptr;
  }

  void Include(const YamlNode& pattern) {
    const std::vector<std::string> all = loading_.files.List();
    const bool is_glob = pattern.text.find_first_of("*?") != std::string::npos;
    bool met = false;
    for (const std::string& path : all) {
      if (path == kRootFile || !FitsGlob(path, pattern.text)) continue;
      met = true;
      if (loading_.sources.size() >= kFilesMax) {
        loading_.Error(pattern, "too_many_files", "more than " + std::to_string(kFilesMax) + " files are included");
        return;
      }
      if (const YamlNode* root = ReadFile(path, &pattern)) Merge(*root, false);
    }
    if (met) return;
    if (is_glob) {
      loading_.Warn(pattern, "include_of_nothing", "no file of the folder fits '" + pattern.text + "'");
    } else {
      loading_.UnknownName(pattern, "file", pattern.text, all);
    }
  }

  void Merge(const YamlNode& root, bool is_root) {
    for (const YamlEntry& entry : root.entries) {
      const std::string& section = entry.key.text;
      if (IsOneOf(kMaps, section)) {
        MergeDefinitions(section, entry.value);
      } else if (IsOneOf(kValues, section)) {
        PutValue(section, entry);
      } else if (section == "contact_policy") {
        MergePolicy(entry.value);
      } else if (!is_root && IsOneOf(kRootKeys, section)) {
        loading_.Error(entry.key, "misplaced_key", "'" + section + "' belongs into " + kRootFile);
      } else if (!is_root || !IsOneOf(kRootKeys, section)) {
        loading_.Error(entry.key, "unknown_key", "a topology has no section '" + section + "'", Suggest(section, KnownKeys(is_root)));
      }
    }
  }

  void MergeDefinitions(const std::string& section, const YamlNode& map) {
    if (map.is_null()) return;
    if (!map.is_map()) return loading_.Error(map, "wrong_type", "`" + section + "` is written as a map from ids to definitions");
    auto& defined = ids_[section];
    for (const YamlEntry& entry : map.entries) {
      const auto [first, is_new] = defined.emplace(entry.key.text, &entry.key);
      if (is_new) {
        loading_.sections.maps[section].push_back({&entry.key, &entry.value});
      } else {
        const Sources::Place place = loading_.sources.PlaceOf(first->second->file, first->second->offset);
        loading_.Error(entry.key, "duplicate_id",
                       "'" + entry.key.text + "' is defined in " + loading_.sources.path(first->second->file) + ":" +
                           std::to_string(place.line) + " already");
      }
    }
  }

  void PutValue(const std::string& name, const YamlEntry& entry) {
    if (entry.value.is_null()) return;
    auto& values = loading_.sections.values[name];
    if (!values.empty()) loading_.Error(entry.key, "duplicate_section", "`" + entry.key.text + "` is written in another file already");
    values.push_back({&entry.key, &entry.value});
  }

  void MergePolicy(const YamlNode& policy) {
    if (policy.is_null()) return;
    if (!policy.is_map()) return loading_.Error(policy, "wrong_type", "`contact_policy` is written as a map");
    for (const YamlEntry& entry : policy.entries) {
      const std::string& key = entry.key.text;
      if (key == "after" || key == "suppressions") {
        MergeDefinitions("contact_policy." + key, entry.value);
      } else if (key == "remember") {
        PutValue("contact_policy.remember", entry);
      } else if (IsOneOf(kPolicyKeys, key)) {
        if (!entry.value.is_null()) loading_.sections.values["contact_policy." + key].push_back({&entry.key, &entry.value});
      } else {
        loading_.Error(entry.key, "unknown_key", "the contact policy has no key '" + key + "'",
                       Suggest(key, {kPolicyKeys.begin(), kPolicyKeys.end()}));
      }
    }
  }

  static constexpr std::size_t kFilesMax = 2000;

  Loading& loading_;
  std::vector<std::string> read_;
  std::map<std::string, std::map<std::string, const YamlNode*>> ids_;
};

}  // namespace

void ReadSections(Loading& loading) { SectionReader(loading).ReadAll(); }

}  // namespace antiphon::topology
