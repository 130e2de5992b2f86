#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "engine/topology/topology.h"
#include "services/replay/summary.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::replay {

enum class StoreKind : std::uint8_t { kMemory, kRocksDb };

inline constexpr std::uint32_t kPartitionsDefault = 16;
inline constexpr std::uint32_t kPartitionsMax = 4096;
inline constexpr std::uint32_t kThreadsMax = 256;
inline constexpr std::size_t kMemoryMiBDefault = 1024;  // RocksDB: decoded records and blocks
inline constexpr std::size_t kMemoryMiBMin = 64;

// What one run is told. Source: docs/replay.md.
struct ReplayOptions {
  std::string topology_folder;    // as given, for the file that a stopped run leaves
  std::vector<std::string> logs;  // "-" is standard input
  std::string out;
  std::string journal;  // replay from it; empty: from the logs
  std::uint32_t partitions = kPartitionsDefault;
  std::uint32_t threads = 1;
  StoreKind store = StoreKind::kMemory;
  std::size_t memory_mib = kMemoryMiBDefault;
  std::optional<EngineTime> until;
  std::optional<std::uint64_t> stop_after;  // lines
  std::size_t batch_lines = 4096;
  std::vector<std::string> notes;  // for the summary: what was announced
  bool replace = false;            // --force
  bool resume = false;
  const std::atomic<bool>* interrupted = nullptr;
  std::FILE* progress = nullptr;  // a terminal; nullptr: quiet
};

struct ReplayOutcome {
  bool stopped = false;  // before the end: `summary` is of what was done so far, and the folder can be resumed
  Summary summary;
};

// Replays the logs through the topology into the output folder. An Error leaves the folder as far as it was written; it cannot be resumed.
[[nodiscard]] Result<ReplayOutcome> RunReplay(const ReplayOptions& options, const topology::Topology& topology);

}  // namespace antiphon::replay
