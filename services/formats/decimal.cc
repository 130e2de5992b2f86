#include "services/formats/decimal.h"

#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

namespace antiphon::formats {
namespace {

constexpr std::int64_t kExponentMax = 1'000'000'000;  // beyond the length of any text: larger ones differ in nothing

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

const char* SkipDigits(const char* p, const char* end) {
  while (p != end && IsDigit(*p)) ++p;
  return p;
}

std::int64_t ReadExponent(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  std::int64_t value = 0;
  for (const char c : text) {
    if (value < kExponentMax) value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

// Digits, one after the other, as a number; false once it does not fit.
class Magnitude {
 public:
  bool Append(unsigned digit) {
    if (value_ > (kLimit - digit) / 10) return false;
    value_ = value_ * 10 + digit;
    return true;
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  static constexpr std::uint64_t kLimit = std::uint64_t{1} << 63U;  // the magnitude of the smallest int64
  std::uint64_t value_ = 0;
};

}  // namespace

std::size_t NumberLength(const char* begin, const char* end) {
  const char* p = begin;
  if (p != end && *p == '-') ++p;
  if (p == end || !IsDigit(*p)) return 0;
  p = *p == '0' ? p + 1 : SkipDigits(p, end);
  if (p != end && *p == '.') {
    const char* const fraction = p + 1;
    p = SkipDigits(fraction, end);
    if (p == fraction) return 0;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    const char* exponent = p + 1;
    if (exponent != end && (*exponent == '+' || *exponent == '-')) ++exponent;
    p = SkipDigits(exponent, end);
    if (p == exponent) return 0;
  }
  return static_cast<std::size_t>(p - begin);
}

std::expected<std::int64_t, NumberFault> ReadDecimal(std::string_view text, unsigned scale) {
  if (text.empty() || NumberLength(text.data(), text.data() + text.size()) != text.size()) return std::unexpected(NumberFault::kNotANumber);
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  std::int64_t shift = scale;
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    shift += ReadExponent(text.substr(e + 1));
    text = text.substr(0, e);
  }
  const std::size_t point = text.find('.');
  const std::size_t digits = text.size() - (point == std::string_view::npos ? 0 : 1);
  if (point != std::string_view::npos) shift -= static_cast<std::int64_t>(text.size() - point - 1);
  // The number is its digits times 10^shift: so many of the last digits must be zeros, or so many zeros follow.
  const std::int64_t kept = static_cast<std::int64_t>(digits) + (shift < 0 ? shift : 0);
  Magnitude magnitude;
  std::int64_t seen = 0;
  for (const char c : text) {
    if (c == '.') continue;
    if (seen++ >= kept ? c != '0' : !magnitude.Append(static_cast<unsigned>(c - '0'))) return std::unexpected(NumberFault::kOutOfRange);
  }
  for (; shift > 0 && magnitude.value() != 0; --shift) {
    if (!magnitude.Append(0)) return std::unexpected(NumberFault::kOutOfRange);
  }
  const std::uint64_t value = magnitude.value();
  if (!negative) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::unexpected(NumberFault::kOutOfRange);
    return static_cast<std::int64_t>(value);
  }
  return static_cast<std::int64_t>(0 - value);
}

std::expected<double, NumberFault> ReadDouble(std::string_view text) {
  if (text.empty() || NumberLength(text.data(), text.data() + text.size()) != text.size()) return std::unexpected(NumberFault::kNotANumber);
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{}) return std::unexpected(NumberFault::kOutOfRange);
  return value;
}

}  // namespace antiphon::formats
