#include "services/formats/column_value.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace antiphon::formats {

std::optional<std::int64_t> MillisecondsOf(std::int64_t count, ColumnForm::Time unit) {
  constexpr std::int64_t kMillisecondsOfDay = 86'400'000;
  const auto down = [count](std::int64_t by) { return count / by - (count % by < 0 ? 1 : 0); };
  switch (unit) {
    case ColumnForm::Time::kMilliseconds:
      return count;
    case ColumnForm::Time::kMicroseconds:
      return down(1'000);
    case ColumnForm::Time::kNanoseconds:
      return down(1'000'000);
    case ColumnForm::Time::kDays:
      break;
  }
  std::int64_t ms = 0;
  if (__builtin_mul_overflow(count, kMillisecondsOfDay, &ms)) return std::nullopt;
  return ms;
}

std::optional<std::string_view> DigitsOf(std::string_view bytes, int scale, ColumnDigits& buffer) {
  constexpr std::size_t kBytesMax = 16;
  if (bytes.empty() || bytes.size() > kBytesMax || scale < 0 || scale > kColumnScaleMax) return std::nullopt;
  const bool negative = (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0;
  std::array<std::uint8_t, kBytesMax> magnitude{};  // big-endian, to the right
  const std::size_t begin = kBytesMax - bytes.size();
  std::transform(bytes.begin(), bytes.end(), magnitude.begin() + static_cast<std::ptrdiff_t>(begin), [&](char c) {
    return static_cast<std::uint8_t>(negative ? ~static_cast<unsigned char>(c) : static_cast<unsigned char>(c));
  });
  if (negative) {  // the complement and one; it cannot run out of the front, for the first byte's high bit is now 0
    for (std::size_t i = kBytesMax; i-- > begin && ++magnitude[i] == 0;) {
    }
  }
  std::size_t at = buffer.size();
  int digits = 0;
  bool left = true;
  while (left || digits <= scale) {
    unsigned rest = 0;
    left = false;
    for (std::uint8_t& byte : magnitude) {
      rest = rest << 8U | byte;
      byte = static_cast<std::uint8_t>(rest / 10);
      rest %= 10;
      left = left || byte != 0;
    }
    if (digits == scale && scale > 0) buffer[--at] = '.';
    buffer[--at] = static_cast<char>('0' + rest);
    ++digits;
  }
  if (negative) buffer[--at] = '-';
  return std::string_view(buffer.data() + at, buffer.size() - at);
}

}  // namespace antiphon::formats
