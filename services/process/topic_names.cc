#include "services/process/topic_names.h"

#include <algorithm>

namespace antiphon::process {
namespace {

constexpr std::size_t kNameMax = 249;

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

bool IsTopicName(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && name != "." && name != ".." && std::ranges::all_of(name, IsNameCharacter);
}

bool IsKeptTopic(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  constexpr std::string_view kKept[] = {kControlSuffix,   kRekeyedSuffix,     kStateSuffix,      kJournalSuffix, kContactsSuffix,
                                        kDecisionsSuffix, kDeadLettersSuffix, kTopologiesSuffix, kOwnersSuffix};
  return name.starts_with(kOutboundSuffix) || std::ranges::find(kKept, name) != std::end(kKept);
}

std::string OutboundTopicName(std::string_view prefix, std::string_view channel) {
  std::string name = std::string(prefix) + std::string(kOutboundSuffix) + std::string(channel);
  std::ranges::replace(name, '/', '.');
  return name;
}

}  // namespace antiphon::process
