#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace antiphon::process {

// What follows the prefix in the names of the topics that Antiphon keeps; those of channels are kOutboundSuffix and the channel.
inline constexpr std::string_view kControlSuffix = "control";
inline constexpr std::string_view kRekeyedSuffix = "rekeyed";
inline constexpr std::string_view kStateSuffix = "state";
inline constexpr std::string_view kJournalSuffix = "journal";
inline constexpr std::string_view kContactsSuffix = "contacts";
inline constexpr std::string_view kDecisionsSuffix = "decisions";
inline constexpr std::string_view kOutboundSuffix = "outbound.";
inline constexpr std::string_view kDeadLettersSuffix = "dead-letters";
inline constexpr std::string_view kTopologiesSuffix = "topologies";
inline constexpr std::string_view kOwnersSuffix = "owners";

// What Kafka takes for a topic: letters, digits, '.', '_' and '-', at most 249, not "." or "..".
[[nodiscard]] bool IsTopicName(std::string_view name);

// Is it the name of a topic that Antiphon keeps under this prefix, whatever the topology's channels are?
[[nodiscard]] bool IsKeptTopic(std::string_view name, std::string_view prefix);

// antiphon.outbound.<channel>; '/' of a scoped channel becomes '.', as Kafka does not take it.
[[nodiscard]] std::string OutboundTopicName(std::string_view prefix, std::string_view channel);

}  // namespace antiphon::process
