#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/tools/eval_command.h"
#include "tests/unit/tools/small_bank.h"
#include "tests/unit/tools/small_log.h"

namespace antiphon::tools {
namespace {

class EvalTest : public testing::Test {
 protected:
  int Run(std::string expression, std::string at = {}, std::string customer = "C1") {
    EvalOptions options{.topology = "bank",
                        .logs = {},
                        .customer = std::move(customer),
                        .at = std::move(at),
                        .expression = std::move(expression),
                        .json = json_};
    options.logs.logs = {log_.path()};
    const Captured output;
    const Captured errors;
    const int code = RunEval(options, LoadSmallBank(), output.file(), errors.file());
    out_ = output.text();
    err_ = errors.text();
    return code;
  }

  TemporaryFile log_{"log.jsonl", kSmallLog};
  bool json_ = false;
  std::string out_;
  std::string err_;
};

TEST_F(EvalTest, PrintsValueTypeUnitAndWhatWasRead) {
  ASSERT_EQ(Run("features.balance + 100", "2026-03-02 12:00"), 0) << err_;
  EXPECT_EQ(out_,
            "60001.00 CZK\n"
            "  type int of CZK, in minor units\n"
            "  at 2026-03-02 12:00:59.999 (Europe/Prague)\n"
            "  read features.balance = 60000.00 CZK\n");
}

TEST_F(EvalTest, StandsAtTheTime) {
  ASSERT_EQ(Run("features.balance", "2026-03-02 10:30"), 0) << err_;
  EXPECT_THAT(out_, testing::StartsWith("0.00 CZK\n"));
  ASSERT_EQ(Run("features.pages_7d", "2026-03-02 12:00"), 0);
  EXPECT_THAT(out_, testing::StartsWith("3\n"));
  ASSERT_EQ(Run("features.pages_7d", "2026-03-03"), 0);
  EXPECT_THAT(out_, testing::StartsWith("6\n"));
  ASSERT_EQ(Run("features.pages_7d", "2027-01-01"), 0);
  EXPECT_THAT(out_, testing::StartsWith("0\n"));
}

TEST_F(EvalTest, FunctionsAreNotedWithTheirArguments) {
  ASSERT_EQ(Run("customer.suppressed(\"complaint\") && segments.asset_tier == \"affluent\""), 0) << err_;
  EXPECT_THAT(out_, testing::HasSubstr("  read customer.suppressed(\"complaint\") = true\n  read segments.asset_tier = \"affluent\"\n"));
}

TEST_F(EvalTest, JsonIsOneDocument) {
  json_ = true;
  ASSERT_EQ(Run("features.balance", "2026-03-02 12:00"), 0);
  EXPECT_EQ(
      out_,
      "{\"customer\":\"C1\",\"at\":\"2026-03-02T11:00:59.999Z\",\"expression\":\"features.balance\",\"type\":\"int\",\"unit\":\"CZK:2\","
      "\"value\":6000000,\"read\":{\"features.balance\":\"60000.00 CZK\"}}\n");
}

TEST_F(EvalTest, AMistakeHasACaret) {
  EXPECT_EQ(Run("1 + features.balanc"), 2);
  EXPECT_THAT(err_, testing::HasSubstr("did you mean features.balance?"));
  EXPECT_THAT(err_, testing::HasSubstr("\n  1 + features.balanc\n      ^"));
}

TEST_F(EvalTest, AnAbsentValueIsNoAnswer) {
  EXPECT_EQ(Run("customer.email"), 1);
  EXPECT_THAT(out_, testing::HasSubstr("error: "));
  EXPECT_THAT(out_, testing::HasSubstr("read customer.email = absent"));
}

TEST_F(EvalTest, UnknownCustomersAreSaid) {
  EXPECT_EQ(Run("1", "", "C9"), 1);
  EXPECT_EQ(Run("1", "2026-03-10", "C3"), 1);  // not yet
  EXPECT_EQ(Run("1", "", "C3"), 0);
}

}  // namespace
}  // namespace antiphon::tools
