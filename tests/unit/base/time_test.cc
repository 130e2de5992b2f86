#include "state/base/time.h"

#include <gtest/gtest.h>

namespace antiphon {
namespace {

TEST(TimeTest, ReadsRfc3339) {
  EXPECT_EQ(ParseTime("1970-01-02T00:00:00Z"), FromEpochMs(86'400'000));
  EXPECT_EQ(ParseTime("2026-03-01T09:30:00.5+01:00"), ParseTime("2026-03-01T08:30:00.500Z"));
  EXPECT_EQ(ParseTime("2026-03-01t09:30:00.123999999z"), ParseTime("2026-03-01 09:30:00.123Z"));
  EXPECT_EQ(ParseTime("2016-12-31T23:59:60Z"), ParseTime("2017-01-01T00:00:00Z"));
}

TEST(TimeTest, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2026-03-01", "2026-02-30T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T09:30:00", "2026-03-01T09:30:00.Z",
                           "2026-03-01T09:30:00Zx", "26-03-01T09:30:00Z", "2026-03-01T09:30:00+1:00", "2026-03-01T09:30:00.1234567890Z"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
}

TEST(TimeTest, PrintsWhatItReads) {
  for (const char* text :
       {"0001-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "2026-03-01T09:30:00.000Z", "9999-12-31T23:59:59.999Z"}) {
    EXPECT_EQ(FormatTime(ParseTime(text).value()), text);
  }
}

TEST(TimeTest, ReadsAndPrintsLengths) {
  EXPECT_EQ(ParseDuration("90d"), std::chrono::days{90});
  EXPECT_EQ(ParseDuration("500ms"), Milliseconds{500});
  EXPECT_EQ(ParseDuration("2w"), std::chrono::days{14});
  EXPECT_EQ(FormatDuration(std::chrono::hours{168}), "7d");
  EXPECT_EQ(FormatDuration(std::chrono::minutes{90}), "90m");
  EXPECT_EQ(FormatDuration(Milliseconds{0}), "0s");
  for (const char* text : {"", "d", "3", "-1d", "1.5h", "99999999999999999999d", "9223372036854775807w", "1 d"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace antiphon
