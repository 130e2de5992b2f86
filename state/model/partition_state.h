#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "state/base/time.h"
#include "state/model/ids.h"

namespace antiphon::state {

enum class PausedKind : std::uint8_t { kOffer = 1, kCampaign = 2, kChannel = 3, kTrigger = 4, kAll = 5 };

struct Pause {
  PausedKind kind = PausedKind::kAll;
  std::uint16_t what = 0;  // position in the topology; 0 for kAll
  EngineTime since{};
  friend bool operator==(const Pause&, const Pause&) = default;
};

// PartitionState: what is not one customer's. Customers share it, so it changes by control records only, which reach every partition.
struct PartitionState {
  EngineTime clock{};            // engine time of the last step
  EngineTime newest_backfill{};  // the largest time of an event marked backfill
  std::vector<Pause> pauses;     // by kind, then what
};

}  // namespace antiphon::state
