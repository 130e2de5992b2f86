#include <gtest/gtest.h>

#include <algorithm>

#include "services/tools/json_out.h"
#include "services/tools/reason_words.h"
#include "services/tools/time_text.h"
#include "services/tools/value_text.h"
#include "tests/unit/tools/small_bank.h"

namespace antiphon::tools {
namespace {

using expression::Value;

EngineTime Utc(std::string_view text) { return ParseTime(text).value(); }

TEST(TimeTextTest, AsPreciseAsItIsWritten) {
  const calendar::Zone& prague = SmallBank().zone;
  const auto day = ReadTimeSpan("2026-03-02", prague).value();
  EXPECT_EQ(day.from, Utc("2026-03-01T23:00:00Z"));
  EXPECT_EQ(day.until, Utc("2026-03-02T23:00:00Z"));
  const auto minute = ReadTimeSpan("2026-03-02 09:00", prague).value();
  EXPECT_EQ(minute.from, Utc("2026-03-02T08:00:00Z"));
  EXPECT_EQ(minute.until - minute.from, std::chrono::minutes{1});
  EXPECT_EQ(ReadTimeSpan("2026-03-02 09:00:30", prague)->until - ReadTimeSpan("2026-03-02 09:00:30", prague)->from,
            std::chrono::seconds{1});
  const auto exact = ReadTimeSpan("2026-03-02T09:00:00Z", prague).value();
  EXPECT_EQ(exact.until - exact.from, Milliseconds{1});
}

TEST(TimeTextTest, TheDayOfSummerTimeHas23Hours) {
  const auto day = ReadTimeSpan("2026-03-29", SmallBank().zone).value();
  EXPECT_EQ(day.until - day.from, std::chrono::hours{23});
}

TEST(TimeTextTest, WhatIsNoTimeIsNothing) {
  for (const char* text : {"", "tomorrow", "2026-02-30", "2026-03-02 25:00", "2026-03-02 9:00", "2026-03", "09:00"}) {
    EXPECT_FALSE(ReadTimeSpan(text, SmallBank().zone)) << text;
  }
}

TEST(TimeTextTest, LocalTextsReadBack) {
  const calendar::Zone& prague = SmallBank().zone;
  for (const char* text : {"2026-03-02 09:00", "2026-03-02 09:00:30", "2026-03-02 09:00:30.250", "2026-07-02 00:00"}) {
    EXPECT_EQ(LocalTimeText(ReadTimeSpan(text, prague)->from, prague), text);
  }
}

TEST(ValueTextTest, MoneyHasItsDigitsAndCurrency) {
  EXPECT_EQ(ValueText(Value::Int(123450), "CZK:2"), "1234.50 CZK");
  EXPECT_EQ(ValueText(Value::Int(-5), "CZK:2"), "-0.05 CZK");
  EXPECT_EQ(ValueText(Value::Int(7), {}), "7");
  EXPECT_EQ(MoneyText(INT64_MIN, 2), "-92233720368547758.08");
}

TEST(ValueTextTest, KindsCanBeToldApart) {
  EXPECT_EQ(ValueText(Value::Double(2)), "2.0");
  EXPECT_EQ(ValueText(Value::String("a\"b")), "\"a\\\"b\"");
  EXPECT_EQ(ValueText(Value::Absent()), "absent");
  EXPECT_EQ(ValueText(Value::DurationMs(3 * 86'400'000)), "3d");
  const Value items[] = {Value::Int(1), Value::Int(2)};
  EXPECT_EQ(ValueText(Value::List(items)), "[1, 2]");
}

TEST(JsonOutTest, SeparatesAndEscapes) {
  std::string text;
  JsonOut json(text);
  json.BeginObject();
  json.Field("a", "x\n\x01\xff");
  json.Key("b");
  json.BeginArray();
  json.Int(1);
  json.Bool(true);
  json.BeginObject();
  json.EndObject();
  json.EndArray();
  json.EndObject();
  EXPECT_EQ(text, "{\"a\":\"x\\n\\u0001\xEF\xBF\xBD\",\"b\":[1,true,{}]}");
}

TEST(ReasonWordsTest, EveryStageAsksSomething) {
  for (std::size_t i = 0; i < decision::kStageCount; ++i) {
    EXPECT_FALSE(StageQuestion(static_cast<decision::Stage>(i)).empty()) << i;
  }
}

TEST(ReasonWordsTest, RulesSayWhatTheirAuthorSays) {
  decision::CandidateRecord candidate;
  candidate.offer = state::OfferId{*topology::FindById(SmallBank().offers, "savings_sweep")};
  candidate.stage = decision::Stage::kCap;
  candidate.rule = "weekly";
  EXPECT_EQ(ReasonText(SmallBank(), candidate), "cap weekly: at most 1 in 7d is used up; one push a week");
  candidate.stage = decision::Stage::kEligible;
  candidate.rule = "eligible/grown_up";
  EXPECT_EQ(ReasonText(SmallBank(), candidate), "eligible/grown_up: does not hold: customer.age >= 18; grown-ups only");
  candidate.stage = decision::Stage::kSuppression;
  candidate.rule = "complaint";
  EXPECT_EQ(ReasonText(SmallBank(), candidate),
            "suppression complaint: a case is open, or closed less than 14d ago; nothing is sold while a complaint is open");
}

TEST(ReasonWordsTest, ChangesOfContactsAreWords) {
  EXPECT_EQ(ChangeText(SmallBank(), "taken_over"), "the same offer was presented to the customer");
  EXPECT_EQ(ChangeText(SmallBank(), "schedule:never_open"), "the channel never opens for it");
  EXPECT_EQ(ChangeText(SmallBank(), "cap:weekly"), "closed when decided again, by cap weekly");
  EXPECT_EQ(ChangeText(SmallBank(), "appointment"), "appointment");
}

}  // namespace
}  // namespace antiphon::tools
