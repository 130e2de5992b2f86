#include "services/orchestrator/topology_parts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "services/process/topic_names.h"
#include "services/runtime/slot_definitions.h"
#include "state/base/check.h"

namespace antiphon::orchestrator {

TopologyParts::TopologyParts(std::shared_ptr<const topology::Topology> topology)
    : topology_(std::move(topology)), engine_(*topology_), writer_(*topology_), definitions_(runtime::SlotDefinitionsOf(*topology_)) {}

Result<std::shared_ptr<const TopologyParts>> TopologyParts::Make(std::shared_ptr<const topology::Topology> topology,
                                                                 const process::ProcessConfig& config, const process::TopicTable& topics,
                                                                 const topology::Topology& counted) {
  std::shared_ptr<TopologyParts> made(new TopologyParts(std::move(topology)));
  for (const topology::Channel& channel : made->topology_->channels) {
    std::optional<std::uint32_t>& of_channel = made->outbound_.emplace_back();
    if (!channel.outbound) continue;
    const std::string name = process::OutboundTopicName(config.topic_prefix, channel.id);
    const auto found = std::ranges::find_if(
        topics.topics(), [&](const process::Topic& topic) { return topic.role == process::TopicRole::kOutbound && topic.name == name; });
    if (found == topics.topics().end()) {
      return Fail(Recovery::kStopProcess, "topology " + ToHex(made->version()) + " sends to " + name +
                                              ", which this process did not know when it started: start it again");
    }
    of_channel = static_cast<std::uint32_t>(found - topics.topics().begin());
  }
  made->count_ids_ = CountIds(*made->topology_, counted);
  return std::shared_ptr<const TopologyParts>(std::move(made));
}

std::uint32_t TopologyParts::OutboundOf(state::ChannelId channel) const {
  ANTIPHON_CHECK(channel.value() < outbound_.size() && outbound_[channel.value()].has_value());
  return *outbound_[channel.value()];
}

}  // namespace antiphon::orchestrator
