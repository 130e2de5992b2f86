#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "services/replay/batch_reader.h"
#include "services/replay/tally.h"
#include "services/runtime/partition_task.h"
#include "state/base/hash.h"
#include "state/base/time.h"

namespace antiphon::replay {

// What a replay tells at its end, as text and as JSON. Source: docs/replay.md, "The summary".
struct Summary {
  bool stopped = false;
  std::vector<std::string> notes;  // of the journal that was followed: what is not as it was then
  std::string topology_name;
  Hash128 topology_version;
  std::uint32_t semantics_version = 0;
  std::uint32_t partitions = 0;
  std::uint32_t threads = 0;
  std::string store;
  EngineTime clock{};
  ReadFigures read;
  std::vector<std::string> event_types;  // names, by position in read.events_by_type
  runtime::TaskFigures tasks;
  Totals totals;
  Hash128 state_digest;
  std::uint64_t customers = 0;
  std::uint64_t state_bytes = 0;
  double seconds = 0;
};

// Contacts said, by decile of all customers of the state, the most contacted tenth first; the rest of a division goes to the first ones.
[[nodiscard]] std::array<std::uint64_t, 10> ContactsByDecile(const Totals& totals, std::uint64_t customers);

[[nodiscard]] std::string SummaryAsText(const Summary& summary);
[[nodiscard]] std::string SummaryAsJson(const Summary& summary);

}  // namespace antiphon::replay
