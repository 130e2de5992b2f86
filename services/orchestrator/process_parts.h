#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/topology/topology.h"
#include "services/formats/live_records.h"
#include "services/orchestrator/directory_claims.h"
#include "services/orchestrator/fault_points.h"
#include "services/orchestrator/live_figures.h"
#include "services/orchestrator/topology_library.h"
#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "services/runtime/clock.h"
#include "services/runtime/log.h"
#include "state/store/rocksdb/rocks_resources.h"

namespace antiphon::orchestrator {

// ProcessParts: what all partitions of a process share. Made once, immutable but for the library, the clock, the faults, the figures and
// the claims, which are thread-safe; outlives workers and partitions.
struct ProcessParts {
  const process::ProcessConfig* config = nullptr;
  const process::TopicTable* topics = nullptr;
  const topology::Topology* topology = nullptr;  // the newest when the process started; the figures count by it
  TopologyLibrary* library = nullptr;
  std::vector<runtime::LogId> sources;   // every partition of the inputs that are re-keyed
  std::vector<std::string> descriptors;  // by input: the content of the file that its format names
  formats::LiveSettings settings;        // of a partition that runs `topology`
  std::shared_ptr<const store::RocksResources> rocks;
  std::size_t cache_bytes = 0;  // of decoded records, per partition
  runtime::Clock* clock = nullptr;
  FaultPoints* faults = nullptr;
  LiveFigures* figures = nullptr;     // of whoever has workers
  DirectoryClaims* claims = nullptr;  // of all stores of the process; nobody: only workers open them

  // Where a partition's store stands.
  [[nodiscard]] std::string DirectoryOf(std::int32_t partition) const {
    return (config->state_folder / ("partition-" + std::to_string(partition))).string();
  }
};

}  // namespace antiphon::orchestrator
