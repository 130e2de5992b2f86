#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/expression/test_host.h"

namespace antiphon::expression {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class UnitsTest : public testing::TestWithParam<const char*> {};

class MixedUnitsTest : public UnitsTest {};
TEST_P(MixedUnitsTest, AreRefused) {
  EXPECT_THAT(Mistakes(GetParam(), BankHost().declarations), ElementsAre(HasSubstr("mixes CZK and EUR")));
}
INSTANTIATE_TEST_SUITE_P(Operators, MixedUnitsTest,
                         testing::Values("event.amount + fees.paid", "event.amount - fees.paid", "event.amount < fees.paid",
                                         "event.amount <= fees.paid", "event.amount == fees.paid", "event.amount != fees.paid",
                                         "event.amount % fees.paid", "event.amount / fees.paid", "event.amount in [fees.paid]",
                                         "size([event.amount, fees.paid])", "math.least(event.amount, fees.paid)",
                                         "math.greatest(1, event.amount, fees.paid)", "customer.active ? event.amount : fees.paid",
                                         "-event.amount > fees.paid * 2", "cel.bind(x, event.amount, x > fees.paid)",
                                         "[event.amount].exists(x, x > fees.paid)", "optional.of(event.amount).orValue(fees.paid) > 1"));

class OneUnitTest : public UnitsTest {};
TEST_P(OneUnitTest, IsKept) { EXPECT_EQ(CompileOrDie(GetParam(), BankHost().declarations).unit(), "CZK:2"); }
INSTANTIATE_TEST_SUITE_P(Operators, OneUnitTest,
                         testing::Values("event.amount", "event.amount + 1", "1 + event.amount", "event.amount - features.balance",
                                         "event.amount * 8", "8 * event.amount", "event.amount / 2", "event.amount % 100", "-event.amount",
                                         "math.least(event.amount, 5)", "math.abs(event.amount)", "[event.amount, 1][0]",
                                         "customer.active ? event.amount : 0", "[event.amount].map(x, x * 2)[0]",
                                         "optional.of(event.amount).value()"));

class NoUnitTest : public UnitsTest {};
TEST_P(NoUnitTest, IsLeft) { EXPECT_EQ(CompileOrDie(GetParam(), BankHost().declarations).unit(), ""); }
INSTANTIATE_TEST_SUITE_P(Operators, NoUnitTest,
                         testing::Values("features.visits", "event.amount / features.balance", "double(event.amount)", "int(event.amount)",
                                         "event.amount > 5", "int(event.amount) + int(fees.paid)", "string(event.amount)"));

TEST(UnitsOfProductsTest, AreRefused) {
  EXPECT_THAT(Mistakes("event.amount * features.balance", BankHost().declarations), ElementsAre(HasSubstr("multiplies CZK by CZK")));
  EXPECT_THAT(Mistakes("100 / event.amount", BankHost().declarations), ElementsAre(HasSubstr("divides a plain number by CZK")));
}

TEST(UnitsOfOneCurrencyTest, NameTheirDecimals) {
  TestHost host = BankHost();
  host.Add("event.fee", Type::Int(), Value::Int(1), "CZK:4");
  EXPECT_THAT(Mistakes("event.fee < event.amount", host.declarations), ElementsAre(HasSubstr("mixes CZK:4 and CZK:2")));
}

}  // namespace
}  // namespace antiphon::expression
