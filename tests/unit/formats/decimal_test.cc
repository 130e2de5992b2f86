#include "services/formats/decimal.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace antiphon::formats {
namespace {

std::int64_t Read(std::string_view text, unsigned scale) {
  const auto value = ReadDecimal(text, scale);
  EXPECT_TRUE(value.has_value()) << text;
  return value.value_or(-987654321);
}

NumberFault FaultOf(std::string_view text, unsigned scale) {
  const auto value = ReadDecimal(text, scale);
  EXPECT_FALSE(value.has_value()) << text;
  return value.has_value() ? NumberFault{} : value.error();
}

TEST(DecimalTest, ReadsEveryFormOfTheSameNumber) {
  for (const char* text : {"12.5", "12.50", "12.500000", "1250e-2", "1.25e1", "1.25E+1", "0.0125e3", "12500000e-6"})
    EXPECT_EQ(Read(text, 2), 1250) << text;
  EXPECT_EQ(Read("-12.5", 2), -1250);
  EXPECT_EQ(Read("7", 0), 7);
  EXPECT_EQ(Read("7e3", 0), 7000);
  EXPECT_EQ(Read("-0", 2), 0);
  EXPECT_EQ(Read("-0.00", 1), 0);
}

TEST(DecimalTest, ReadsWhatNoDoubleHolds) {
  EXPECT_EQ(Read("0.07", 2), 7);
  EXPECT_EQ(Read("90071992547409.93", 2), 9007199254740993);
  EXPECT_EQ(Read("9223372036854775807", 0), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Read("-9223372036854775808", 0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Read("92233720368547758.07", 2), std::numeric_limits<std::int64_t>::max());
}

TEST(DecimalTest, RefusesDigitsBeyondTheScaleUnlessTheyAreZeros) {
  EXPECT_EQ(FaultOf("12.505", 2), NumberFault::kOutOfRange);
  EXPECT_EQ(FaultOf("1e-3", 2), NumberFault::kOutOfRange);
  EXPECT_EQ(FaultOf("0.000000000000000000000000000001", 2), NumberFault::kOutOfRange);
  EXPECT_EQ(FaultOf("1.5", 0), NumberFault::kOutOfRange);
  EXPECT_EQ(Read("1.0", 0), 1);
}

TEST(DecimalTest, RefusesWhatLeavesSixtyFourBits) {
  EXPECT_EQ(FaultOf("9223372036854775808", 0), NumberFault::kOutOfRange);
  EXPECT_EQ(FaultOf("-9223372036854775809", 0), NumberFault::kOutOfRange);
  EXPECT_EQ(FaultOf("92233720368547758.08", 2), NumberFault::kOutOfRange);
  EXPECT_EQ(FaultOf("1e400", 0), NumberFault::kOutOfRange);
  EXPECT_EQ(FaultOf("1e99999999999999999999999999", 0), NumberFault::kOutOfRange);
  EXPECT_EQ(FaultOf("1e-99999999999999999999999999", 0), NumberFault::kOutOfRange);
  EXPECT_EQ(FaultOf(std::string(100'000, '9'), 2), NumberFault::kOutOfRange);
}

TEST(DecimalTest, ZeroHasAnyExponent) {
  EXPECT_EQ(Read("0e99999999999999999999", 2), 0);
  EXPECT_EQ(Read("0.000e-99999999999999999999", 2), 0);
}

TEST(DecimalTest, RefusesWhatJsonDoesNotCallANumber) {
  for (const char* text : {"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x10", "1_000", " 1", "1 ", "NaN", "Infinity", "1,5", "--1"}) {
    EXPECT_EQ(FaultOf(text, 2), NumberFault::kNotANumber) << text;
    EXPECT_FALSE(ReadDouble(text).has_value()) << text;
  }
}

TEST(DecimalTest, DoublesKeepTheSignOfZeroAndRefuseInfinity) {
  EXPECT_TRUE(std::signbit(*ReadDouble("-0")));
  EXPECT_EQ(*ReadDouble("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(ReadDouble("1e400").error(), NumberFault::kOutOfRange);
  EXPECT_EQ(ReadDouble("-1e400").error(), NumberFault::kOutOfRange);
}

// Oracle: digits written out, point and exponent put anywhere.
TEST(DecimalTest, PropertyAgreesWithIntegersWrittenOut) {
  const bool held = rc::check([](std::int64_t value) {
    const int scale = *rc::gen::inRange(0, 9);
    const int exponent = *rc::gen::inRange(-30, 30);
    // value * 10^-scale, written as digits with `fraction` of them behind the point, and the exponent that makes up for it
    std::string digits = std::to_string(value);
    const bool negative = digits.front() == '-';
    if (negative) digits.erase(0, 1);
    const int fraction = scale + exponent;
    std::string text;
    if (fraction <= 0) {
      text = digits == "0" ? digits : digits + std::string(static_cast<std::size_t>(-fraction), '0');
    } else {
      if (digits.size() <= static_cast<std::size_t>(fraction))
        digits.insert(0, static_cast<std::size_t>(fraction) + 1 - digits.size(), '0');
      text = digits.substr(0, digits.size() - static_cast<std::size_t>(fraction)) + "." +
             digits.substr(digits.size() - static_cast<std::size_t>(fraction));
    }
    text = (negative ? "-" : "") + text + "e" + std::to_string(exponent);
    const auto read = ReadDecimal(text, static_cast<unsigned>(scale));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == value);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace antiphon::formats
