#include "services/runtime/slot_definitions.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace antiphon::runtime {
namespace {

using store::SlotKind;

topology::Topology SmallTopology() {
  topology::Topology topology;
  topology::Feature feature;
  feature.name = "spent";
  feature.definition = "sum over 30d";
  topology.features.push_back(feature);
  topology.products = {"card", "loan"};
  topology::Cooldown cooldown;
  cooldown.id = "after_no";
  cooldown.scope = topology::CooldownScope::kGroup;
  topology.cooldowns.push_back(cooldown);
  topology::EventType type;
  type.name = "paid";
  type.fields.emplace_back();
  type.fields.back().name = "amount";
  topology.event_types.push_back(type);
  return topology;
}

std::size_t DroppedAfter(const topology::Topology& before, const topology::Topology& after) {
  const auto first = store::PlanSlots({}, SlotDefinitionsOf(before)).value();
  const auto second = store::PlanSlots(first.dictionary, SlotDefinitionsOf(after)).value();
  return static_cast<std::size_t>(
      std::count_if(second.slots.begin(), second.slots.end(), [](const auto& slot) { return slot.fate == store::SlotFate::kDropped; }));
}

TEST(SlotDefinitionsTest, TheSameTopologyKeepsEverySlot) { EXPECT_EQ(DroppedAfter(SmallTopology(), SmallTopology()), 0U); }

TEST(SlotDefinitionsTest, AnotherWindowIsAnotherFeature) {
  topology::Topology changed = SmallTopology();
  changed.features[0].definition = "sum over 90d";
  EXPECT_EQ(DroppedAfter(SmallTopology(), changed), 1U);
}

TEST(SlotDefinitionsTest, AnotherListOfFieldsIsAnotherEventType) {
  topology::Topology changed = SmallTopology();
  changed.event_types[0].fields[0].scale = 2;
  EXPECT_EQ(DroppedAfter(SmallTopology(), changed), 1U);
}

TEST(SlotDefinitionsTest, WhatIsAddedDropsNothing) {
  topology::Topology changed = SmallTopology();
  changed.products.insert(changed.products.begin(), "account");
  EXPECT_EQ(DroppedAfter(SmallTopology(), changed), 0U);
}

TEST(SlotDefinitionsTest, ACooldownOfAGroupRefersToAnOffer) {
  const auto definitions = SlotDefinitionsOf(SmallTopology());
  const auto found =
      std::find_if(definitions.begin(), definitions.end(), [](const auto& slot) { return slot.kind == SlotKind::kCooldown; });
  ASSERT_NE(found, definitions.end());
  EXPECT_EQ(found->refers_to, SlotKind::kOffer);
}

}  // namespace
}  // namespace antiphon::runtime
