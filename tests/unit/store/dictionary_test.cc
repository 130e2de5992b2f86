#include "state/store/dictionary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "state/store/codec.h"
#include "tests/unit/store/generators.h"

namespace antiphon::store {
namespace {

using state::CustomerState;
using ::testing::ElementsAre;

SlotDefinition Slot(SlotKind kind, std::string id, std::uint64_t definition = 0, SlotKind refers_to = SlotKind::kNone) {
  return {.kind = kind, .id = std::move(id), .definition = {.high = 0, .low = definition}, .refers_to = refers_to};
}

SlotPlan Plan(const std::vector<SlotDefinition>& definitions, const SlotDictionary& dictionary = {}) {
  return PlanSlots(dictionary, definitions).value();
}

// Writes under one plan, reads under another.
CustomerState Moved(const CustomerState& customer, const SlotPlan& from, const SlotPlan& to) {
  std::string bytes;
  EncodeCustomer(customer, from.map, bytes);
  return DecodeCustomer(bytes, to.map).value();
}

state::FeatureState Feature(std::uint16_t index, std::uint32_t mark) {
  state::FeatureState feature;
  feature.feature = state::FeatureId{index};
  feature.not_counted = mark;
  return feature;
}

TEST(DictionaryTest, AFreshStoreNumbersTheTopologyInItsOrder) {
  const SlotPlan plan = Plan({Slot(SlotKind::kOffer, "b"), Slot(SlotKind::kOffer, "a"), Slot(SlotKind::kFeature, "f")});
  EXPECT_EQ(plan.map.StoredOf(SlotKind::kOffer, 0), 0U);
  EXPECT_EQ(plan.map.StoredOf(SlotKind::kOffer, 1), 1U);
  EXPECT_EQ(plan.map.StoredOf(SlotKind::kFeature, 0), 0U);
  EXPECT_EQ(plan.map.IndexOf(SlotKind::kOffer, 2), SlotMap::kUnknown);
}

TEST(DictionaryTest, SaysOfEachSlotWhatBecomesOfIt) {
  const SlotPlan first = Plan({Slot(SlotKind::kFeature, "a", 1), Slot(SlotKind::kFeature, "b", 1), Slot(SlotKind::kFeature, "c", 1)});
  const SlotPlan second = Plan({Slot(SlotKind::kFeature, "b", 2), Slot(SlotKind::kFeature, "c", 1)}, first.dictionary);
  EXPECT_THAT(
      second.slots,
      ElementsAre(SlotPlanEntry{SlotKind::kFeature, "b", SlotFate::kNew}, SlotPlanEntry{SlotKind::kFeature, "c", SlotFate::kKeep},
                  SlotPlanEntry{SlotKind::kFeature, "a", SlotFate::kDropped}, SlotPlanEntry{SlotKind::kFeature, "b", SlotFate::kDropped}));
  EXPECT_TRUE(second.DropsAnything());
  EXPECT_EQ(second.map.StoredOf(SlotKind::kFeature, 0), 3U);
  const SlotPlan third =
      Plan({Slot(SlotKind::kFeature, "b", 2), Slot(SlotKind::kFeature, "a", 1), Slot(SlotKind::kFeature, "c", 1)}, second.dictionary);
  EXPECT_FALSE(third.DropsAnything());
  EXPECT_THAT(second.DroppedNames(), ElementsAre("feature/a", "feature/b"));
}

// Or what a record has would depend on whether it was written in between.
TEST(DictionaryTest, ASlotThatComesBackBeginsAnew) {
  const SlotPlan first = Plan({Slot(SlotKind::kFeature, "a", 1), Slot(SlotKind::kFeature, "b", 1)});
  const SlotPlan without = Plan({Slot(SlotKind::kFeature, "b", 1)}, first.dictionary);
  const SlotPlan back = Plan({Slot(SlotKind::kFeature, "a", 1), Slot(SlotKind::kFeature, "b", 1)}, without.dictionary);
  EXPECT_EQ(back.slots[0].fate, SlotFate::kNew);
  CustomerState customer;
  customer.features = {Feature(0, 10), Feature(1, 11)};
  EXPECT_THAT(Moved(customer, first, back).features, ElementsAre(Feature(1, 11)));
  EXPECT_EQ(SlotDictionary::Decode(back.dictionary.Encode()).value(), back.dictionary);
}

TEST(DictionaryTest, KindsHaveNames) {
  for (std::size_t kind = 1; kind < kSlotKinds; ++kind) {
    EXPECT_EQ(SlotKindOf(SlotKindName(static_cast<SlotKind>(kind))), static_cast<SlotKind>(kind));
  }
  EXPECT_EQ(SlotKindOf(""), std::nullopt);
  EXPECT_EQ(SlotKindOf("offers"), std::nullopt);
}

TEST(DictionaryTest, RefusesOneIdTwice) {
  const std::vector<SlotDefinition> definitions{Slot(SlotKind::kOffer, "a", 1), Slot(SlotKind::kOffer, "a", 2)};
  EXPECT_FALSE(PlanSlots({}, definitions).has_value());
}

TEST(DictionaryTest, ReadsBackAsItWasAndRefusesAnythingElse) {
  const SlotDictionary dictionary =
      Plan({Slot(SlotKind::kOffer, "a", 1), Slot(SlotKind::kIssue, "grow"), Slot(SlotKind::kOffer, "", 7)}).dictionary;
  const std::string bytes = dictionary.Encode();
  EXPECT_EQ(SlotDictionary::Decode(bytes).value(), dictionary);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(SlotDictionary::Decode(std::string_view(bytes).substr(0, size)).has_value());
  EXPECT_FALSE(SlotDictionary::Decode(bytes + "x").has_value());
  EXPECT_NE(SlotDictionary::Decode("\x02").error().message.find("version 2"), std::string::npos);
  EXPECT_TRUE(rc::check([](const std::string& tail) { (void)SlotDictionary::Decode("\x01" + tail); }));
}

TEST(DictionaryTest, ReorderingTheTopologyKeepsEverySlotAndTheOrderOfTheRecord) {
  const SlotPlan before = Plan({Slot(SlotKind::kFeature, "a", 1), Slot(SlotKind::kFeature, "b", 1)});
  const SlotPlan after =
      Plan({Slot(SlotKind::kFeature, "0", 1), Slot(SlotKind::kFeature, "b", 1), Slot(SlotKind::kFeature, "a", 1)}, before.dictionary);
  CustomerState customer;
  customer.features = {Feature(0, 10), Feature(1, 11)};
  EXPECT_THAT(Moved(customer, before, after).features, ElementsAre(Feature(1, 11), Feature(2, 10)));
}

TEST(DictionaryTest, WhatNamesADroppedSlotIsDropped) {
  const SlotPlan before = Plan({Slot(SlotKind::kTrigger, "gone", 1), Slot(SlotKind::kTrigger, "stays", 1), Slot(SlotKind::kChannel, "sms"),
                                Slot(SlotKind::kPurpose, "marketing"), Slot(SlotKind::kEventType, "e", 1)});
  const SlotPlan after = Plan(
      {Slot(SlotKind::kTrigger, "stays", 1), Slot(SlotKind::kPurpose, "marketing"), Slot(SlotKind::kEventType, "e", 2)}, before.dictionary);
  CustomerState customer;
  customer.triggers.resize(2);
  customer.triggers[1].trigger = state::TriggerId{1};
  customer.triggers[1].held.resize(1);
  customer.moments.resize(2);
  customer.moments[0].number = 1;
  customer.moments[1] = {.number = 2, .trigger = state::TriggerId{1}, .source = "", .cause_id = "", .values = {}};
  customer.consents = {{.channel = state::ChannelId{0}, .purpose = {}}, {.purpose = {}, .granted = true}};
  const auto timer = [](std::uint32_t sequence, state::TimerKind kind, std::uint32_t reference) {
    return state::Timer{.due = FromEpochMs(sequence), .sequence = sequence, .kind = kind, .reference = reference};
  };
  customer.timers = {timer(1, state::TimerKind::kPattern, 0), timer(2, state::TimerKind::kMomentRetry, 1),
                     timer(3, state::TimerKind::kContactDue, 1), timer(4, state::TimerKind::kDate, 1),
                     timer(5, state::TimerKind::kMomentExpires, 2)};
  std::string bytes;
  EncodeCustomer(customer, before.map, bytes);
  CustomerState read;
  const DecodeNote note = DecodeCustomerInto(bytes, after.map, read).value();
  EXPECT_TRUE(note.dropped);
  ASSERT_EQ(read.triggers.size(), 1U);
  EXPECT_EQ(read.triggers[0].trigger, state::TriggerId{0});
  EXPECT_TRUE(read.triggers[0].held.empty());
  ASSERT_EQ(read.moments.size(), 1U);
  EXPECT_EQ(read.moments[0].number, 2U);
  EXPECT_THAT(read.consents, ElementsAre(customer.consents[1])) << "a consent for one channel never becomes one for all";
  EXPECT_THAT(read.timers, ElementsAre(timer(3, state::TimerKind::kContactDue, 1), timer(4, state::TimerKind::kDate, 0),
                                       timer(5, state::TimerKind::kMomentExpires, 2)));
}

TEST(DictionaryTest, AContactOutlivesWhatItNames) {
  const SlotPlan before = Plan({Slot(SlotKind::kOffer, "gone"), Slot(SlotKind::kOffer, "stays")});
  const SlotPlan after = Plan({Slot(SlotKind::kOffer, "stays")}, before.dictionary);
  CustomerState customer;
  customer.contacts.resize(2);
  customer.contacts[0].number = 1;
  customer.contacts[0].offer = state::OfferId{0};
  customer.contacts[1].number = 2;
  customer.contacts[1].offer = state::OfferId{1};
  const CustomerState read = Moved(customer, before, after);
  ASSERT_EQ(read.contacts.size(), 2U);
  EXPECT_EQ(read.contacts[0].offer, state::kNone<state::OfferId>);
  EXPECT_EQ(read.contacts[1].offer, state::OfferId{0});
}

TEST(DictionaryTest, ACooldownFollowsWhatItRefersTo) {
  const SlotPlan before =
      Plan({Slot(SlotKind::kCooldown, "declined", 1, SlotKind::kOffer), Slot(SlotKind::kOffer, "a"), Slot(SlotKind::kOffer, "b")});
  const SlotPlan after = Plan({Slot(SlotKind::kCooldown, "declined", 1, SlotKind::kOffer), Slot(SlotKind::kOffer, "b")}, before.dictionary);
  CustomerState customer;
  customer.cooldowns = {{.cooldown = {}, .what = 0, .until = FromEpochMs(1)}, {.cooldown = {}, .what = 1, .until = FromEpochMs(2)}};
  EXPECT_THAT(Moved(customer, before, after).cooldowns,
              ElementsAre(state::CooldownState{.cooldown = {}, .what = 0, .until = FromEpochMs(2)}));
}

TEST(DictionaryTest, RefusesARecordOfAnotherDictionary) {
  std::string bytes;
  CustomerState customer;
  customer.features = {Feature(5, 1)};
  EncodeCustomer(customer, SlotMap::Identity(), bytes);
  EXPECT_FALSE(DecodeCustomer(bytes, Plan({Slot(SlotKind::kFeature, "a")}).map).has_value());
}

// The slots of all kinds, in an order of its own: whatever it is, what comes back is the record.
std::vector<SlotDefinition> ShuffledTopology() {
  std::vector<SlotDefinition> definitions;
  for (std::size_t kind = 1; kind < kSlotKinds; ++kind) {
    for (std::uint16_t i = 0; i < test::kSlots; ++i) {
      definitions.push_back(Slot(static_cast<SlotKind>(kind), std::to_string(i), 0, kind == 10 ? SlotKind::kGroup : SlotKind::kNone));
    }
  }
  for (std::size_t i = definitions.size(); i > 1; --i) {
    std::swap(definitions[i - 1], definitions[test::Below(static_cast<std::uint32_t>(i))]);
  }
  return definitions;
}

TEST(DictionaryTest, ARecordSurvivesAnyReorderingOfTheTopologyAndBack) {
  EXPECT_TRUE(rc::check([] {
    const CustomerState customer = test::AnyCustomer();
    const std::vector<SlotDefinition> definitions = ShuffledTopology();
    const SlotPlan first = Plan(definitions);
    const SlotPlan second = Plan(ShuffledTopology(), first.dictionary);
    const SlotPlan third = Plan(definitions, second.dictionary);
    RC_ASSERT(Moved(Moved(customer, first, second), second, third) == customer);
  }));
}

}  // namespace
}  // namespace antiphon::store
