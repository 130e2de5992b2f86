#include "services/simulate/calendar.h"

#include <gtest/gtest.h>

#include "services/simulate/emit.h"

namespace antiphon::simulate {
namespace {

using std::chrono::sys_days;
using std::chrono::year;

Day DayOf(int y, unsigned m, unsigned d) { return MakeDay(year{y} / static_cast<int>(m) / static_cast<int>(d), 0); }

TEST(CalendarTest, FollowsSummerTimeOfPrague) {
  EXPECT_EQ(FormatTime(DayOf(2026, 1, 15).At(AtHour(8))), "2026-01-15T07:00:00.000Z");
  EXPECT_EQ(FormatTime(DayOf(2026, 7, 15).At(AtHour(8))), "2026-07-15T06:00:00.000Z");
  EXPECT_EQ(FormatTime(DayOf(2026, 3, 29).At(AtHour(1, 59))), "2026-03-29T00:59:00.000Z");
  EXPECT_EQ(FormatTime(DayOf(2026, 3, 29).At(AtHour(3))), "2026-03-29T01:00:00.000Z");
  EXPECT_EQ(FormatTime(DayOf(2026, 10, 25).At(AtHour(1))), "2026-10-24T23:00:00.000Z");
  EXPECT_EQ(FormatTime(DayOf(2026, 10, 25).At(AtHour(4))), "2026-10-25T03:00:00.000Z");
}

// What falls due on a day without business is paid on the last business day before it, also over the end of a month.
TEST(CalendarTest, PaysBeforeWeekendsAndHolidays) {
  EXPECT_TRUE(DayOf(2026, 1, 9).Pays(9));
  EXPECT_TRUE(DayOf(2026, 1, 9).Pays(10));
  EXPECT_TRUE(DayOf(2026, 1, 9).Pays(11));
  EXPECT_FALSE(DayOf(2026, 1, 9).Pays(12));
  EXPECT_FALSE(DayOf(2026, 1, 10).Pays(10));
  EXPECT_TRUE(DayOf(2026, 4, 30).Pays(1));
  int paid = 0;
  for (int day = 0; day < 365; ++day) paid += MakeDay(year{2026} / 1 / 1, day).Pays(12) ? 1 : 0;
  EXPECT_EQ(paid, 12);
}

TEST(CalendarTest, CountsYearsOfThoseBornOnTheLeapDay) {
  const sys_days birth = year{2000} / 2 / 29;
  EXPECT_EQ(AgeOn(birth, year{2025} / 2 / 28), 24);
  EXPECT_EQ(AgeOn(birth, year{2025} / 3 / 1), 25);
  EXPECT_EQ(AgeOn(birth, year{2024} / 2 / 29), 24);
}

// 100,000 over 12 months at 12 % a year: 8,884.88 by the formula of the annuity.
TEST(LoanTest, PaymentIsTheSmallestWholeOneThatRepays) {
  EXPECT_EQ(MonthlyPayment(Crowns(100'000), 12, 1'200), Crowns(8'885));
  EXPECT_EQ(MonthlyPayment(Crowns(1'200), 12, 0), Crowns(100));
}

}  // namespace
}  // namespace antiphon::simulate
