#pragma once

#include <memory>
#include <set>
#include <string>

#include "engine/topology/topology.h"
#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"

namespace antiphon::live {

// ClusterView: a process file and its cluster for a tool that looks on or feeds it: nothing of the topics is checked, no group is joined,
// no state is opened. Immutable but for the ports, which are its owner's.
struct ClusterView {
  process::ProcessConfig config;
  std::shared_ptr<const topology::Topology> topology;
  std::shared_ptr<const process::TopicTable> topics;
  std::unique_ptr<runtime::LogDirectory> directory;

  // The error's message is whole: all mistakes of the files, one a line.
  [[nodiscard]] static Result<ClusterView> Open(const std::string& file);

  // Reads committed records; topics are numbered as in `topics`. Headers of all of them.
  [[nodiscard]] Result<std::unique_ptr<runtime::EventSource>> MakeSource() const;
  // How many partitions a topic has; fails (kStopProcess) if it is not there.
  [[nodiscard]] Result<std::int32_t> PartitionsOf(const std::string& topic) const;
};

}  // namespace antiphon::live
