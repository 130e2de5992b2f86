#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/topology/topology.h"
#include "services/replay/replay.h"
#include "state/base/result.h"

namespace antiphon::replay {

// `antiphon replay`, as its arguments say; what was not given is nothing. Source: docs/replay.md.
struct ReplayCommand {
  std::string topology;
  std::string out;
  std::vector<std::string> logs;
  std::string journal;
  std::optional<std::uint32_t> partitions;
  std::uint32_t threads = 1;
  std::optional<std::string> store;  // memory, rocksdb
  std::size_t memory_mib = kMemoryMiBDefault;
  std::optional<std::string> until;
  std::optional<std::uint64_t> stop_after;
  std::size_t batch_lines = 4096;
  bool force = false;
  bool resume = false;
  bool strict = false;
  bool json = false;
};

// Loads a topology folder; an error's message is whole and names the remedy.
using LoadTopologyFolder = std::function<Result<std::shared_ptr<const topology::Topology>>(const std::string& folder)>;

// Runs it: the summary goes to `output`, all else to `messages`, progress too if that is a terminal. Returns the exit code: 0 ok, 1 dead
// letters under --strict, 2 bad usage or input, 130 stopped before the end.
[[nodiscard]] int RunReplayCommand(ReplayCommand command, const LoadTopologyFolder& load, std::FILE* output, std::FILE* messages);

}  // namespace antiphon::replay
