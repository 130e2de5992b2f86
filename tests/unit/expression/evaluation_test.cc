#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "tests/unit/expression/test_host.h"

namespace antiphon::expression {
namespace {

using testing::ElementsAre;

class EvaluationTest : public testing::Test {
 protected:
  // The program is kept: the value may point into it.
  Value Evaluate(std::string_view text) { return programs_.emplace_back(CompileOrDie(text, host_.declarations)).Evaluate(host_, arena_); }
  bool IsTrue(std::string_view text) { return Evaluate(text).is_true(); }
  ErrorCode ErrorOf(std::string_view text) {
    const Value value = Evaluate(text);
    EXPECT_TRUE(value.is_error()) << text;
    return value.error_code();
  }

  TestHost host_ = BankHost();
  Arena arena_;
  std::vector<Program> programs_;
};

TEST_F(EvaluationTest, TakesTheLongestDottedName) {
  EXPECT_EQ(Evaluate("features.balance").as_int(), 1000000);
  EXPECT_EQ(Evaluate("features.balance.previous").as_int(), 9000);
  EXPECT_EQ(Evaluate("request.context.page").as_text(), "/mortgage");
  EXPECT_EQ(Evaluate("request.context['page']").as_text(), "/mortgage");
}

TEST_F(EvaluationTest, HasTellsWhetherADeclaredNameHasAValue) {
  EXPECT_TRUE(IsTrue("has(event.amount)"));
  EXPECT_TRUE(IsTrue("!has(event.note)"));
  EXPECT_TRUE(IsTrue("has(request.context.page)"));
  EXPECT_TRUE(IsTrue("!has(request.context.other)"));
  EXPECT_TRUE(IsTrue("!has(request.context.empty)"));
}

TEST_F(EvaluationTest, ReadingAnAbsentNameIsAnErrorThatLogicAbsorbs) {
  EXPECT_EQ(ErrorOf("event.note"), ErrorCode::kNoValue);
  EXPECT_EQ(ErrorOf("event.note == 'x'"), ErrorCode::kNoValue);
  EXPECT_EQ(ErrorOf("event.note == 'x' && true"), ErrorCode::kNoValue);
  EXPECT_EQ(ErrorOf("request.context.empty == 1"), ErrorCode::kNoValue);
  EXPECT_EQ(ErrorOf("!(event.note == 'x')"), ErrorCode::kNoValue);
  EXPECT_FALSE(Evaluate("event.note == 'x' && features.visits > 100").is_error());
  EXPECT_TRUE(IsTrue("event.note == 'x' || features.visits == 3"));
  EXPECT_TRUE(IsTrue("features.visits == 3 || event.note == 'x'"));
}

TEST_F(EvaluationTest, AnErrorKnowsItsPlace) {
  EXPECT_EQ(Evaluate("true && event.note == 'x'").error_place(), 8U);
  EXPECT_EQ(Evaluate("1 + features.visits / (features.visits - 3)").error_place(), 20U);
}

TEST_F(EvaluationTest, IntegersOverflowToAnError) {
  host_.Set("features.visits", Value::Int(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(ErrorOf("features.visits + 1"), ErrorCode::kOverflow);
  EXPECT_EQ(ErrorOf("features.visits * 2"), ErrorCode::kOverflow);
  EXPECT_EQ(ErrorOf("-features.visits - 2"), ErrorCode::kOverflow);
  EXPECT_EQ(ErrorOf("(-features.visits - 1) / -1"), ErrorCode::kOverflow);
  EXPECT_EQ(ErrorOf("math.abs(-features.visits - 1)"), ErrorCode::kOverflow);
  EXPECT_EQ(ErrorOf("features.visits % 0"), ErrorCode::kDivisionByZero);
}

TEST_F(EvaluationTest, ComparesASlotWithAConstantFromBothSides) {
  EXPECT_TRUE(IsTrue("features.visits > 2 && 2 < features.visits && features.visits >= 3 && 3 >= features.visits"));
  EXPECT_TRUE(IsTrue("features.visits <= 3 && 4 > features.visits && features.visits != 4 && 3 == features.visits"));
  EXPECT_TRUE(IsTrue("features.visits < 3.5 && event.purpose == 'salary' && 'rent' < event.purpose"));
  EXPECT_FALSE(IsTrue("features.visits < 3 || 3 > features.visits || features.visits > 3 || 3 < features.visits"));
}

TEST_F(EvaluationTest, TimeHasZones) {
  EXPECT_EQ(Evaluate("now.getHours()").as_int(), 9);
  EXPECT_EQ(Evaluate("now.getHours('Europe/Prague')").as_int(), 10);
  EXPECT_EQ(Evaluate("(now + duration('2208h')).getHours('Europe/Prague')").as_int(), 11);  // summer time
  EXPECT_EQ(Evaluate("now.getHours('+05:30')").as_int(), 15);
  EXPECT_EQ(ErrorOf("now.getHours(event.purpose)"), ErrorCode::kBadArgument);
  EXPECT_EQ(Evaluate("string(now - duration('90m'))").as_text(), "2026-03-01T08:00:00Z");
}

TEST_F(EvaluationTest, CallsDeclaredFunctions) {
  EXPECT_TRUE(IsTrue("customer.holds('savings') && !customer.holds('mortgage')"));
  EXPECT_EQ(ErrorOf("customer.holds(event.note)"), ErrorCode::kNoValue);
  host_.AddFunction("customer.age", {}, Type::Int(), [](auto, Arena&) { return Value::Absent(); });
  EXPECT_EQ(ErrorOf("customer.age() > 17"), ErrorCode::kNoValue);
  host_.AddFunction("label", {Type::String()}, Type::String(), [](auto args, Arena& arena) { return arena.CopyString(args[0].as_text()); });
  EXPECT_TRUE(IsTrue("label('a') + label(event.purpose) == 'asalary'"));
}

TEST_F(EvaluationTest, AHostThatBreaksItsWordIsAnErrorNotACrash) {
  host_.Set("features.visits", Value::String("three"));
  EXPECT_EQ(ErrorOf("features.visits > 2"), ErrorCode::kNoOverload);
  EXPECT_EQ(ErrorOf("features.visits + 2 > 2"), ErrorCode::kNoOverload);
  host_.Set("event.purpose", Value::Int(1));
  EXPECT_EQ(ErrorOf("event.purpose.size() > 2"), ErrorCode::kNoOverload);
}

TEST_F(EvaluationTest, ChildDeclarationsAddToTheirParent) {
  Declarations child(&host_.declarations);
  child.AddVariable("salary.amount", {Type::Int(), host_.declarations.FindVariable("features.balance")->slot, "CZK:2"});
  EXPECT_TRUE(CompileOrDie("event.amount * 10 < salary.amount * 8", child).Evaluate(host_, arena_).is_true());
  EXPECT_FALSE(Compile("salary.amount > 1", host_.declarations).has_value());
}

TEST_F(EvaluationTest, OptionalsReadWhatMayBeMissing) {
  EXPECT_EQ(Evaluate("request.context.?page.orValue('none')").as_text(), "/mortgage");
  EXPECT_EQ(Evaluate("request.context.?other.orValue('none')").as_text(), "none");
  EXPECT_EQ(Evaluate("request.context.?empty.orValue('none')").as_text(), "none");
}

TEST(ProgramTest, KnowsWhatItReads) {
  const TestHost host = BankHost();
  const Program program =
      CompileOrDie("event.amount > 5 && has(event.note) && customer.holds('savings') && event.amount < 9", host.declarations);
  std::vector<std::string> names;
  for (const SlotUse& use : program.slots()) names.push_back(use.name);
  EXPECT_THAT(names, ElementsAre("event.amount", "event.note"));
  ASSERT_EQ(program.functions().size(), 1U);
  EXPECT_EQ(program.functions()[0].name, "customer.holds");
  EXPECT_EQ(program.result_type(), Type::Bool());
  EXPECT_EQ(program.slots()[0].slot, host.declarations.FindVariable("event.amount")->slot);
}

TEST(ProgramTest, FoldsConstants) {
  const TestHost host = BankHost();
  const auto constant = [&](std::string_view text) { return CompileOrDie(text, host.declarations).constant(); };
  EXPECT_TRUE(constant("1 + 1 == 2")->is_true());
  EXPECT_EQ(constant("'a' + 'b'")->as_text(), "ab");
  EXPECT_EQ(constant("[1, 2, 3].map(x, x * 2)[1]")->as_int(), 4);
  EXPECT_TRUE(constant("event.amount > 5 || true")->is_true());
  EXPECT_FALSE(constant("event.amount > 5 && 1 > 2")->as_bool());
  EXPECT_EQ(constant("true ? 1 : event.amount")->as_int(), 1);
  EXPECT_FALSE(constant("event.amount > 5").has_value());
  EXPECT_FALSE(constant("event.amount > 5 && true").has_value());
  EXPECT_FALSE(constant("1 / 0").has_value());
  EXPECT_FALSE(constant("[1].exists(x, x == features.visits)").has_value());
  EXPECT_TRUE(CompileOrDie("event.amount > 5 || true", host.declarations).slots().empty());
}

TEST(ProgramTest, OutlivesDeclarationsAndText) {
  std::optional<Program> program;
  {
    const TestHost host = BankHost();
    const std::string text = "event.purpose == 'sal' + 'ary' && event.purpose.matches('^s')";
    program = CompileOrDie(text, host.declarations);
  }
  const TestHost host = BankHost();
  Arena arena;
  EXPECT_TRUE(program->Evaluate(host, arena).is_true());
  EXPECT_EQ(program->text().substr(0, 13), "event.purpose");
}

TEST(DynamicCheckingTest, LeavesEverythingToTheEvaluation) {
  const TestHost host = BankHost();
  CompileOptions options;
  options.checking = Checking::kDynamic;
  Arena arena;
  EXPECT_EQ(CompileOrDie("nobody > 1", host.declarations, options).Evaluate(host, arena).error_code(), ErrorCode::kUndeclared);
  EXPECT_EQ(CompileOrDie("'a' + 1", host.declarations, options).Evaluate(host, arena).error_code(), ErrorCode::kNoOverload);
  EXPECT_TRUE(CompileOrDie("customer.holds('savings')", host.declarations, options).Evaluate(host, arena).is_true());
  EXPECT_EQ(CompileOrDie("customer.holds(1)", host.declarations, options).Evaluate(host, arena).error_code(), ErrorCode::kNoOverload);
}

}  // namespace
}  // namespace antiphon::expression
