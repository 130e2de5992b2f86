#include "services/tools/scenario_loader.h"

#include <gtest/gtest.h>

#include "tests/unit/tools/small_bank.h"

namespace antiphon::tools {
namespace {

std::string Complaints(std::string_view text) { return Lines(LoadScenarios(text, "s.yaml", SmallBank()).diagnostics); }

Scenario One(std::string_view text) {
  ScenarioFile file = LoadScenarios(text, "s.yaml", SmallBank());
  EXPECT_EQ(Lines(file.diagnostics), "");
  EXPECT_EQ(file.scenarios.size(), 1U);
  return file.scenarios.empty() ? Scenario{} : std::move(file.scenarios.front());
}

TEST(ScenarioLoaderTest, ReadsDocumentsAndLists) {
  const ScenarioFile file = LoadScenarios(
      "# a comment\n"
      "- {scenario: a, given: [], expect: {contacts: none}}\n"
      "- {scenario: b, given: [], expect: {contacts: none}}\n"
      "---\n"
      "scenario: c\n"
      "given: []\n"
      "expect: {contacts: []}\n",
      "s.yaml", SmallBank());
  ASSERT_EQ(Lines(file.diagnostics), "");
  ASSERT_EQ(file.scenarios.size(), 3U);
  EXPECT_EQ(file.scenarios[2].name, "c");
  EXPECT_EQ(file.scenarios[2].place.line, 5U);
  EXPECT_TRUE(file.scenarios[2].contacts->empty());
}

TEST(ScenarioLoaderTest, TimesFollowEachOther) {
  const Scenario scenario = One(R"(
scenario: times
given:
  - {type: web.page_viewed, time: "2026-03-02 09:00", path: /a, repeat: 3, every: 1h}
  - {type: web.page_viewed, after: 30m, path: /b}
  - {type: web.page_viewed, path: /c}
until: 2d
expect: {contacts: none}
)");
  ASSERT_EQ(scenario.given.size(), 3U);
  EXPECT_EQ(FormatTime(scenario.given[1].time), "2026-03-02T10:30:00.000Z");  // half an hour after the third of the first
  EXPECT_EQ(scenario.given[2].time, scenario.given[1].time);
  EXPECT_EQ(FormatTime(*scenario.until), "2026-03-04T10:30:00.000Z");
}

TEST(ScenarioLoaderTest, FieldsGoWhereTheLogHasThem) {
  const Scenario scenario = One(R"(
scenario: fields
given:
  - {type: transaction.posted, time: "2026-03-02 09:00", amount: 12.50, balance: "100"}
  - {type: contact.response, contact: {offer: first_steps}, code: accepted, actor: {kind: agent, id: A7}}
expect: {contacts: none}
)");
  ASSERT_EQ(scenario.given.size(), 2U);
  ASSERT_EQ(scenario.given[0].fields.size(), 2U);
  EXPECT_EQ(scenario.given[0].fields[0].json, "12.50");
  EXPECT_EQ(scenario.given[0].fields[1].path, (std::vector<std::string>{"payload", "balance"}));
  ASSERT_EQ(scenario.given[1].fields.size(), 3U);
  EXPECT_EQ(scenario.given[1].fields[1].path, (std::vector<std::string>{"actor", "kind"}));
  EXPECT_EQ(scenario.given[1].contact_path, (std::vector<std::string>{"contact_id"}));
}

TEST(ScenarioLoaderTest, UnknownKeysNameTheNearest) {
  EXPECT_EQ(Complaints("scenario: x\ngiven: []\nexpct: {contacts: none}\n"),
            "s.yaml:1:1: error: a scenario needs `expect`; write `expect: {contacts: none}` for silence [missing_key]\n"
            "s.yaml:3:1: error: a scenario has no key 'expct'; did you mean expect? [unknown_key]\n");
}

TEST(ScenarioLoaderTest, UnknownNamesHaveTheirPlaceAndTheNearest) {
  EXPECT_EQ(Complaints("scenario: x\n"
                       "given:\n"
                       "  - {type: account.openned, time: \"2026-03-02 09:00\"}\n"
                       "expect:\n"
                       "  contacts:\n"
                       "    - {offer: first_step, chanel: email}\n"),
            "s.yaml:3:12: error: no event type is called 'account.openned'; did you mean account.opened? [unknown_event_type]\n"
            "s.yaml:6:15: error: no offer is called 'first_step'; did you mean first_steps? [unknown_offer]\n"
            "s.yaml:6:27: error: an expected contact has no key 'chanel'; did you mean channel? [unknown_key]\n");
}

TEST(ScenarioLoaderTest, NamesThatAreNearToNothingAreAnsweredWithThoseThereAre) {
  EXPECT_EQ(Complaints("scenario: x\n"
                       "given: []\n"
                       "expect:\n"
                       "  contacts:\n"
                       "    - {offer: first_steps, channel: pigeon}\n"
                       "    - {offer: first_steps, treatment: email}\n"
                       "    - {offer: first_steps, campaign: spring}\n"),
            "s.yaml:5:37: error: no channel is called 'pigeon'; there are call, email, sms [unknown_channel]\n"
            "s.yaml:6:39: error: no treatment is called 'email'; did you mean first_steps.email? [unknown_treatment]\n"
            "s.yaml:7:38: error: no campaign is called 'spring'; the topology has none [unknown_campaign]\n");
}

TEST(ScenarioLoaderTest, UnknownFieldsNameTheNearest) {
  EXPECT_EQ(Complaints("scenario: x\n"
                       "given:\n"
                       "  - {type: account.opened, time: \"2026-03-02 09:00\", acount_id: A1}\n"
                       "expect: {contacts: none}\n"),
            "s.yaml:3:54: error: account.opened has no field 'acount_id'; did you mean account_id? [unknown_field]\n");
}

TEST(ScenarioLoaderTest, WhatIsNoNumberOrTimeIsRefused) {
  EXPECT_EQ(Complaints("scenario: x\n"
                       "given:\n"
                       "  - {type: transaction.posted, time: \"2026-02-30 09:00\", amount: much}\n"
                       "expect: {contacts: none}\n"),
            "s.yaml:3:38: error: `time` must be a time from 1970 to 2099; write 2026-03-02T09:00:00Z, or a time of the topology's zone: "
            "2026-03-02, 2026-03-02 09:00 [bad_time]\n"
            "s.yaml:3:66: error: `amount` of transaction.posted must be a number [wrong_type]\n");
}

TEST(ScenarioLoaderTest, AFirstEventNeedsATime) {
  EXPECT_NE(Complaints("scenario: x\ngiven:\n  - {type: account.opened, after: 1h, account_id: A1}\nexpect: {contacts: none}\n")
                .find("s.yaml:3:5: error: the first event of `given` needs a `time`"),
            std::string::npos);
}

TEST(ScenarioLoaderTest, ExpressionsAreCheckedAtTheirPlace) {
  EXPECT_EQ(Complaints("scenario: x\n"
                       "given: []\n"
                       "expect:\n"
                       "  state:\n"
                       "    - {expression: 'features.balanse > 0', is: true}\n")
                .substr(0, 41),
            "s.yaml:5:21: error: 'features' has no fie");
}

TEST(ScenarioLoaderTest, ControlRecordsNameOneThing) {
  EXPECT_NE(Complaints("scenario: x\ngiven:\n  - {type: control.pause, time: 2026-03-02}\nexpect: {contacts: none}\n")
                .find("a control record names one thing"),
            std::string::npos);
  const Scenario scenario =
      One("scenario: x\ngiven:\n  - {type: control.pause, time: 2026-03-02, offer: first_steps}\nexpect: {contacts: none}\n");
  EXPECT_TRUE(scenario.given.front().control);
}

TEST(ScenarioLoaderTest, BrokenYamlHasItsPlace) {
  EXPECT_NE(Complaints("scenario: x\ngiven: [\n").find("s.yaml:"), std::string::npos);
  EXPECT_NE(Complaints("").find("the file holds no scenario"), std::string::npos);
  EXPECT_NE(Complaints("scenario: a\ngiven: []\nexpect: {contacts: none}\n---\nscenario: [\n").find("s.yaml:"), std::string::npos);
}

TEST(ScenarioLoaderTest, UntilIsNotBeforeTheEvents) {
  EXPECT_NE(
      Complaints(
          "scenario: x\ngiven:\n  - {type: web.page_viewed, time: 2026-03-05, path: /a}\nuntil: 2026-03-01\nexpect: {contacts: none}\n")
          .find("`until` is before the last event"),
      std::string::npos);
}

}  // namespace
}  // namespace antiphon::tools
