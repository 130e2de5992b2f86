#pragma once

#include <string_view>

#include "engine/topology/map_reader.h"
#include "engine/topology/policy.h"

namespace antiphon::topology {

// Which of the words of a contact filter the reader's map holds: channel, issue, group, product, offer, campaign, class, each one name or a
// list. A name that nothing bears is an error for channels, offers, campaigns and classes; for issues, groups and products, which only
// offers declare, a warning. REQUIRES: topology.channels, offers and campaigns are loaded.
[[nodiscard]] ContactFilter ReadContactFilter(Loading& loading, MapReader& reader);

// The offers that one word picks: "offer", "issue", "group", "product", "campaign".
[[nodiscard]] std::vector<bool> OffersBy(Loading& loading, std::string_view word, const std::vector<const YamlNode*>& names);

// `directions`: outbound, inbound.
[[nodiscard]] std::uint8_t ReadDirections(Loading& loading, MapReader& reader, std::string_view key, std::uint8_t fallback);

}  // namespace antiphon::topology
