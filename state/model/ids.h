#pragma once

#include <cstdint>
#include <limits>

#include "state/base/strong_id.h"

namespace antiphon::state {

// What a customer's record refers to in the topology in force: the position of a definition among those of its kind, ordered by id. Good
// for one compiled topology; the stored form translates them through the dictionary kept with the state (state/store/dictionary.h), so
// that adding, removing or reordering definitions keeps every other slot.
using ChannelId = StrongId<struct ChannelIdTag, std::uint16_t>;
using OfferId = StrongId<struct OfferIdTag, std::uint16_t>;
using TreatmentId = StrongId<struct TreatmentIdTag, std::uint16_t>;  // among all treatments of the topology
using CampaignId = StrongId<struct CampaignIdTag, std::uint16_t>;
using TriggerId = StrongId<struct TriggerIdTag, std::uint16_t>;
using FeatureId = StrongId<struct FeatureIdTag, std::uint16_t>;
using ProfileFieldId = StrongId<struct ProfileFieldIdTag, std::uint16_t>;
using SegmentSchemeId = StrongId<struct SegmentSchemeIdTag, std::uint16_t>;
using SuppressionId = StrongId<struct SuppressionIdTag, std::uint16_t>;
using CooldownId = StrongId<struct CooldownIdTag, std::uint16_t>;
using ProductId = StrongId<struct ProductIdTag, std::uint16_t>;
using PurposeId = StrongId<struct PurposeIdTag, std::uint16_t>;            // of a consent
using ContactPointId = StrongId<struct ContactPointIdTag, std::uint16_t>;  // phone, email, ..
using LanguageId = StrongId<struct LanguageIdTag, std::uint16_t>;
using MomentValueId = StrongId<struct MomentValueIdTag, std::uint16_t>;  // a captured `event.amount`, `salary.amount`

// No such thing: a contact made by another system may name no offer of ours.
template <typename Id>
inline constexpr Id kNone{std::numeric_limits<typename Id::representation_type>::max()};

}  // namespace antiphon::state
