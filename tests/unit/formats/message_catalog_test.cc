#include "services/formats/message_catalog.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace antiphon::formats {
namespace {

using topology::EventField;
using topology::EventRole;
using topology::FieldType;

const EventField* FieldOf(const topology::MessageCatalog::Message& message, std::string_view name) {
  const auto found = std::ranges::find(message.fields, name, &EventField::name);
  return found == message.fields.end() ? nullptr : &*found;
}

TEST(MessageCatalogTest, KnowsFieldsTypesAndScales) {
  const ProtoMessageCatalog catalog;
  const auto* posted = catalog.Find("antiphon.v1.TransactionPosted");
  ASSERT_NE(posted, nullptr);
  EXPECT_EQ(posted->role, EventRole::kPlain);
  EXPECT_EQ(catalog.EventTypeOf("antiphon.v1.TransactionPosted"), "transaction.posted");
  const EventField* amount = FieldOf(*posted, "amount");
  ASSERT_NE(amount, nullptr);
  EXPECT_EQ(amount->type, FieldType::kDecimal);
  EXPECT_EQ(amount->scale, 2);
  EXPECT_EQ(amount->path, std::vector<std::string>{"amount"});
  EXPECT_EQ(FieldOf(*posted, "purpose")->type, FieldType::kString);
  EXPECT_EQ(FieldOf(*catalog.Find("antiphon.v1.CustomerProfile"), "birth_date")->type, FieldType::kDate);
  EXPECT_EQ(FieldOf(*catalog.Find("antiphon.v1.PageViewed"), "sensitive")->type, FieldType::kBool);
  EXPECT_EQ(FieldOf(*catalog.Find("antiphon.v1.PageViewed"), "duration_ms")->type, FieldType::kInt);
}

TEST(MessageCatalogTest, NestedMessagesAreFlattenedAndMapsAreValues) {
  const ProtoMessageCatalog catalog;
  const auto* requested = catalog.Find("antiphon.v1.DecisionRequested");
  ASSERT_NE(requested, nullptr);
  EXPECT_EQ(requested->role, EventRole::kDecisionRequested);
  EXPECT_EQ(FieldOf(*requested, "context")->type, FieldType::kMap);
  ASSERT_NE(FieldOf(*requested, "actor.branch"), nullptr);
  EXPECT_EQ(FieldOf(*requested, "actor.branch")->path, (std::vector<std::string>{"actor", "branch"}));
  EXPECT_EQ(FieldOf(*requested, "actor"), nullptr);
  EXPECT_TRUE(std::ranges::is_sorted(requested->fields, {}, &EventField::name));
}

TEST(MessageCatalogTest, EveryRoleHasItsMessage) {
  const ProtoMessageCatalog catalog;
  std::vector<EventRole> roles;
  for (const std::string& name : catalog.Names()) roles.push_back(catalog.Find(name)->role);
  for (const EventRole role :
       {EventRole::kConsentChanged, EventRole::kContactPointChanged, EventRole::kContactRecorded, EventRole::kContactResponse,
        EventRole::kDecisionRequested, EventRole::kInteractionEnded, EventRole::kPageViewed}) {
    EXPECT_EQ(std::ranges::count(roles, role), 1);
  }
}

TEST(MessageCatalogTest, WhatIsNoEventIsNotThere) {
  const ProtoMessageCatalog catalog;
  EXPECT_EQ(catalog.Find("antiphon.v1.Actor"), nullptr);
  EXPECT_EQ(catalog.Find("antiphon.v1.Event"), nullptr);
  EXPECT_EQ(catalog.Find("antiphon.v1.Nothing"), nullptr);
}

}  // namespace
}  // namespace antiphon::formats
