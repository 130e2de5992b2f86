#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/expression/test_host.h"

namespace antiphon::expression {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Complaints(std::string_view text, const CompileOptions& options = {}) {
  return Mistakes(text, BankHost().declarations, options);
}

TEST(DiagnosticsTest, NamesTheNearestFieldWithItsPlace) {
  EXPECT_THAT(Complaints("event.amuont > 5"), ElementsAre("1:1: 'event' has no field 'amuont'; did you mean event.amount?"));
}

TEST(DiagnosticsTest, ListsTheFieldsWhereNothingIsNear) {
  EXPECT_THAT(Complaints("event.xyz == 1"),
              ElementsAre("1:1: 'event' has no field 'xyz'; there is event.amount, event.note, event.purpose"));
  EXPECT_THAT(Complaints("event == 1"), ElementsAre(HasSubstr("'event' is not a value, it has fields")));
}

TEST(DiagnosticsTest, ReportsEveryMistakeOfOneText) {
  EXPECT_THAT(
      Complaints("frob > 1 &&\n  features.vists > 1 &&\n  customer.hold('savings') && 'a' + 1 == 'b'"),
      ElementsAre("1:1: undeclared name 'frob'", "2:3: 'features' has no field 'vists'; did you mean features.visits?",
                  "3:12: undeclared function 'customer.hold'; did you mean customer.holds()?", "3:35: '+' does not take string and int"));
}

TEST(DiagnosticsTest, SaysWhatWasExpectedAndFound) {
  EXPECT_THAT(Complaints("event.purpose.startsWith(5)"), ElementsAre("1:26: startsWith() expected string, found int"));
  EXPECT_THAT(Complaints("event.amount && true"), ElementsAre("1:1: expected bool, found int"));
  EXPECT_THAT(Complaints("event.amount.startsWith('a')"), ElementsAre("1:1: startsWith() is a function of string, found int"));
  EXPECT_THAT(Complaints("event.purpose.startsWith()"), ElementsAre("1:15: startsWith() takes 1 argument, found 0"));
  EXPECT_THAT(Complaints("features.visits + 0.5 > 1.0"),
              ElementsAre("1:17: '+' does not take int and double; convert one of them: double(..)"));
}

TEST(DiagnosticsTest, HoldsTheResultToTheExpectedType) {
  CompileOptions options;
  options.expected_types = {Type::Bool()};
  EXPECT_THAT(Complaints("features.visits", options), ElementsAre("1:1: expected bool, found int"));
  EXPECT_THAT(Complaints("request.context.page", options), ElementsAre("1:1: expected bool, found dyn; convert it: bool(..)"));
  EXPECT_THAT(Complaints("features.visits > 1", options), IsEmpty());
}

TEST(DiagnosticsTest, CountsColumnsInCodePointsAndOffsetsInBytes) {
  const auto program = Compile("'čeština' == nam", BankHost().declarations);
  ASSERT_FALSE(program.has_value());
  ASSERT_EQ(program.error().size(), 1U);
  EXPECT_EQ(program.error()[0].column, 14U);
  EXPECT_EQ(program.error()[0].offset, 15U);
  EXPECT_EQ(program.error()[0].length, 3U);
}

TEST(DiagnosticsTest, PointsAtTheSyntax) {
  EXPECT_THAT(Complaints("features.visits >"), ElementsAre("1:18: expected a value, found the end of the expression"));
  EXPECT_THAT(Complaints("features.visits = 3"), ElementsAre("1:17: unexpected character '='; write == to compare"));
  EXPECT_THAT(Complaints("(1 + 2"), ElementsAre("1:7: expected ')', found the end of the expression"));
  EXPECT_THAT(Complaints("'abc"), ElementsAre("1:1: the text has no closing quote"));
  EXPECT_THAT(Complaints("1 2"), ElementsAre("1:3: unexpected '2' after the end of the expression"));
  EXPECT_THAT(Complaints("9223372036854775808"), ElementsAre("1:1: the number does not fit into 64 bits"));
  EXPECT_THAT(Complaints("Offer{id: 1}"), ElementsAre(HasSubstr("1:6: messages cannot be built")));
  EXPECT_THAT(Complaints("package"), ElementsAre("1:1: 'package' is a reserved word and cannot be a name"));
}

TEST(DiagnosticsTest, RefusesConstantsThatCanOnlyFail) {
  EXPECT_THAT(Complaints("event.purpose.matches('a(')"), ElementsAre(HasSubstr("1:23: not a regular expression of RE2: ")));
  EXPECT_THAT(Complaints("now.getHours('Europe/Pragu') > 3"), ElementsAre(HasSubstr("1:14: no such time zone 'Europe/Pragu'")));
  EXPECT_THAT(Complaints("now > timestamp('2026-13-01T00:00:00Z')"), ElementsAre(HasSubstr("1:7: the text is not an RFC 3339 timestamp")));
  EXPECT_THAT(Complaints("now - now > duration('3 days')"), ElementsAre(HasSubstr("1:13: the text is not a duration")));
}

TEST(DiagnosticsTest, ChecksLiteralArgumentsOfDeclaredFunctions) {
  EXPECT_THAT(Complaints("!customer.holds('savngs')"), ElementsAre("1:17: no product 'savngs'; did you mean savings?"));
  EXPECT_THAT(Complaints("customer.holds('savings')"), IsEmpty());
}

TEST(DiagnosticsTest, ExplainsMacrosAndMethods) {
  EXPECT_THAT(Complaints("has(now)"), ElementsAre("1:5: has() asks for a field; write has(event.amount)"));
  EXPECT_THAT(Complaints("[1].all(1, true)"), ElementsAre("1:9: expected the name of a new variable"));
  EXPECT_THAT(Complaints("startsWith('a', 'b')"), ElementsAre("1:1: undeclared function 'startsWith'; write x.startsWith(..)"));
  EXPECT_THAT(Complaints("[1].exists(x)"), ElementsAre(HasSubstr("exists() is written x.exists(variable, condition)")));
}

TEST(DiagnosticsTest, StopsAtTheGivenNumber) {
  CompileOptions options;
  options.limits.diagnostics_max = 2;
  EXPECT_EQ(Complaints("a || b || c || d", options).size(), 2U);
}

TEST(NearestNameTest, TakesSlipsOnly) {
  EXPECT_EQ(NearestName("blance", {"amount", "balance"}), "balance");
  EXPECT_EQ(NearestName("balnace", {"amount", "balance"}), "balance");
  EXPECT_EQ(NearestName("x", {"amount", "balance"}), "");
  EXPECT_EQ(NearestName("teleport", {"telephone"}), "telephone");
}

}  // namespace
}  // namespace antiphon::expression
