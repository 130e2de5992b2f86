#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "services/tools/explain_command.h"
#include "tests/unit/tools/small_bank.h"
#include "tests/unit/tools/small_log.h"

namespace antiphon::tools {
namespace {

using testing::HasSubstr;
using testing::Not;

// The small bank without its holdout: which of its customers are in it is chance.
LoadTopologyFolder LoadTreated() {
  return [](const std::string& /*folder*/) -> Result<std::shared_ptr<const topology::Topology>> {
    auto bank = std::make_shared<topology::Topology>(SmallBank());
    bank->universal_holdout.share_ppm = 0;
    return bank;
  };
}

class ExplainTest : public testing::Test {
 protected:
  int Run(ExplainOptions options) {
    options.topology = "bank";
    options.logs.logs = {log_.path()};
    const Captured output;
    const Captured errors;
    const int code = RunExplain(options, LoadTreated(), output.file(), errors.file());
    out_ = output.text();
    err_ = errors.text();
    return code;
  }

  TemporaryFile log_{"log.jsonl", kSmallLog};
  std::string out_;
  std::string err_;
};

TEST_F(ExplainTest, TellsTheWholeFunnelOfAChoice) {
  ASSERT_EQ(Run({.customer = "C1", .at = "2026-03-02"}), 0) << err_;
  EXPECT_THAT(out_, testing::StartsWith("customer C1, from 2026-03-02 00:00 to 2026-03-03 00:00; times of Europe/Prague\n"
                                        "\n"
                                        "2026-03-02 10:02 a moment opened: savings_read (the savings page was read three times)\n"
                                        "  decision "));
  EXPECT_THAT(
      out_,
      HasSubstr("  chosen: savings_sweep by sms\n"
                "  - savings_sweep by sms, planned 2026-03-02 10:02: chosen\n"
                "      score 388 = propensity 4, value 100, context 1, lever 1, cost 12\n"
                "      says: \"Your money could earn interest.\"\n"
                "  what became of it\n"
                "      2026-03-02 10:02 savings_sweep by sms: planned, due 2026-03-02 10:02 (chosen): a decision chose it\n"
                "      2026-03-02 10:02 savings_sweep by sms: sent (due): it was due\n"
                "      2026-03-05 10:02 savings_sweep by sms: no_response (response_window): the channel's response window is over\n"));
}

TEST_F(ExplainTest, TellsWhatTheCapCounted) {
  ASSERT_EQ(Run({.customer = "C1", .at = "2026-03-03", .offer = "savings_sweep"}), 0) << err_;
  EXPECT_THAT(out_,
              HasSubstr("  silence: savings_sweep came furthest; cap weekly: at most 1 in 7d is used up; one push a week\n"
                        "  - savings_sweep by sms, planned 2026-03-03 10:02: cap weekly: at most 1 in 7d is used up; one push a week\n"
                        "      counts: 2026-03-02 10:02 savings_sweep by sms, sent\n"));
  EXPECT_THAT(out_, HasSubstr("would have said: \"Your money could earn interest.\"\n"));
}

TEST_F(ExplainTest, SaysHowHeStoodWhereNothingWasDecided) {
  ASSERT_EQ(Run({.customer = "C1", .at = "2026-03-21"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("nothing was decided for him then\n"));
  EXPECT_THAT(out_, HasSubstr("the last decisions before\n  2026-03-02 10:02 a moment opened"));
  EXPECT_THAT(out_, HasSubstr("last event: web.page_viewed at 2026-03-21 10:01, id v8\n"));
  EXPECT_THAT(out_, HasSubstr("segments.asset_tier = affluent\n"));
  EXPECT_THAT(out_, HasSubstr("features.balance = 60000.00 CZK\n"));
  EXPECT_THAT(out_, HasSubstr("consents to marketing on all channels, said 2026-03-02 09:00\n"));
  EXPECT_THAT(out_, HasSubstr("silenced by complaint since 2026-03-20 10:00, case K7\n"));
  EXPECT_THAT(out_, HasSubstr("account_unused (an account stands unused for 14 days): no run is open; waits for its first step opened\n"));
  EXPECT_THAT(out_, HasSubstr("weekly: 0 of 1 taken (at most 1 in 7d)\n"));
  EXPECT_THAT(out_, HasSubstr("1 records of the logs could not be read\n"));
}

TEST_F(ExplainTest, SaysWhatAnOpenRunWaitsFor) {
  ASSERT_EQ(Run({.customer = "C2", .at = "2026-03-10", .offer = "first_steps"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("account_unused (an account stands unused for 14 days): 1 run is open\n"
                              "    since 2026-03-02 10:01:30 (o1): took opened; fires 2026-03-16 10:01:30 unless used comes before\n"));
  EXPECT_THAT(out_, Not(HasSubstr("savings_read")));
  EXPECT_THAT(out_, HasSubstr("the next one\n  2026-03-16 10:01:30 a moment opened: account_unused"));
}

TEST_F(ExplainTest, OtherCustomersMoveTheClock) {
  // C3's event of April lets the absence of C2 fire; the reason for silence is that C2 has no address.
  ASSERT_EQ(Run({.customer = "C2"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("first_steps came furthest; reachable no_address: no address is known for the channel\n"));
}

TEST_F(ExplainTest, FindsADecisionByItsId) {
  ASSERT_EQ(Run({.customer = "C1", .at = "2026-03-03", .json = true}), 0) << err_;
  const auto json = nlohmann::json::parse(out_);
  ASSERT_EQ(json["decisions"].size(), 1U);
  const auto& decision = json["decisions"][0];
  EXPECT_EQ(json["customer"], "C1");
  EXPECT_EQ(decision["decision"]["customer"], "C1");
  EXPECT_EQ(decision["candidates"][0]["details"][0], "counts: 2026-03-02 10:02 savings_sweep by sms, sent");
  const std::string id = decision["decision"]["decision_id"];
  ASSERT_EQ(Run({.decision = id}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("decision " + id));
  EXPECT_THAT(out_, testing::StartsWith("customer C1,"));
  EXPECT_EQ(Run({.decision = std::string(32, '0')}), 1);
  EXPECT_THAT(err_, HasSubstr("the logs hold no decision 0000"));
}

TEST_F(ExplainTest, BadUsageNamesTheRemedy) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_THAT(err_, HasSubstr("name a customer (--customer C00692) or a decision"));
  EXPECT_EQ(Run({.customer = "C1", .at = "yesterday"}), 2);
  EXPECT_THAT(err_, HasSubstr("--at yesterday is no time"));
  EXPECT_EQ(Run({.customer = "C1", .offer = "saving_sweep"}), 2);
  EXPECT_THAT(err_, HasSubstr("did you mean savings_sweep?"));
  EXPECT_EQ(Run({.customer = "C9"}), 1);
  EXPECT_THAT(err_, HasSubstr("the logs hold no event of customer C9"));
  EXPECT_EQ(Run({.customer = "C1", .from = "2026-03-05", .to = "2026-03-01"}), 2);
}

}  // namespace
}  // namespace antiphon::tools
