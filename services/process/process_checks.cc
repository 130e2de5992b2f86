#include "services/process/process_checks.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "services/process/topic_names.h"

namespace antiphon::process {

std::vector<topology::Diagnostic> CheckWithTopology(const ProcessConfig& config, const topology::Topology& topology) {
  topology::Diagnostics diagnostics;
  const auto add = [&](topology::Severity severity, std::string code, std::string text, std::string message, std::string remedy) {
    diagnostics.Add({.severity = severity,
                     .code = std::move(code),
                     .file = config.file.string(),
                     .text = std::move(text),
                     .message = std::move(message),
                     .remedy = std::move(remedy)});
  };
  std::map<std::string, std::string> channel_of_topic;
  for (const topology::Channel& channel : topology.channels) {
    if (!channel.outbound) continue;
    const std::string topic = OutboundTopicName(config.topic_prefix, channel.id);
    if (!IsTopicName(topic)) {
      add(topology::Severity::kError, "bad_topic", channel.id, "the topic of channel " + channel.id + " would be longer than Kafka takes",
          "at most 249 letters with the prefix");
    } else if (const auto [other, is_new] = channel_of_topic.emplace(topic, channel.id); !is_new) {
      add(topology::Severity::kError, "duplicate_topic", channel.id,
          "the channels " + other->second + " and " + channel.id + " would share the topic " + topic, "rename one of the channels");
    }
  }
  const bool answers = std::ranges::any_of(config.inputs, [](const InputTopic& input) { return !input.replies.empty(); });
  if (topology.request_type && !answers) {
    add(topology::Severity::kWarning, "no_replies", {}, "the topology takes requests for decisions, and no input says where answers go",
        "write `replies: TOPIC` for the input on which requests come");
  }
  if (!topology.request_type && answers) {
    add(topology::Severity::kWarning, "no_requests", {}, "an input says where answers go, and the topology takes no requests for decisions",
        "declare the event decision.requested, or leave `replies` out");
  }
  return diagnostics.Take();
}

}  // namespace antiphon::process
