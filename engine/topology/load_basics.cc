#include <algorithm>
#include <set>

#include "engine/calendar/calendar_period.h"
#include "engine/calendar/zone_loader.h"
#include "engine/topology/loaders.h"
#include "engine/topology/map_reader.h"
#include "engine/topology/sections.h"

namespace antiphon::topology {
namespace {

std::optional<calendar::Zone> ReadZone(Loading& loading, const YamlNode& node, std::string_view what) {
  const auto name = ReadText(loading, node, what);
  if (!name) return std::nullopt;
  auto zone = calendar::LoadZone(*name);
  if (zone) return std::move(*zone);
  loading.Error(node, "unknown_timezone", zone.error().message);
  return std::nullopt;
}

void LoadLanguages(Loading& loading, MapReader& root) {
  Topology& topology = loading.topology;
  std::set<std::string> languages;
  for (const YamlNode* language : root.Scalars("languages")) languages.insert(language->text);
  const YamlNode* fallback = root.Find("default_language");
  const std::string any = languages.empty() ? "en" : *languages.begin();
  const std::string name = fallback == nullptr ? any : ReadText(loading, *fallback, "default_language").value_or(any);
  if (fallback == nullptr && languages.size() > 1)
    loading.Error(*root.Find("languages"), "missing_key", "several languages need a `default_language`");
  if (!languages.empty() && !languages.contains(name) && fallback != nullptr)
    loading.UnknownName(*fallback, "language", name, {languages.begin(), languages.end()});
  languages.insert(name);
  topology.languages.assign(languages.begin(), languages.end());
  topology.default_language = state::LanguageId{PositionOf(topology.languages, name).value_or(0)};
}

void LoadDuplicates(Loading& loading) {
  const YamlNode* node = loading.sections.Value("duplicates");
  if (node == nullptr) return;
  MapReader reader(loading, *node, "`duplicates`");
  if (const auto ids = reader.Int("ids", 1, 65'536)) loading.topology.duplicate_ids_max = static_cast<std::uint32_t>(*ids);
  if (const auto horizon = reader.Duration("horizon")) loading.topology.duplicate_horizon = *horizon;
  reader.Finish();
}

void LoadAnswers(Loading& loading) {
  const YamlNode* node = loading.sections.Value("answers");
  if (node == nullptr) return;
  MapReader reader(loading, *node, "`answers`");
  if (const auto slots = reader.Int("slots", 1, 100)) loading.topology.answer_slots_default = static_cast<std::uint32_t>(*slots);
  if (const auto views = reader.Int("page_views", 0, 1000)) loading.topology.page_views_max = static_cast<std::uint32_t>(*views);
  reader.Finish();
}

template <typename T>
void LoadWord(Loading& loading, std::string_view section, const Words<T>& words, T& into) {
  const YamlNode* node = loading.sections.Value(section);
  if (node == nullptr) return;
  std::vector<std::string> names;
  for (const auto& [name, meaning] : words) names.emplace_back(name);
  if (const auto position = ReadWord(loading, *node, section, names)) into = words[*position].second;
}

}  // namespace

void LoadBasics(Loading& loading) {
  static const YamlNode kNoRoot;
  Topology& topology = loading.topology;
  MapReader root(loading, loading.sections.root == nullptr ? kNoRoot : *loading.sections.root, "a topology");
  if (loading.sections.root == nullptr) return;
  if (const YamlNode* version = root.Require("antiphon"))
    if (const auto number = ReadInt(loading, *version, "antiphon", 0, 1'000'000); number && *number != 1)
      loading.Error(*version, "unknown_language_version", "this is version " + version->text + " of the topology language; known is 1");
  if (root.Require("name") != nullptr) topology.name = root.Text("name");
  topology.about = root.Text("about");
  if (const YamlNode* zone = root.Find("timezone")) {
    if (auto loaded = ReadZone(loading, *zone, "timezone")) topology.zone = std::move(*loaded);
  } else {
    loading.Note(*loading.sections.root, "default_timezone", "no `timezone` is written: UTC");
  }
  if (const YamlNode* day = root.Find("week_starts")) {
    const auto weekday = calendar::ParseWeekday(day->text);
    if (!weekday) loading.Error(*day, "unknown_word", "`week_starts` cannot be '" + day->text + "'", "write monday to sunday");
    topology.week_starts = weekday.value_or(std::chrono::Monday);
  }
  LoadLanguages(loading, root);
  LoadWord<MomentOrder>(loading, "moments", {{"together", MomentOrder::kTogether}, {"in_order", MomentOrder::kInOrder}}, topology.moments);
  if (const YamlNode* record = loading.sections.Value("record")) {
    MapReader reader(loading, *record, "`record`");
    topology.record_candidates = reader
                                     .Word<RecordCandidates>("candidates", {{"all", RecordCandidates::kAll},
                                                                            {"past_gates", RecordCandidates::kPastGates},
                                                                            {"chosen", RecordCandidates::kChosen}})
                                     .value_or(RecordCandidates::kAll);
    reader.Finish();
  }
  LoadDuplicates(loading);
  LoadAnswers(loading);
}

void CollectNames(Loading& loading) {
  static_cast<void>(SortedDefinitions(loading, "features", loading.feature_names));
  static_cast<void>(SortedDefinitions(loading, "segments", loading.scheme_names));
  static_cast<void>(SortedDefinitions(loading, "triggers", loading.trigger_names));
  static_cast<void>(SortedDefinitions(loading, "campaigns", loading.campaign_names));
  static_cast<void>(SortedDefinitions(loading, "channels", loading.channel_names));
  static_cast<void>(SortedDefinitions(loading, "contact_policy.suppressions", loading.suppression_names));
  static_cast<void>(SortedDefinitions(loading, "consent", loading.purpose_names));
  for (const char* always : {"marketing", "profiling"})
    if (!PositionOf(loading.purpose_names, always))
      loading.purpose_names.insert(std::ranges::upper_bound(loading.purpose_names, always), always);
  std::set<std::string> issues, groups, products;
  for (const Written& offer : SortedDefinitions(loading, "offers", loading.offer_names)) {
    if (const YamlNode* issue = offer.value->Find("issue")) issues.insert(issue->text);
    if (const YamlNode* group = offer.value->Find("group")) groups.insert(group->text);
    if (const YamlNode* product = offer.value->Find("product")) products.insert(product->text);
  }
  loading.issues.assign(issues.begin(), issues.end());
  loading.groups.assign(groups.begin(), groups.end());
  loading.offer_products.assign(products.begin(), products.end());
}

}  // namespace antiphon::topology
