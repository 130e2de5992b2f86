#include "services/orchestrator/topology_library.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "services/orchestrator/decoders.h"
#include "services/runtime/slot_definitions.h"

namespace antiphon::orchestrator {
namespace {

constexpr std::size_t kListedMax = 20;

bool IsAllowed(const std::set<std::string>& allowed, const std::string& drop) {
  return allowed.contains(std::string(topology_files::kAllDrops)) || allowed.contains(drop);
}

}  // namespace

std::vector<std::string> DropsBetween(const topology::Topology& from, const topology::Topology& to) {
  const auto before = store::PlanSlots({}, runtime::SlotDefinitionsOf(from));
  if (!before) return {};
  const auto plan = store::PlanSlots(before->dictionary, runtime::SlotDefinitionsOf(to));
  std::vector<std::string> names = plan ? plan->DroppedNames() : std::vector<std::string>();
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> ForbiddenOf(std::vector<std::string> drops, const std::set<std::string>& allowed) {
  std::erase_if(drops, [&](const std::string& drop) { return IsAllowed(allowed, drop); });
  return drops;
}

std::string Listed(const std::vector<std::string>& drops) {
  std::string text;
  for (std::size_t i = 0; i < std::min(drops.size(), kListedMax); ++i) text += (i == 0 ? "" : ", ") + drops[i];
  return drops.size() > kListedMax ? text + " and " + std::to_string(drops.size() - kListedMax) + " more" : text;
}

void TopologyLibrary::Take(std::int64_t offset, std::optional<std::string_view> key, std::optional<std::string_view> value) {
  const std::lock_guard lock(mutex_);
  if (const auto wrong = versions_.Take(offset, key, value)) spdlog::warn("{}", *wrong);
}

void TopologyLibrary::PassTo(std::int64_t next) {
  const std::lock_guard lock(mutex_);
  versions_.PassTo(next);
}

std::int64_t TopologyLibrary::next() const {
  const std::lock_guard lock(mutex_);
  return versions_.next();
}

topology_files::PublishedVersions TopologyLibrary::versions() const {
  const std::lock_guard lock(mutex_);
  return versions_;
}

Result<std::shared_ptr<const TopologyParts>> TopologyLibrary::Find(const Hash128& version) {
  const std::lock_guard lock(mutex_);
  return FindLocked(version);
}

Result<std::shared_ptr<const TopologyParts>> TopologyLibrary::FindLocked(const Hash128& version) {
  if (const auto known = parts_.find(version); known != parts_.end()) return known->second;
  const auto* entry = versions_.Find(version);
  if (entry == nullptr) return Fail(Recovery::kStopProcess, "topology " + ToHex(version) + " is not in antiphon.topologies");
  auto topology = topology_files::CompileVersion(*entry->record, options_.semantics_version);
  if (!topology) return std::unexpected(std::move(topology.error()));
  if (const auto decoders = MakeDecoders(*options_.config, options_.descriptors, **topology); !decoders) {
    return Fail(Recovery::kStopProcess,
                "topology " + ToHex(version) + " does not fit the formats of this process file: " + decoders.error().message);
  }
  auto parts = TopologyParts::Make(*std::move(topology), *options_.config, *options_.topics, *options_.counted);
  if (parts) parts_.emplace(version, *parts);
  return parts;
}

// The version to be run after another, or why not.
Result<std::shared_ptr<const TopologyParts>> TopologyLibrary::MayFollow(const Hash128& from, const Hash128& to) {
  auto wanted = FindLocked(to);
  if (!wanted || from == to) return wanted;
  const auto before = FindLocked(from);
  if (!before) return before;
  std::set<std::string> allowed = versions_.AllowedDrops(from, to);
  allowed.insert(options_.allowed_drops.begin(), options_.allowed_drops.end());
  const std::vector<std::string> forbidden = ForbiddenOf(DropsBetween((*before)->topology(), (*wanted)->topology()), allowed);
  if (forbidden.empty()) return wanted;
  return Fail(Recovery::kStopProcess, "topology " + ToHex(to) + " would drop what customers have of " + Listed(forbidden) +
                                          ", and nobody consented (--allow-drop); `antiphon plan` says what it means");
}

// The partition ran what nobody published: an Antiphon from before versions were kept, or somebody emptied the topic.
Result<TopologyChoice> TopologyLibrary::ChooseUnknown(const Ran& ran, const topology_files::PublishedVersions::Entry* newest) {
  const bool allowed = newest != nullptr && (IsAllowed(newest->record->allowed_drops, {}) || IsAllowed(options_.allowed_drops, {}));
  if (!allowed) {
    return Fail(Recovery::kStopProcess, "a partition runs topology " + ToHex(ran.active) +
                                            ", which is not in antiphon.topologies, so nobody can say what another would drop: start once "
                                            "with the folder of that topology, or say --allow-drop all");
  }
  auto parts = FindLocked(newest->record->version);
  if (!parts) return std::unexpected(std::move(parts.error()));
  return TopologyChoice{.version = *std::move(parts), .topologies_next = versions_.next(), .activates = true};
}

Result<TopologyChoice> TopologyLibrary::Choose(const std::optional<Ran>& ran) {
  const std::lock_guard lock(mutex_);
  const auto* newest = versions_.Newest();
  if (!ran) {
    if (newest == nullptr) return Fail(Recovery::kStopProcess, "no topology was published: antiphon.topologies is empty");
    auto parts = FindLocked(newest->record->version);
    if (!parts) return std::unexpected(std::move(parts.error()));
    return TopologyChoice{.version = *std::move(parts), .topologies_next = versions_.next()};
  }
  if (versions_.Find(ran->active) == nullptr) return ChooseUnknown(*ran, newest);
  if (newest != nullptr && newest->record->version != ran->active && newest->offset >= ran->topologies_next) {
    auto parts = MayFollow(ran->active, newest->record->version);
    if (parts) return TopologyChoice{.version = *std::move(parts), .topologies_next = versions_.next(), .activates = true};
    spdlog::warn("a partition goes on with topology {}: {}", ToHex(ran->active), parts.error().message);
    auto active = FindLocked(ran->active);
    if (!active) return std::unexpected(std::move(active.error()));
    return TopologyChoice{.version = *std::move(active), .topologies_next = ran->topologies_next};
  }
  auto active = FindLocked(ran->active);
  if (!active) return std::unexpected(std::move(active.error()));
  return TopologyChoice{.version = *std::move(active), .topologies_next = versions_.next()};
}

ActivationAnswer TopologyLibrary::Ask(const TopologyParts& active, const Hash128& wanted) {
  const std::lock_guard lock(mutex_);
  const auto parts = MayFollow(active.version(), wanted);
  return {.refused = parts ? std::string() : parts.error().message, .topologies_next = versions_.next()};
}

}  // namespace antiphon::orchestrator
