#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/topology/topology.h"
#include "services/process/process_config.h"
#include "services/process/surroundings.h"
#include "services/process/topic_table.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"

namespace antiphon::process {

struct TopicsCommand {
  std::string process = {};  // the file
  bool create = false;       // the topics that Antiphon keeps and that are missing
  std::optional<std::uint32_t> replication = std::nullopt;
  std::optional<std::uint32_t> partitions = std::nullopt;
  bool json = false;
};

// What the command is given by the program: its surroundings, topologies and the cluster. An error's message is whole.
struct TopicsPorts {
  const Surroundings& surroundings;
  std::function<Result<std::shared_ptr<const topology::Topology>>(const std::string& folder)> load_topology;
  std::function<Result<std::unique_ptr<runtime::LogDirectory>>(const ProcessConfig& config, std::shared_ptr<const TopicTable> table)> open;
};

// `antiphon topics`: what the topics of a process are and should be, with the command that mends each; and creates those that are
// Antiphon's and are missing, if that is wanted. It never changes or removes a topic, nor makes one of the bank's. The report goes to
// `output`. Returns the exit code: 0 all is good (there may be warnings), 1 something is missing or wrong, 2 bad usage or file, or no
// cluster.
[[nodiscard]] int RunTopicsCommand(const TopicsCommand& command, const TopicsPorts& ports, std::FILE* output, std::FILE* messages);

}  // namespace antiphon::process
