#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/decision/engine.h"
#include "engine/topology/topology.h"
#include "services/formats/record_writer.h"
#include "services/orchestrator/live_figures.h"
#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "state/base/result.h"
#include "state/store/dictionary.h"

namespace antiphon::orchestrator {

// TopologyParts: all that depends on one version of the topology. Immutable, shared by threads; a partition keeps that which it runs.
class TopologyParts {
 public:
  // `counted`: the topology that the process's figures count by. kStopProcess: the version sends through a channel that has no topic in
  // this process's table, which is made when the process starts.
  [[nodiscard]] static Result<std::shared_ptr<const TopologyParts>> Make(std::shared_ptr<const topology::Topology> topology,
                                                                         const process::ProcessConfig& config,
                                                                         const process::TopicTable& topics,
                                                                         const topology::Topology& counted);
  TopologyParts(const TopologyParts&) = delete;
  TopologyParts& operator=(const TopologyParts&) = delete;

  [[nodiscard]] const topology::Topology& topology() const { return *topology_; }
  [[nodiscard]] const Hash128& version() const { return topology_->version; }
  [[nodiscard]] const decision::Engine& engine() const { return engine_; }
  [[nodiscard]] const formats::RecordWriter& writer() const { return writer_; }
  [[nodiscard]] const std::vector<store::SlotDefinition>& definitions() const { return definitions_; }
  [[nodiscard]] const CountIds& count_ids() const { return count_ids_; }
  // The topic of a channel, in the process's table. REQUIRES: the channel may carry sends.
  [[nodiscard]] std::uint32_t OutboundOf(state::ChannelId channel) const;

 private:
  explicit TopologyParts(std::shared_ptr<const topology::Topology> topology);

  std::shared_ptr<const topology::Topology> topology_;
  decision::Engine engine_;
  formats::RecordWriter writer_;
  std::vector<store::SlotDefinition> definitions_;
  std::vector<std::optional<std::uint32_t>> outbound_;  // by channel
  CountIds count_ids_;
};

}  // namespace antiphon::orchestrator
