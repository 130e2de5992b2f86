#include "services/process/topic_table.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/process/topic_names.h"
#include "state/base/check.h"

namespace antiphon::process {

const char* ToString(TopicRole role) {
  static constexpr const char* kWords[] = {"input",     "control",  "rekeyed", "state",        "journal",    "contacts",
                                           "decisions", "outbound", "replies", "dead_letters", "topologies", "owners"};
  return kWords[static_cast<std::size_t>(role)];
}

TopicTable TopicTable::Make(const ProcessConfig& config, const topology::Topology& topology,
                            std::span<const std::shared_ptr<const topology::Topology>> others) {
  TopicTable table;
  const auto add = [&table](std::string name, TopicRole role) {
    table.topics_.push_back({.name = std::move(name), .role = role});
    return static_cast<std::uint32_t>(table.topics_.size() - 1);
  };
  const auto keep = [&](std::string_view suffix, TopicRole role) { return add(config.topic_prefix + std::string(suffix), role); };
  for (const InputTopic& input : config.inputs) {
    const std::uint32_t number = add(input.topic, TopicRole::kInput);
    (input.keyed_by == KeyedBy::kCustomer ? table.lanes_ : table.sources_).push_back(number);
  }
  table.inputs_ = static_cast<std::uint32_t>(config.inputs.size());
  (void)keep(kControlSuffix, TopicRole::kControl);
  if (!table.sources_.empty()) table.lanes_.push_back(keep(kRekeyedSuffix, TopicRole::kRekeyed));
  (void)keep(kStateSuffix, TopicRole::kState);
  (void)keep(kJournalSuffix, TopicRole::kJournal);
  (void)keep(kContactsSuffix, TopicRole::kContacts);
  (void)keep(kDecisionsSuffix, TopicRole::kDecisions);
  for (const topology::Channel& channel : topology.channels) {
    table.outbound_.push_back(
        channel.outbound ? std::optional(add(OutboundTopicName(config.topic_prefix, channel.id), TopicRole::kOutbound)) : std::nullopt);
  }
  for (const auto& other : others) {
    for (const topology::Channel& channel : other->channels) {
      const std::string name = OutboundTopicName(config.topic_prefix, channel.id);
      if (channel.outbound && std::ranges::find(table.topics_, name, &Topic::name) == table.topics_.end()) add(name, TopicRole::kOutbound);
    }
  }
  std::map<std::string, std::uint32_t, std::less<>> replies;
  for (const InputTopic& input : config.inputs) {
    std::optional<std::uint32_t>& of_input = table.replies_.emplace_back();
    if (input.replies.empty()) continue;
    const auto known = replies.find(input.replies);
    of_input = known != replies.end() ? known->second : add(input.replies, TopicRole::kReplies);
    replies.emplace(input.replies, *of_input);
  }
  (void)keep(kDeadLettersSuffix, TopicRole::kDeadLetters);
  (void)keep(kTopologiesSuffix, TopicRole::kTopologies);
  (void)keep(kOwnersSuffix, TopicRole::kOwners);
  return table;
}

std::uint32_t TopicTable::Of(TopicRole role) const {
  ANTIPHON_CHECK(role != TopicRole::kInput && role != TopicRole::kOutbound && role != TopicRole::kReplies);
  const auto found = std::ranges::find(topics_, role, &Topic::role);
  ANTIPHON_CHECK(found != topics_.end());
  return static_cast<std::uint32_t>(found - topics_.begin());
}

std::uint32_t TopicTable::OutboundOf(state::ChannelId channel) const {
  ANTIPHON_CHECK(channel.value() < outbound_.size() && outbound_[channel.value()].has_value());
  return *outbound_[channel.value()];
}

std::optional<std::uint32_t> TopicTable::RepliesOf(std::uint32_t input) const {
  ANTIPHON_CHECK(input < replies_.size());
  return replies_[input];
}

}  // namespace antiphon::process
