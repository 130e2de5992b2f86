#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "state/model/customer_state.h"

// Whole customers' records for property tests: every member, bounds and rare values included, in the order that the model demands.
namespace antiphon::store::test {

// Slots are below this, per kind.
inline constexpr std::uint16_t kSlots = 6;

template <typename T>
T Any() {
  return *rc::gen::arbitrary<T>();
}

// The whole range at any size: inRange alone would give small values only in most runs.
inline std::uint32_t Below(std::uint32_t bound) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::uint32_t>(0, bound)); }
inline bool Coin() { return Below(2) == 1; }

template <typename Id>
Id AnySlot() {
  return Id{static_cast<std::uint16_t>(Below(kSlots))};
}
template <typename Id>
Id AnySlotOrNone() {
  return Below(4) == 0 ? state::kNone<Id> : AnySlot<Id>();
}

inline EngineTime AnyTime() {
  switch (Below(12)) {
    case 0:
      return {};
    case 1:
      return kEngineTimeMax;
    case 2:
      return kEngineTimeMin;
    case 3:
      return FromEpochMs(*rc::gen::elementOf(std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), -1, 1, 1LL << 59,
                                                                       -(1LL << 59), std::numeric_limits<std::int64_t>::max()}));
    default:
      return FromEpochMs(1'770'000'000'000 + std::int64_t{Below(2'000'000)} * 1000 + Below(3));
  }
}

inline std::uint64_t AnyU64() {
  return *rc::gen::elementOf(std::vector<std::uint64_t>{0, 1, 127, 128, (1ULL << 55U) - 1, 1ULL << 55U, 1ULL << 56U, 1ULL << 63U, ~0ULL,
                                                        ~0ULL - 300, 0x3FF0000000000000ULL, 12'345});
}
inline std::uint32_t AnyU32() { return Coin() ? Below(300) : static_cast<std::uint32_t>(AnyU64()); }
inline std::string AnyText() { return Below(3) == 0 ? std::string() : std::string(Below(40), static_cast<char>(Below(256))); }
inline Hash128 AnyHash() { return {.high = AnyU64(), .low = Any<std::uint64_t>()}; }

inline state::Scalar AnyScalar() {
  switch (Below(8)) {
    case 0:
      return {};
    case 1:
      return Coin();
    case 2:
      return static_cast<std::int64_t>(AnyU64());
    case 3:
      return *rc::gen::elementOf(std::vector<double>{0.0, -1.5, 1e300, std::numeric_limits<double>::infinity(), 5e-324});
    case 4:
      return AnyTime();
    case 5:
      return Milliseconds{static_cast<std::int64_t>(AnyU64())};
    default:
      return AnyText();
  }
}

// Up to `max` entries, sorted by `name`, each name once.
template <typename Make, typename Name>
auto Sorted(std::uint32_t max, Make make, Name name) {
  std::vector<decltype(make())> entries;
  const std::uint32_t count = Coin() ? 0 : Below(max + 1);
  for (std::uint32_t i = 0; i < count; ++i) entries.push_back(make());
  std::ranges::stable_sort(entries, {}, name);
  const auto repeated = std::ranges::unique(entries, {}, name);
  entries.erase(repeated.begin(), repeated.end());
  return entries;
}
template <typename Make>
auto Several(std::uint32_t max, Make make) {
  std::vector<decltype(make())> entries(Below(max + 1));
  for (auto& entry : entries) entry = make();
  return entries;
}

inline state::FeatureState AnyFeature() {
  state::FeatureState feature{
      .feature = AnySlot<state::FeatureId>(), .not_counted = AnyU32(), .newest = AnyTime(), .buckets = {}, .scalars = {}};
  feature.buckets = Several(5, [] { return state::FeatureBucket{.index = AnyU32(), .count = AnyU32(), .value = AnyU64()}; });
  feature.scalars = Several(2, [] { return state::TimedScalar{.index = AnyU32(), .time = AnyTime(), .value = AnyScalar()}; });
  return feature;
}

inline state::PatternRun AnyRun() {
  return {.place = static_cast<std::uint16_t>(Below(0x10000)),
          .mark = static_cast<std::uint8_t>(Below(256)),
          .started_at = AnyTime(),
          .last_at = AnyTime(),
          .first_event_id = AnyText(),
          .taken = Several(4, [] { return state::TakenEvent{.ordinal = AnyU64(), .step = static_cast<std::uint16_t>(Below(0x10000))}; }),
          .captures = Several(3, AnyScalar)};
}

inline state::HeldEvent AnyHeld() {
  return {.time = AnyTime(),
          .arrival = AnyU64(),
          .event_type = static_cast<std::uint16_t>(Below(kSlots)),
          .backfill = Coin(),
          .source = AnyText(),
          .id = AnyText(),
          .fields = Several(3, AnyScalar)};
}

inline state::TriggerState AnyTrigger() {
  return {.trigger = AnySlot<state::TriggerId>(),
          .last_fired = AnyTime(),
          .fired = Coin(),
          .runs_refused = AnyU32(),
          .runs = {.open = Several(2, AnyRun), .waiting = Several(2, AnyRun)},
          .held = Several(2, AnyHeld)};
}

inline state::Moment AnyMoment() {
  return {.number = AnyU32(),
          .trigger = AnySlot<state::TriggerId>(),
          .opened = AnyTime(),
          .expires = AnyTime(),
          .has_contact = Coin(),
          .had_turn = Coin(),
          .source = AnyText(),
          .cause_id = AnyText(),
          .values = Several(2, [] { return state::MomentValue{.name = AnySlot<state::MomentValueId>(), .value = AnyScalar()}; })};
}

inline state::Contact AnyContact() {
  state::Contact contact;
  contact.id = AnyHash();
  if (Coin()) contact.decision_id = AnyHash();
  contact.number = AnyU32();
  contact.status = static_cast<state::ContactStatus>(Below(16));
  contact.direction = static_cast<state::Direction>(1 + Below(2));
  contact.contact_class = static_cast<state::ContactClass>(1 + Below(4));
  contact.withholding = static_cast<state::Withholding>(Below(3));
  contact.settled = Coin();
  if (Coin()) contact.facts = static_cast<std::uint8_t>(Below(256));
  if (Coin()) contact.attempt = static_cast<std::uint8_t>(Below(256));
  contact.channel = AnySlotOrNone<state::ChannelId>();
  contact.offer = AnySlotOrNone<state::OfferId>();
  contact.treatment = AnySlotOrNone<state::TreatmentId>();
  contact.campaign = AnySlotOrNone<state::CampaignId>();
  contact.trigger = AnySlotOrNone<state::TriggerId>();
  contact.language = AnySlotOrNone<state::LanguageId>();
  contact.decided = AnyTime();
  contact.counted = AnyTime();
  contact.due = AnyTime();
  contact.expires = AnyTime();
  contact.changed = AnyTime();
  contact.cost = static_cast<std::int64_t>(AnyU64());
  contact.moments = Several(3, AnyU32);
  contact.actor = {.kind = static_cast<state::ActorKind>(1 + Below(4)), .id = AnyText(), .branch = AnyText()};
  if (Coin()) contact.interaction_id = AnyText();
  if (Coin()) contact.foreign_id = AnyText();
  if (Coin()) contact.source_system = AnyText();
  if (Coin()) contact.foreign_offer = AnyText();
  return contact;
}

inline state::Timer AnyTimer() {
  state::Timer timer{.due = AnyTime(), .sequence = AnyU32(), .kind = static_cast<state::TimerKind>(1 + Below(9)), .reference = AnyU32()};
  if (timer.kind <= state::TimerKind::kLateness) timer.reference = Below(kSlots);
  return timer;
}

// All but the key. To be called inside rc::check.
inline void FillCustomer(state::CustomerState& customer) {
  using namespace state;
  customer.newest_event = AnyTime();
  customer.arrivals = AnyU64();
  customer.decisions = AnyU32();
  customer.contact_records = AnyU32();
  customer.moments_opened = AnyU32();
  customer.contacts_made = AnyU32();
  customer.timers_set = AnyU32();
  customer.decided_then = Below(3);
  customer.decided = customer.decided_then > 0 ? AnyTime() : EngineTime{};
  customer.recent_ids = RecentIds::FromOrdered(Several(3, [] { return RecentIds::Entry{.id = AnyHash(), .seen = AnyTime()}; }));
  customer.profile = Sorted(
      5, [] { return ProfileField{.field = AnySlot<ProfileFieldId>(), .time = AnyTime(), .value = AnyScalar()}; }, &ProfileField::field);
  customer.holdings = Sorted(
      4, [] { return Holding{.product = AnySlot<ProductId>(), .since = AnyTime(), .account = AnyText()}; },
      [](const Holding& holding) { return std::tie(holding.product, holding.account); });
  customer.features = Sorted(5, AnyFeature, &FeatureState::feature);
  customer.segments = Sorted(
      3,
      [] {
        return SegmentState{
            .scheme = AnySlot<SegmentSchemeId>(), .segment_class = static_cast<std::uint16_t>(Below(0x10000)), .since = AnyTime()};
      },
      &SegmentState::scheme);
  customer.consents = Sorted(
      4,
      [] { return Consent{.channel = AnySlotOrNone<ChannelId>(), .purpose = AnySlot<PurposeId>(), .granted = Coin(), .time = AnyTime()}; },
      [](const Consent& consent) { return std::tie(consent.channel, consent.purpose); });
  customer.contact_points =
      Sorted(3, [] { return ContactPoint{.kind = AnySlot<ContactPointId>(), .good = Coin(), .time = AnyTime()}; }, &ContactPoint::kind);
  customer.suppressions = Sorted(
      3, [] { return SuppressionCase{.suppression = AnySlot<SuppressionId>(), .opened = AnyTime(), .case_id = AnyText()}; },
      [](const SuppressionCase& suppression) { return std::tie(suppression.suppression, suppression.case_id); });
  customer.aftermaths =
      Sorted(3, [] { return Aftermath{.suppression = AnySlot<SuppressionId>(), .until = AnyTime()}; }, &Aftermath::suppression);
  customer.cooldowns = Sorted(
      4,
      [] {
        return CooldownState{.cooldown = AnySlot<CooldownId>(), .what = static_cast<std::uint16_t>(Below(kSlots)), .until = AnyTime()};
      },
      [](const CooldownState& cooldown) { return std::tie(cooldown.cooldown, cooldown.what); });
  customer.triggers = Sorted(3, AnyTrigger, &TriggerState::trigger);
  customer.moments = Sorted(3, AnyMoment, &Moment::number);
  customer.contacts = Sorted(4, AnyContact, &Contact::number);
  customer.timers = Sorted(4, AnyTimer, [](const Timer& timer) { return std::tie(timer.due, timer.sequence); });
  customer.page_views = Several(2, [] { return PageView{.time = AnyTime(), .sensitive = Coin(), .path = AnyText()}; });
}

inline state::CustomerState AnyCustomer() {
  state::CustomerState customer;
  FillCustomer(customer);
  return customer;
}

}  // namespace antiphon::store::test
