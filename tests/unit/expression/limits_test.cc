#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/expression/test_host.h"

namespace antiphon::expression {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Repeat(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

// cel.bind(x0, start, cel.bind(x1, f(x0), .. body(xN) ..)): each variable is made of two of the one before.
std::string DoubledTimes(int times, std::string_view start, std::string_view before, std::string_view between, std::string_view after,
                         std::string_view body) {
  std::string text = "cel.bind(x0, ";
  text.append(start).append(", ");
  for (int i = 1; i <= times; ++i) {
    const std::string last = std::to_string(i - 1);
    text.append("cel.bind(x").append(std::to_string(i)).append(", ").append(before);
    text.append("x").append(last).append(between).append("x").append(last).append(after).append(", ");
  }
  return text.append(body).append(Repeat(")", static_cast<std::size_t>(times) + 1));
}

TEST(LimitsTest, RefusesTextsThatAreTooLong) {
  const std::string text = "'" + std::string(70'000, 'x') + "'";
  EXPECT_THAT(Mistakes(text, {}), ElementsAre(HasSubstr("too long")));
}

TEST(LimitsTest, RefusesTextsThatAreNotUtf8) { EXPECT_THAT(Mistakes("'a\xFF'", {}), ElementsAre("1:3: the expression is not UTF-8")); }

TEST(LimitsTest, RefusesEveryKindOfDeepNesting) {
  constexpr std::size_t kDeep = 10'000;
  const std::string texts[] = {
      Repeat("(", kDeep) + "1" + Repeat(")", kDeep),
      Repeat("[", kDeep) + Repeat("]", kDeep),
      Repeat("!", kDeep) + "true",
      Repeat("-", kDeep) + "x",
      "1" + Repeat("+1", kDeep),
      "x" + Repeat(".y", kDeep),
      "x" + Repeat("[0]", kDeep),
      Repeat("true ? 1 : ", 5'000) + "1",
      Repeat("{1:", kDeep) + "1" + Repeat("}", kDeep),
      Repeat("f(", kDeep) + Repeat(")", kDeep),
      "x" + Repeat(".f()", kDeep),
  };
  for (const std::string& text : texts) EXPECT_THAT(Mistakes(text, {}), ElementsAre(HasSubstr("nested too deeply"))) << text.substr(0, 20);
}

TEST(LimitsTest, TakesLongChainsOfLogic) {
  const auto program = Compile("false" + Repeat(" || 1 == 2", 5'000) + " || true", {});
  ASSERT_TRUE(program.has_value());
  EXPECT_TRUE(program->constant().value_or(Value()).is_true());
}

TEST(LimitsTest, TakesTheDepthThatItPromises) {
  EXPECT_TRUE(Compile(Repeat("(", 248) + "1" + Repeat(")", 248), {}).has_value());
  EXPECT_TRUE(Compile("1" + Repeat(" + 1", 248), {}).has_value());
}

TEST(LimitsTest, StopsLoopsThatTakeTooManySteps) {
  TestHost host = BankHost();
  host.Add("n", Type::Int(), Value::Int(1));
  std::string list = "[n";
  for (int i = 0; i < 99; ++i) list += ",n";
  list += "]";
  const std::string text = list + ".all(a, " + list + ".all(b, " + list + ".all(c, " + list + ".all(d, a + b + c + d == 4 * n))))";
  const Program program = CompileOrDie(text, host.declarations);
  Arena arena;
  EXPECT_EQ(program.Evaluate(host, arena).error_code(), ErrorCode::kTooManySteps);
}

TEST(LimitsTest, StopsComparisonsOfSharedTrees) {
  const TestHost host = BankHost();
  const std::string text = DoubledTimes(60, "[event.amount]", "[", ", ", "]", "x60 == x60");
  const Program program = CompileOrDie(text, host.declarations);
  Arena arena;
  EXPECT_EQ(program.Evaluate(host, arena).error_code(), ErrorCode::kTooManySteps);
}

TEST(LimitsTest, StopsValuesThatGrowBeyondTheArena) {
  const TestHost host = BankHost();
  const std::string text = DoubledTimes(40, "event.purpose", "", " + ", "", "size(x40) > 1");
  const Program program = CompileOrDie(text, host.declarations);
  Arena arena(1U << 20U);
  EXPECT_EQ(program.Evaluate(host, arena).error_code(), ErrorCode::kTooLarge);
  EXPECT_LE(arena.held_bytes(), std::size_t{1} << 20U);
}

TEST(LimitsTest, LeavesLargeConstantsToTheEvaluation) {
  const std::string text = DoubledTimes(40, "'xxxxxxxxxxxxxxxx'", "", " + ", "", "size(x40) > 1");
  const Program program = CompileOrDie(text, {});
  EXPECT_FALSE(program.constant().has_value());
}

TEST(ArenaTest, KeepsItsBlocksAndItsLimit) {
  Arena arena(100'000);
  EXPECT_NE(arena.Allocate(60'000), nullptr);
  EXPECT_EQ(arena.Allocate(60'000), nullptr);
  EXPECT_TRUE(arena.CopyString(std::string(90'000, 'x')).is_error());
  arena.Reset();
  const std::size_t held = arena.held_bytes();
  EXPECT_NE(arena.Allocate(60'000), nullptr);
  EXPECT_EQ(arena.held_bytes(), held);
  EXPECT_EQ(arena.Allocate(std::numeric_limits<std::size_t>::max()), nullptr);
  EXPECT_EQ(arena.AllocateArray<Value>(std::numeric_limits<std::size_t>::max() / 8), nullptr);
}

}  // namespace
}  // namespace antiphon::expression
