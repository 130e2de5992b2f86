#include "state/store/dictionary.h"

#include <algorithm>
#include <map>
#include <utility>

#include "state/store/wire.h"

namespace antiphon::store {
namespace {

constexpr std::uint8_t kDictionaryVersion = 1;
constexpr std::size_t kEntryBytesMin = 1 + 1 + 1 + 16;

constexpr std::array<std::string_view, kSlotKinds> kKindNames{
    "",        "channel",       "offer",          "treatment",    "campaign",   "trigger",
    "feature", "profile_field", "segment_scheme", "suppression",  "cooldown",   "product",
    "purpose", "contact_point", "language",       "moment_value", "event_type", "group",
    "issue"};

std::size_t Position(SlotKind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

std::string_view SlotKindName(SlotKind kind) { return kKindNames.at(Position(kind)); }

std::optional<SlotKind> SlotKindOf(std::string_view name) {
  const auto found = std::ranges::find(kKindNames, name);
  if (found == kKindNames.end() || name.empty()) return std::nullopt;
  return static_cast<SlotKind>(found - kKindNames.begin());
}

void SlotDictionary::Append(Entry entry) {
  entry.number = counts_[Position(entry.kind)]++;
  entries_.push_back(std::move(entry));
}

std::string SlotDictionary::Encode() const {
  std::string out;
  WireWriter writer(out);
  writer.U8(kDictionaryVersion);
  writer.V(entries_.size());
  for (const Entry& entry : entries_) {
    writer.Room();
    writer.U8(static_cast<std::uint8_t>(entry.kind));
    writer.U8(entry.in_force ? 1 : 0);
    writer.Text(entry.id);
    writer.Hash(entry.definition);
  }
  writer.Finish();
  return out;
}

Result<SlotDictionary> SlotDictionary::Decode(std::string_view bytes) {
  WireReader reader(bytes);
  const std::uint8_t version = reader.U8();
  if (version != kDictionaryVersion) {
    return Fail(Recovery::kStopProcess, "the state's slot dictionary has version " + std::to_string(version) +
                                            ", this program reads 1: use the program that wrote it, or a newer one");
  }
  SlotDictionary dictionary;
  const std::size_t count = reader.Count(kEntryBytesMin);
  dictionary.entries_.reserve(count);
  for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
    Entry entry;
    entry.kind = reader.List(reader.U8(), SlotKind::kChannel, SlotKind::kIssue);
    entry.in_force = reader.List<std::uint8_t>(reader.U8(), 0, 1) == 1;
    entry.id = reader.Text();
    entry.definition = reader.Hash();
    dictionary.Append(std::move(entry));
  }
  if (reader.failed() || !reader.AtEnd()) return Fail(Recovery::kStopProcess, "the state's slot dictionary is damaged");
  return dictionary;
}

bool SlotPlan::DropsAnything() const {
  return std::ranges::any_of(slots, [](const SlotPlanEntry& slot) { return slot.fate == SlotFate::kDropped; });
}

std::vector<std::string> SlotPlan::DroppedNames() const {
  std::vector<std::string> names;
  for (const SlotPlanEntry& slot : slots) {
    if (slot.fate == SlotFate::kDropped) names.push_back(std::string(SlotKindName(slot.kind)) + "/" + slot.id);
  }
  return names;
}

// The one who may write dictionaries and maps.
class SlotPlanner {
 public:
  static Result<SlotPlan> Plan(const SlotDictionary& dictionary, std::span<const SlotDefinition> definitions) {
    SlotPlan plan;
    plan.dictionary = dictionary;
    plan.map.identity_ = false;
    std::vector<SlotDictionary::Entry>& entries = plan.dictionary.entries_;
    std::map<std::tuple<SlotKind, std::string_view, Hash128>, std::size_t> known;
    for (std::size_t i = 0; i < dictionary.entries_.size(); ++i) {
      const SlotDictionary::Entry& entry = dictionary.entries_[i];
      if (entry.in_force) known.emplace(std::tuple(entry.kind, std::string_view(entry.id), entry.definition), i);
      entries[i].in_force = false;
    }
    std::map<std::pair<SlotKind, std::string_view>, bool> seen;
    for (const SlotDefinition& definition : definitions) {
      ANTIPHON_CHECK(definition.kind != SlotKind::kNone && Position(definition.kind) < kSlotKinds);
      if (!seen.emplace(std::pair(definition.kind, std::string_view(definition.id)), true).second) {
        return Fail(Recovery::kStopProcess, "two definitions of one kind have the id '" + definition.id + "'");
      }
      const auto found = known.find(std::tuple(definition.kind, std::string_view(definition.id), definition.definition));
      const bool is_known = found != known.end();
      const std::size_t place = is_known ? found->second : entries.size();
      const SlotFate fate = is_known ? SlotFate::kKeep : SlotFate::kNew;
      if (!is_known) plan.dictionary.Append({.kind = definition.kind, .id = definition.id, .definition = definition.definition});
      entries[place].in_force = true;
      plan.slots.push_back({.kind = definition.kind, .id = definition.id, .fate = fate});
      std::vector<std::uint32_t>& stored = plan.map.to_stored_[Position(definition.kind)];
      if (stored.size() == SlotMap::kIndexMax) return Fail(Recovery::kStopProcess, "more than 65,535 definitions of one kind");
      stored.push_back(entries[place].number);
      if (definition.kind == SlotKind::kCooldown) plan.map.cooldown_refers_to_.push_back(definition.refers_to);
    }
    for (std::size_t i = 0; i < dictionary.entries_.size(); ++i) {
      if (dictionary.entries_[i].in_force && !entries[i].in_force) {
        plan.slots.push_back({.kind = entries[i].kind, .id = entries[i].id, .fate = SlotFate::kDropped});
      }
    }
    Invert(plan);
    return plan;
  }

 private:
  static void Invert(SlotPlan& plan) {
    for (std::size_t kind = 0; kind < kSlotKinds; ++kind) {
      std::vector<std::int32_t>& indices = plan.map.to_index_[kind];
      indices.assign(plan.dictionary.counts_[kind], SlotMap::kDropped);
      const std::vector<std::uint32_t>& stored = plan.map.to_stored_[kind];
      for (std::size_t index = 0; index < stored.size(); ++index) indices[stored[index]] = static_cast<std::int32_t>(index);
    }
  }
};

Result<SlotPlan> PlanSlots(const SlotDictionary& dictionary, std::span<const SlotDefinition> definitions) {
  return SlotPlanner::Plan(dictionary, definitions);
}

}  // namespace antiphon::store
