#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/live/cluster_view.h"
#include "services/topology_files/published_versions.h"
#include "state/base/hash.h"
#include "state/base/result.h"
#include "state/store/dictionary.h"

namespace antiphon::live {

enum class SlotOutlook : std::uint8_t { kKept, kNew, kChanged, kDropped };
// "kept", ..
[[nodiscard]] const char* ToString(SlotOutlook outlook);

// What becomes of a definition. A changed one is dropped and begins anew. The numbers are of those that lose something.
struct SlotForecast {
  SlotOutlook outlook = SlotOutlook::kNew;
  std::uint64_t customers = 0;   // who have something of it
  std::uint64_t in_pattern = 0;  // of a trigger: who are in the middle of its pattern
  std::uint64_t planned = 0;     // of an offer: contacts that are planned; they are cancelled when they fall due
};

struct PartitionStand {
  std::int32_t partition = 0;
  std::uint64_t commits = 0;  // 0: it never committed, and begins with the newest version
  Hash128 version;
};

// UpgradePlan: what a process file's topology would mean for an estate, partition by partition added up. Value type.
struct UpgradePlan {
  std::string name;  // of the folder's topology
  Hash128 version;
  std::optional<Hash128> newest;  // published
  bool published_before = false;  // the folder's version was, and another since
  std::vector<PartitionStand> stands;
  std::map<std::pair<store::SlotKind, std::string>, SlotForecast> slots;
  std::vector<std::string> needs_consent;  // "feature/spend_30d": what nobody allowed to drop so far
};

// Reads committed records of antiphon.topologies and antiphon.state, from their beginnings to their ends as they are now; joins no group.
// Memory: the customers who lose something, of one partition at a time.
[[nodiscard]] Result<UpgradePlan> MakeUpgradePlan(const ClusterView& view);

}  // namespace antiphon::live
