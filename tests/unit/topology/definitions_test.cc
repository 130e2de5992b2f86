#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/topology/slots.h"
#include "tests/unit/topology/topology_support.h"

// Events, customer, features and segments.
namespace antiphon::topology {
namespace {

using testing::HasSubstr;

std::shared_ptr<const Topology> Good(const std::string& extra) {
  const LoadOutcome outcome = LoadWith(extra);
  EXPECT_NE(outcome.topology, nullptr) << Lines(outcome.diagnostics);
  return outcome.topology == nullptr ? std::make_shared<const Topology>() : outcome.topology;
}

TEST(EventsTest, FieldsHavePathsTypesAndRoles) {
  const auto topology = Good(R"(
events:
  konto.pohyb:
    name_in_log: KONTO
    source: legacy
    id: /hlava/id
    time: hlava.cas
    lateness: 1h
    fields:
      castka: {type: decimal(2), currency: CZK, from: /payload/betrag~1x, required: true}
      smer: {type: string, from: smer, values: {PRIJEM: credit, VYDAJ: debit}}
      actor.kind: string
  souhlas: {acts_as: consent_changed, fields: {granted: bool, channel: {type: string, from: /kanal}}}
)");
  const EventType& event = topology->event_types[*FindById(topology->event_types, "konto.pohyb")];
  EXPECT_EQ(event.name_in_log, "KONTO");
  EXPECT_EQ(event.source, "legacy");
  EXPECT_EQ(event.id_path, (std::vector<std::string>{"hlava", "id"}));
  EXPECT_EQ(event.time_path, (std::vector<std::string>{"hlava", "cas"}));
  EXPECT_EQ(event.customer_path, (std::vector<std::string>{"customer"}));
  EXPECT_EQ(event.lateness, std::chrono::hours{1});
  const EventField& amount = event.fields[*FindById(event.fields, "castka")];
  EXPECT_EQ(amount.type, FieldType::kDecimal);
  EXPECT_EQ(amount.scale, 2);
  EXPECT_EQ(amount.path, (std::vector<std::string>{"payload", "betrag/x"}));
  EXPECT_TRUE(amount.required);
  EXPECT_EQ(event.fields[*FindById(event.fields, "smer")].values[0], (std::pair<std::string, std::string>{"PRIJEM", "credit"}));
  EXPECT_EQ(event.fields[*FindById(event.fields, "actor.kind")].path, (std::vector<std::string>{"actor", "kind"}));
  EXPECT_EQ(topology->event_type_by_log_name.at("KONTO"), *FindById(topology->event_types, "konto.pohyb"));
  const EventType& consent = topology->event_types[*FindById(topology->event_types, "souhlas")];
  EXPECT_EQ(consent.role, EventRole::kConsentChanged);
  EXPECT_EQ(consent.fields[consent.field_of(RoleField::kGranted)].name, "granted");
  EXPECT_EQ(consent.field_of(RoleField::kPurpose), kNoField);
  EXPECT_TRUE(topology->request_type.has_value());
}

TEST(EventsTest, MessagesGiveFieldsThatMayBeRefined) {
  SomeMessages messages;
  EventField amount;
  amount.name = "amount";
  amount.path = {"amount"};
  messages.messages["antiphon.v1.TransactionPosted"] = {{amount}, EventRole::kPlain};
  FilesInMemory files{kBank};
  files.files["extra.yaml"] =
      "events:\n  t: {message: antiphon.v1.TransactionPosted, fields: {amount: {type: decimal(2), currency: CZK}}}\n";
  LoadOutcome outcome = LoadTopology(files, messages);
  ASSERT_NE(outcome.topology, nullptr) << Lines(outcome.diagnostics);
  EXPECT_EQ(outcome.topology->event_types[*FindById(outcome.topology->event_types, "t")].fields[0].type, FieldType::kDecimal);
  files.files["extra.yaml"] = "events:\n  t: {message: antiphon.v1.TransactionPostd}\n";
  EXPECT_THAT(Lines(LoadTopology(files, messages).diagnostics),
              HasSubstr("extra.yaml:2:16: error: no message is called 'antiphon.v1.TransactionPostd'; did you mean "
                        "'antiphon.v1.TransactionPosted'? [unknown_message]"));
}

TEST(CustomerTest, FieldsTakeTheTypeOfTheirSource) {
  const auto topology = Good("");
  const ProfileFieldDefinition& born = topology->profile_fields[topology->birth_date->value()];
  EXPECT_EQ(born.name, "birth_date");
  EXPECT_EQ(born.type, FieldType::kDate);
  ASSERT_EQ(topology->holding_rules.size(), 1U);
  EXPECT_TRUE(topology->holding_rules[0].where.has_value());
  EXPECT_EQ(topology->products[topology->holding_rules[0].product.value()], "loan");
  const EventPlan& plan = topology->event_plans[*FindById(topology->event_types, "customer.profile")];
  EXPECT_EQ(plan.profile_fields.size(), 3U);
}

TEST(FeaturesTest, TypesUnitsAndWindowsFollowFromTheValue) {
  const auto topology = Good(R"(
features:
  salary_90d: {on: transaction.posted, where: 'event.purpose == "salary"', sum: event.amount, over: 90d, grain: 1d}
  mean: {on: transaction.posted, avg: event.amount, per: calendar month}
  seen: {on: [transaction.posted, web.page_viewed], time_since: true}
  paths: {on: web.page_viewed, distinct: event.path, over: 2h, max_values: 10}
  visits: {on: web.page_viewed, sessions: true, gap: 30m}
  first_path: {on: web.page_viewed, first: event.path, default: none}
)");
  const auto feature = [&](const char* name) -> const Feature& { return topology->features[*FindById(topology->features, name)]; };
  EXPECT_EQ(feature("salary_90d").unit, "CZK:2");
  EXPECT_EQ(feature("salary_90d").buckets, 90);
  EXPECT_EQ(feature("salary_90d").type.name(), "int");
  EXPECT_EQ(feature("mean").type.name(), "double");
  EXPECT_TRUE(feature("mean").calendar_period.has_value());
  EXPECT_EQ(feature("seen").inputs.size(), 2U);
  EXPECT_EQ(feature("seen").type.name(), "duration");
  EXPECT_EQ(feature("paths").values_max, 10U);
  EXPECT_EQ(feature("paths").rolling->grain(), std::chrono::minutes{1});
  EXPECT_EQ(feature("visits").gap, std::chrono::minutes{30});
  EXPECT_EQ(feature("first_path").default_value, state::Scalar{std::string("none")});
  EXPECT_EQ(feature("salary_90d").definition,
            "sum(event.amount) on transaction.posted [amount decimal(2)CZK, purpose string] where event.purpose==\"salary\"; over 90 x 1d "
            "in Europe/Prague from weekday 1");
  EXPECT_EQ(topology->event_plans[*FindById(topology->event_types, "web.page_viewed")].features.size(), 4U);
}

TEST(SegmentsTest, ClassesAreInTheOrderWrittenAndMayAskEarlierSchemes) {
  const auto topology = Good(R"(
features: {balance: {on: transaction.posted, last: event.amount, default: 0}}
segments:
  wealth:
    - private: 'features.balance >= 600000000'
    - mass: 'true'
  quadrant:
    about: by wealth and age
    classes:
      - young_rich: {when: 'segments.wealth == "private" && customer.age < 30', about: few}
      - rest: 'true'
triggers:
  t: {on: web.page_viewed, where: 'since("wealth") > duration("24h")'}
)");
  const SegmentScheme& wealth = topology->segments[*FindById(topology->segments, "wealth")];
  EXPECT_EQ(wealth.classes[0].name, "private");
  EXPECT_TRUE(wealth.tracked);
  const SegmentScheme& quadrant = topology->segments[*FindById(topology->segments, "quadrant")];
  EXPECT_FALSE(quadrant.tracked);
  ASSERT_EQ(quadrant.classes.size(), 2U);
  EXPECT_EQ(KindOfSlot(quadrant.classes[0].when.slots()[0].slot), SlotKind::kSegment);
}

}  // namespace
}  // namespace antiphon::topology
