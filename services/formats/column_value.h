#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "state/base/time.h"

namespace antiphon::formats {

// ColumnForm: how Debezium writes the values of one column where that is not how JSON has them. Source: its documentation,
// decimal.handling.mode and time.precision.mode.
struct ColumnForm {
  enum class Number : std::uint8_t {
    kDigits,    // a number, or a text of digits
    kUnscaled,  // a field that is a number may be written as base64 of the unscaled number
    kDecimal,   // likewise, and the record's schema says that it is: also where a text or an id is wanted
  };
  enum class Time : std::uint8_t { kMilliseconds, kMicroseconds, kNanoseconds, kDays };

  Number number = Number::kDigits;
  Time time = Time::kMilliseconds;  // of a whole number where a time is wanted
  bool time_known = false;          // the record's schema says so; else a whole number where a date is wanted is days
  int scale = kFieldScale;          // of kUnscaled and kDecimal

  static constexpr int kFieldScale = -1;  // that of the field
  friend bool operator==(const ColumnForm&, const ColumnForm&) = default;
};

// What a column without a value at hand has instead: the row's change did not touch it (a TOASTed column of PostgreSQL).
inline constexpr std::string_view kUnavailableColumn = "__debezium_unavailable_value";

// The whole milliseconds of a count of units since 1970, towards the past; nothing if they do not fit.
[[nodiscard]] std::optional<std::int64_t> MillisecondsOf(std::int64_t count, ColumnForm::Time unit);

// The digits of a decimal number. Big enough for 16 bytes and any scale up to kColumnScaleMax.
inline constexpr int kColumnScaleMax = 64;
using ColumnDigits = std::array<char, 128>;

// The number that big-endian two's complement `bytes` times 10^-scale is, in digits ("-12.50"). Nothing if it is longer than 16 bytes,
// empty, or the scale is not in [0, kColumnScaleMax].
[[nodiscard]] std::optional<std::string_view> DigitsOf(std::string_view bytes, int scale, ColumnDigits& buffer);

}  // namespace antiphon::formats
