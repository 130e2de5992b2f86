#include "engine/topology/contact_filter.h"

#include <algorithm>
#include <array>

#include "engine/topology/words.h"

namespace antiphon::topology {
namespace {

// The campaign of an offer is its own, or that of a trigger that lists it.
bool IsOfCampaign(const Topology& topology, std::uint16_t offer, state::CampaignId campaign) {
  if (topology.offers[offer].campaign == campaign) return true;
  return std::ranges::any_of(topology.triggers, [&](const Trigger& trigger) {
    return trigger.campaign == campaign && std::ranges::binary_search(trigger.offers, state::OfferId{offer});
  });
}

void WarnIfUnknown(Loading& loading, std::string_view word, const YamlNode& name, const std::vector<std::string>& names) {
  if (!PositionOf(names, name.text))
    loading.Warn(name, "unknown_" + std::string(word), "no offer has the " + std::string(word) + " '" + name.text + "'",
                 Suggest(name.text, names));
}

}  // namespace

std::vector<bool> OffersBy(Loading& loading, std::string_view word, const std::vector<const YamlNode*>& names) {
  const Topology& topology = loading.topology;
  std::vector<bool> picked(topology.offers.size(), false);
  for (const YamlNode* name : names) {
    if (word == "offer") {
      if (const auto known = loading.Resolve(*name, "offer", loading.offer_names)) picked[*known] = true;
      continue;
    }
    std::optional<std::uint16_t> campaign;
    if (word == "campaign") campaign = loading.Resolve(*name, "campaign", loading.campaign_names);
    if (word == "issue") WarnIfUnknown(loading, word, *name, loading.issues);
    if (word == "group") WarnIfUnknown(loading, word, *name, loading.groups);
    if (word == "product") WarnIfUnknown(loading, word, *name, loading.offer_products);
    for (std::size_t i = 0; i < picked.size(); ++i) {
      const Offer& offer = topology.offers[i];
      if ((word == "issue" && offer.issue == name->text) || (word == "group" && offer.group == name->text) ||
          (word == "product" && offer.product == name->text) ||
          (campaign && IsOfCampaign(topology, static_cast<std::uint16_t>(i), state::CampaignId{*campaign})))
        picked[i] = true;
    }
  }
  return picked;
}

ContactFilter ReadContactFilter(Loading& loading, MapReader& reader) {
  ContactFilter filter;
  if (reader.Has("class")) {
    filter.classes = 0;
    for (const YamlNode* name : reader.Scalars("class"))
      if (loading.Resolve(*name, "class", ClassNames()))
        for (const auto& [word, contact_class] : ClassWords())
          if (word == name->text) filter.classes |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(contact_class));
  }
  if (reader.Has("channel")) {
    filter.channels.assign(loading.channel_names.size(), false);
    for (const YamlNode* name : reader.Scalars("channel"))
      if (const auto known = loading.Resolve(*name, "channel", loading.channel_names)) filter.channels[*known] = true;
  }
  // Several words narrow each other down: `group: credit, product: loan` are the offers that are both.
  for (const std::string_view word : {"issue", "group", "product", "offer", "campaign"}) {
    if (!reader.Has(word)) continue;
    const std::vector<bool> picked = OffersBy(loading, word, reader.Scalars(word));
    if (filter.offers.empty()) {
      filter.offers = picked;
    } else {
      for (std::size_t i = 0; i < picked.size(); ++i) filter.offers[i] = filter.offers[i] && picked[i];
    }
  }
  return filter;
}

std::uint8_t ReadDirections(Loading& loading, MapReader& reader, std::string_view key, std::uint8_t fallback) {
  if (!reader.Has(key)) return fallback;
  std::uint8_t bits = 0;
  for (const YamlNode* word : reader.Scalars(key))
    if (const auto direction = ReadWord(loading, *word, key, {"outbound", "inbound"})) bits |= *direction == 0 ? kOutboundBit : kInboundBit;
  return bits;
}

}  // namespace antiphon::topology
