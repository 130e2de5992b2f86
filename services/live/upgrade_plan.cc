#include "services/live/upgrade_plan.h"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string_view>
#include <unordered_map>

#include "services/archive/log_cursor.h"
#include "services/formats/live_records.h"
#include "services/live/publication.h"
#include "services/orchestrator/topology_library.h"
#include "services/runtime/clock.h"
#include "services/runtime/slot_definitions.h"
#include "services/runtime/version.h"
#include "services/topology_files/published_version.h"
#include "state/store/codec.h"
#include "state/store/slot_use.h"
#include "state/store/stored_row.h"

namespace antiphon::live {
namespace {

using store::SlotDefinition;
using store::SlotFate;
using store::SlotKind;
using SlotName = std::pair<SlotKind, std::string>;
// The definitions in force, as the dictionary has them.
std::vector<SlotDefinition> InForce(const store::SlotDictionary& dictionary) {
  std::vector<SlotDefinition> definitions;
  for (const auto& entry : dictionary.entries()) {
    if (entry.in_force) definitions.push_back({.kind = entry.kind, .id = entry.id, .definition = entry.definition});
  }
  return definitions;
}

// LossCount: what the customers of one partition have of what is dropped. The changelog tells a customer more than once: the last counts.
class LossCount {
 public:
  // `plan`: of the partition's dictionary and the new topology.
  [[nodiscard]] static Result<LossCount> Make(const store::SlotDictionary& dictionary, const store::SlotPlan& plan) {
    LossCount count;
    const std::vector<SlotDefinition> in_force = InForce(dictionary);
    auto read = store::PlanSlots(dictionary, in_force);
    if (!read) return std::unexpected(std::move(read.error()));
    count.map_ = std::move(read->map);
    std::set<SlotName> dropped;
    for (const store::SlotPlanEntry& slot : plan.slots) {
      if (slot.fate == SlotFate::kDropped) dropped.emplace(slot.kind, slot.id);
    }
    for (const SlotDefinition& definition : in_force) {
      auto& of_kind = count.by_index_.at(static_cast<std::size_t>(definition.kind));
      const bool is_dropped = dropped.contains({definition.kind, definition.id});
      of_kind.push_back(is_dropped ? std::optional(count.names_.size()) : std::nullopt);
      if (is_dropped) count.names_.emplace_back(definition.kind, definition.id);
    }
    return count;
  }

  Result<void> Take(std::string_view customer, std::optional<std::string_view> row) {
    losses_.erase(std::string(customer));
    if (!row) return {};
    const auto split = store::SplitRow(*row);
    if (!split) return Fail(Recovery::kStopProcess, "the changelog holds a value that is no customer's row");
    if (auto read = store::DecodeCustomerInto(split->record, map_, state_); !read) return std::unexpected(std::move(read.error()));
    std::map<std::size_t, Loss> losses;
    store::VisitSlots(state_, [&](SlotKind kind, std::uint16_t index) {
      if (const auto slot = DroppedAt(kind, index)) losses[*slot].some = true;
    });
    for (const auto& trigger : state_.triggers) {
      const auto slot = DroppedAt(SlotKind::kTrigger, trigger.trigger.value());
      if (slot && !trigger.runs.Empty()) losses[*slot].in_pattern = true;
    }
    for (const auto& contact : state_.contacts) {
      if (contact.status != state::ContactStatus::kPlanned || contact.offer == state::kNone<state::OfferId>) continue;
      if (const auto slot = DroppedAt(SlotKind::kOffer, contact.offer.value())) ++losses[*slot].planned;
    }
    if (!losses.empty()) losses_.emplace(customer, Losses(losses.begin(), losses.end()));
    return {};
  }

  void AddTo(UpgradePlan& plan) const {
    for (const auto& [customer, losses] : losses_) {
      for (const auto& [slot, loss] : losses) {
        SlotForecast& forecast = plan.slots[names_[slot]];
        if (loss.some) ++forecast.customers;
        if (loss.in_pattern) ++forecast.in_pattern;
        forecast.planned += loss.planned;
      }
    }
  }

 private:
  struct Loss {
    bool some = false;
    bool in_pattern = false;
    std::uint32_t planned = 0;
  };

  using Losses = std::vector<std::pair<std::size_t, Loss>>;  // by slot

  [[nodiscard]] std::optional<std::size_t> DroppedAt(SlotKind kind, std::uint16_t index) const {
    const auto& of_kind = by_index_.at(static_cast<std::size_t>(kind));
    return index < of_kind.size() ? of_kind[index] : std::nullopt;
  }

  store::SlotMap map_;
  std::array<std::vector<std::optional<std::size_t>>, store::kSlotKinds> by_index_;  // by kind and index in force: in names_
  std::vector<SlotName> names_;                                                      // what is dropped
  std::unordered_map<std::string, Losses> losses_;                                   // by customer
  state::CustomerState state_;                                                       // reused
};

class Planner {
 public:
  Planner(const ClusterView& view, runtime::EventSource& source) : view_(view), source_(source) {}

  Result<UpgradePlan> Run() {
    auto own = topology_files::LoadVersionFolder(view_.config.topology.string(), runtime::kSemanticsVersion);
    if (!own) return std::unexpected(std::move(own.error()));
    auto versions = ReadPublished(*view_.topics, source_, *view_.directory, clock_);
    if (!versions) return std::unexpected(std::move(versions.error()));
    versions_ = *std::move(versions);
    plan_.name = own->record.name;
    plan_.version = own->record.version;
    if (const auto* newest = versions_.Newest(); newest != nullptr) plan_.newest = newest->record->version;
    plan_.published_before = versions_.Find(plan_.version) != nullptr && plan_.newest != plan_.version;
    definitions_ = runtime::SlotDefinitionsOf(*own->topology);
    for (const SlotDefinition& definition : definitions_) plan_.slots[{definition.kind, definition.id}];
    const auto partitions = view_.PartitionsOf(view_.topics->topics()[view_.topics->Of(process::TopicRole::kState)].name);
    if (!partitions) return std::unexpected(partitions.error());
    for (std::int32_t partition = 0; partition < *partitions; ++partition) {
      if (auto added = AddPartition(partition); !added) return std::unexpected(std::move(added.error()));
    }
    if (auto added = AddNewest(*own); !added) return std::unexpected(std::move(added.error()));
    plan_.needs_consent.assign(forbidden_.begin(), forbidden_.end());
    return std::move(plan_);
  }

 private:
  Result<void> AddPartition(std::int32_t partition) {
    const runtime::LogId log{.topic = view_.topics->Of(process::TopicRole::kState), .partition = partition};
    PartitionStand stand{.partition = partition, .commits = 0, .version = {}};
    store::SlotDictionary dictionary;
    auto read = archive::ForEachRecord(source_, *view_.directory, clock_, log, [&](const runtime::LogRecord& record) -> Result<void> {
      if (record.key == formats::kMetaKey && record.value) {
        const auto meta = formats::DecodePartitionMeta(*record.value);
        if (!meta) return std::unexpected(meta.error());
        stand.commits = meta->sequence;
        stand.version = meta->topology_version;
      } else if (record.key == formats::kDictionaryKey && record.value) {
        auto decoded = store::SlotDictionary::Decode(*record.value);
        if (!decoded) return std::unexpected(std::move(decoded.error()));
        dictionary = *std::move(decoded);
      }
      return {};
    });
    if (!read) return std::unexpected(std::move(read.error()));
    plan_.stands.push_back(stand);
    if (stand.commits == 0) return {};
    const auto slots = store::PlanSlots(dictionary, definitions_);
    if (!slots) return std::unexpected(slots.error());
    Note(*slots);
    if (!slots->DropsAnything()) return {};
    Forbid(slots->DroppedNames(), versions_.AllowedDrops(stand.version, plan_.version));
    // Once more: a row is read with the whole dictionary, which may stand behind it.
    auto losses = LossCount::Make(dictionary, *slots);
    if (!losses) return std::unexpected(std::move(losses.error()));
    read = archive::ForEachRecord(source_, *view_.directory, clock_, log, [&](const runtime::LogRecord& record) -> Result<void> {
      if (!record.key || !record.key->starts_with(formats::kCustomerKey)) return {};
      return losses->Take(record.key->substr(1), record.value);
    });
    if (!read) return std::unexpected(std::move(read.error()));
    losses->AddTo(plan_);
    return {};
  }

  // What one partition says of each slot; of several, the worst.
  void Note(const store::SlotPlan& slots) {
    std::set<SlotName> goes_on;
    for (const SlotDefinition& definition : definitions_) goes_on.emplace(definition.kind, definition.id);
    for (const store::SlotPlanEntry& slot : slots.slots) {
      SlotForecast& forecast = plan_.slots[{slot.kind, slot.id}];
      SlotOutlook outlook = slot.fate == SlotFate::kKeep ? SlotOutlook::kKept : SlotOutlook::kNew;
      if (slot.fate == SlotFate::kDropped) {
        outlook = goes_on.contains({slot.kind, slot.id}) ? SlotOutlook::kChanged : SlotOutlook::kDropped;
      }
      if (Rank(outlook) > Rank(forecast.outlook)) forecast.outlook = outlook;
    }
  }
  static int Rank(SlotOutlook outlook) {
    constexpr std::array kRanks{1, 0, 2, 3};  // new, kept, changed, dropped
    return kRanks.at(static_cast<std::size_t>(outlook));
  }

  // What `antiphon run` asks: the version that was published last, whatever the partitions have of it.
  Result<void> AddNewest(const topology_files::LoadedVersion& own) {
    const auto* newest = versions_.Newest();
    if (newest == nullptr || newest->record->version == plan_.version) return {};
    const auto compiled = topology_files::CompileVersion(*newest->record, runtime::kSemanticsVersion);
    if (!compiled) return std::unexpected(compiled.error());
    Forbid(orchestrator::DropsBetween(**compiled, *own.topology), {});
    return {};
  }

  void Forbid(std::vector<std::string> drops, const std::set<std::string>& allowed) {
    const std::vector<std::string> forbidden = orchestrator::ForbiddenOf(std::move(drops), allowed);
    forbidden_.insert(forbidden.begin(), forbidden.end());
  }

  const ClusterView& view_;
  runtime::EventSource& source_;
  runtime::WallClock clock_;
  topology_files::PublishedVersions versions_;
  std::vector<SlotDefinition> definitions_;  // of the folder's topology
  std::set<std::string> forbidden_;
  UpgradePlan plan_;
};

}  // namespace

const char* ToString(SlotOutlook outlook) {
  static constexpr std::array<const char*, 4> kWords{"kept", "new", "changed", "dropped"};
  return kWords.at(static_cast<std::size_t>(outlook));
}

Result<UpgradePlan> MakeUpgradePlan(const ClusterView& view) {
  auto source = view.MakeSource();
  if (!source) return std::unexpected(std::move(source.error()));
  return Planner(view, **source).Run();
}

}  // namespace antiphon::live
