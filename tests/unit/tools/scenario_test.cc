#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/tools/test_command.h"
#include "tests/unit/tools/small_bank.h"

// Scenarios over the small bank: what passes, and what is said where one fails.
namespace antiphon::tools {
namespace {

const TestedTopology& Bank() {
  static const TestedTopology kBank(SharedSmallBank());
  return kBank;
}

// A scenario with these events of anna, a grown-up whom all is known of, and this `expect`.
std::string Scenario(const std::string& given, const std::string& expect, const std::string& more = {}) {
  return "scenario: s\n" + more +
         "customer: anna\n"
         "given:\n"
         "  - {type: customer.profile, time: \"2026-03-02 09:00\", first_name: Anna, email: a@b.example, phone: \"1\", birth_date: "
         "1980-05-01}\n"
         "  - {type: consent.changed, channel: all, purpose: marketing, granted: true}\n" +
         given + "expect:\n" + expect;
}

std::vector<Failure> FailuresOf(const std::string& text) {
  TestedFile tested = TestFile(Bank(), text, "s.yaml", {});
  EXPECT_EQ(Lines(tested.diagnostics), "");
  if (tested.result.scenarios.empty()) return {};
  return std::move(tested.result.scenarios.front().failures);
}

// All lines, the expectation first.
std::string Report(const std::string& text) {
  std::string lines;
  for (const Failure& failure : FailuresOf(text)) {
    lines += ToString(failure.place) + " expected " + failure.expected + "\n";
    for (const std::string& line : failure.happened) lines += "  " + line + "\n";
  }
  return lines;
}

const std::string kOpened = "  - {type: account.opened, after: 1h, account_id: A1}\n";
const std::string kReads = "  - {type: web.page_viewed, after: 1h, path: /savings, repeat: 3, every: 1m}\n";

TEST(ScenarioTest, AnUnusedAccountGetsFirstSteps) {
  EXPECT_EQ(Report(Scenario(kOpened, R"(  contacts:
    - {offer: first_steps, channel: email, status: planned, at: "2026-03-16 10:00", trigger: account_unused, class: marketing, customer: anna}
    - {offer: first_steps, status: sent, at: 2026-03-16T09:00:00Z, previous: planned, text: "Dear Anna, shall we help with your account?"}
  decisions:
    - {trigger: account_unused, cause: moment, chosen: first_steps}
  state:
    - {expression: 'customer.age', is: 45}
    - {expression: 'contacts.count({"channel": "email"})', is: 0, at: "2026-03-16 09:59"}
    - {expression: 'contacts.count({"channel": "email"})', is: 1}
)",
                            "until: 20d\n")),
            "");
}

TEST(ScenarioTest, SilenceIsThatOfATriggerThatNeverFired) {
  EXPECT_EQ(Report(Scenario(kOpened + "  - {type: transaction.posted, after: 3d, amount: 10}\n",
                            "  contacts: none\n  silence: [{trigger: account_unused}, {offer: first_steps}]\n", "until: 30d\n")),
            "");
}

TEST(ScenarioTest, SilenceHasItsStageAndRule) {
  EXPECT_EQ(Report(Scenario("  - {type: complaint.opened, after: 1m, case_id: c1}\n" + kReads,
                            "  contacts: none\n"
                            "  silence:\n"
                            "    - {offer: savings_sweep, channel: sms, stage: suppression, rule: complaint}\n"
                            "  never: [{channel: sms}]\n")),
            "");
}

TEST(ScenarioTest, AContactIsFoundAtRunTime) {
  EXPECT_EQ(Report(Scenario(kReads + "  - {type: contact.response, after: 1h, contact: {offer: savings_sweep}, code: declined}\n" +
                                "  - {type: web.page_viewed, after: 10d, path: /savings, repeat: 3, every: 1m}\n",
                            "  contacts:\n"
                            "    - {offer: savings_sweep, status: sent}\n"
                            "    - {offer: savings_sweep, status: declined, reason: declined}\n"
                            "  silence: [{offer: savings_sweep, at: 2026-03-12, stage: cooldown}]\n")),
            "");
}

TEST(ScenarioTest, AnAnswerIsCompared) {
  const std::string request =
      "  - {type: consent.changed, channel: all, purpose: profiling, granted: true}\n"
      "  - {type: decision.requested, after: 1h, request_id: R1, channel: call, placement: call_screen, slots: 3, interaction_id: I1}\n";
  EXPECT_EQ(
      Report(Scenario(
          "  - {type: web.page_viewed, path: /savings}\n" + request,
          "  answers: [{request: R1, offers: [savings_sweep], web: [/savings], holdings: none, text: {contains: Ask}}]\n"
          "  contacts: [{offer: savings_sweep, status: proposed, direction: inbound, interaction_id: I1, text: Ask about savings.}]\n")),
      "");
  EXPECT_THAT(Report(Scenario(request, "  answers: [{request: R1, offers: none, web: [/savings]}, {request: R2}]\n")),
              testing::HasSubstr("  - offers: []\n"
                                 "  + offers: [savings_sweep]\n"
                                 "  - web: [/savings]\n"
                                 "  + web: []\n"));
}

TEST(ScenarioTest, APauseSilences) {
  EXPECT_EQ(Report(Scenario("  - {type: control.pause, after: 1m, offer: savings_sweep}\n" + kReads,
                            "  contacts: none\n  silence: [{offer: savings_sweep, stage: paused, rule: offer}]\n")),
            "");
}

TEST(ScenarioTest, NobodyIsInAHoldoutUnlessItIsAskedFor) {
  // By the salt h1 some of ten customers are in the holdout of 50 %.
  int withheld = 0;
  for (int i = 0; i < 10; ++i) {
    std::string given = kReads;
    const std::string name = "customer" + std::to_string(i);
    std::string text = Scenario(given, "  contacts: [{offer: savings_sweep, status: sent}]\n");
    text.replace(text.find("anna"), 4, name);
    EXPECT_EQ(Report(text), "");
    std::string with = Scenario(given, "  contacts: [{offer: savings_sweep, status: withheld}]\n", "experiments: on\n");
    with.replace(with.find("anna"), 4, name);
    withheld += FailuresOf(with).empty() ? 1 : 0;
  }
  EXPECT_GT(withheld, 0);
  EXPECT_LT(withheld, 10);
}

TEST(ScenarioTest, ADifferenceIsShownKeyByKey) {
  const std::string report = Report(
      Scenario(kOpened, "  only: false\n  contacts:\n    - {offer: first_steps, channel: sms, status: sent, at: \"2026-03-16 09:00\"}\n",
               "until: 20d\n"));
  EXPECT_EQ(report,
            "s.yaml:11:7 expected a contact {offer: first_steps, channel: sms, status: sent, at: 2026-03-16 09:00}\n"
            "  the nearest record: 2026-03-16 10:00 first_steps by email: sent (due)\n"
            "    - channel: sms\n"
            "    + channel: email\n"
            "    - at: 2026-03-16 09:00\n"
            "    + at: 2026-03-16 10:00\n"
            "  the decision that came nearest:\n"
            "    2026-03-16 10:00 a moment opened: account_unused (an account stands unused for 14 days)\n"
            "      first_steps by email\n"
            "      - first_steps by email, planned 2026-03-16 10:00: chosen\n"
            "  the clock stopped at 2026-03-22 10:00\n");
}

TEST(ScenarioTest, AMissingContactShowsTheFunnel) {
  EXPECT_EQ(Report(Scenario("  - {type: customer.profile, after: 1m, birth_date: 2015-01-01}\n" + kReads,
                            "  contacts: [{offer: savings_sweep, status: sent}]\n")),
            "s.yaml:9:14 expected a contact {offer: savings_sweep, status: sent}\n"
            "  there was no contact at all\n"
            "  the decision that came nearest:\n"
            "    2026-03-02 10:03 a moment opened: savings_read (the savings page was read three times)\n"
            "      silence: savings_sweep came furthest; eligible/grown_up: does not hold: customer.age >= 18; grown-ups only\n"
            "      - savings_sweep by sms, planned 2026-03-02 10:03: eligible/grown_up: does not hold: customer.age >= 18; grown-ups only\n"
            "  the clock stopped at 2026-03-02 10:03\n");
}

TEST(ScenarioTest, ATriggerThatDidNotFireIsNamed) {
  EXPECT_EQ(Report(Scenario(kOpened, "  contacts: [{offer: first_steps}]\n")),
            "s.yaml:8:14 expected a contact {offer: first_steps}\n"
            "  there was no contact at all\n"
            "  first_steps was a candidate of no decision; what lists it did not fire: account_unused\n"
            "  the clock stopped at 2026-03-02 10:00\n");
}

TEST(ScenarioTest, AnUnexpectedContactIsShownWithItsDecision) {
  const std::string report = Report(Scenario(kReads, "  contacts: none\n"));
  EXPECT_THAT(report, testing::HasSubstr("expected no contact but those listed (`only: true`)\n"
                                         "  + 2026-03-02 10:02 savings_sweep by sms: planned, due 2026-03-02 10:02 (chosen)\n"
                                         "  + 2026-03-02 10:02 savings_sweep by sms: sent (due)\n"
                                         "  decided by:\n"));
  EXPECT_EQ(Report(Scenario(kReads, "  contacts: none\n  only: false\n")), "");
}

TEST(ScenarioTest, SilenceForAnotherReasonIsNoSilence) {
  EXPECT_THAT(Report(Scenario("  - {type: complaint.opened, after: 1m, case_id: c1}\n" + kReads,
                              "  silence: [{offer: savings_sweep, stage: cap, rule: weekly}]\n")),
              testing::HasSubstr("expected silence of savings_sweep, closed by cap weekly\n  silent, but for another reason:\n"));
  EXPECT_THAT(Report(Scenario(kReads, "  silence: [{offer: savings_sweep}]\n")), testing::HasSubstr("it was not silent:\n"));
  EXPECT_THAT(Report(Scenario(kReads, "  silence: [{offer: first_steps, stage: cap}]\n")),
              testing::HasSubstr("first_steps was not considered at all"));
  EXPECT_THAT(Report(Scenario(kReads, "  silence: [{trigger: savings_read}]\n")), testing::HasSubstr("savings_read fired:\n"));
}

TEST(ScenarioTest, OrderMatters) {
  EXPECT_EQ(
      Report(Scenario(kReads, "  contacts: [{status: sent}, {status: planned}]\n")),
      "s.yaml:8:30 expected a contact {status: planned}\n"
      "  it happened, but before the entry above it: 2026-03-02 10:02 savings_sweep by sms: planned, due 2026-03-02 10:02 (chosen)\n");
}

TEST(ScenarioTest, AContactThatDoesNotExistIsSaid) {
  EXPECT_THAT(
      Report(Scenario("  - {type: contact.response, after: 1h, contact: {offer: first_steps}, code: accepted}\n", "  contacts: none\n")),
      testing::HasSubstr("s.yaml:6:5 expected contact.response is applied\n"
                         "  no contact fits {offer: first_steps}\n"
                         "  anna has no contact at that time\n"));
}

TEST(ScenarioTest, ADeadLetterIsAFailure) {
  const std::string report = Report(Scenario("  - {type: transaction.posted, after: 1h, amount: 1.005}\n", "  contacts: none\n"));
  EXPECT_THAT(report,
              testing::HasSubstr("s.yaml:6:5 expected transaction.posted is applied\n  it became a dead letter (field_out_of_range)"));
}

TEST(ScenarioTest, StateSaysWhatItRead) {
  EXPECT_EQ(Report(Scenario("  - {type: transaction.posted, after: 1h, amount: 10, balance: 1000}\n",
                            "  state:\n    - {expression: 'features.balance > 5 && segments.asset_tier == \"affluent\"', is: true}\n")),
            "s.yaml:9:7 expected features.balance > 5 && segments.asset_tier == \"affluent\" of anna is true\n"
            "  it is false\n"
            "    read features.balance = 1000.00 CZK\n"
            "    read segments.asset_tier = \"mass\"\n");
  EXPECT_THAT(Report(Scenario({}, "  state: [{expression: 'customer.age', is: 1, at: 2030-01-01}]\n")),
              testing::HasSubstr("the clock stopped before"));
}

}  // namespace
}  // namespace antiphon::tools
