#pragma once

#include <string_view>

#include "engine/expression/value.h"

namespace antiphon::expression {

// Wide enough for any time in nanoseconds.
__extension__ using Int128 = __int128;

// RFC 3339 with up to 9 digits of fraction, "Z" or an offset: a timestamp, or the error kBadArgument or kOverflow (not within years 1 to
// 9999).
[[nodiscard]] Value ParseTimestampText(std::string_view text);

// Numbers with units h, m, s, ms, us, ns: "1h30m", "-1.5s", "0". A duration, or the error kBadArgument or kOverflow.
[[nodiscard]] Value ParseDurationText(std::string_view text);

// "2009-02-13T23:31:30.5Z" and "-1.5s": as few digits of fraction as are needed. At most 40 characters to `out`; their end.
[[nodiscard]] char* FormatTimestampText(const Value& timestamp, char* out);
[[nodiscard]] char* FormatDurationText(const Value& duration, char* out);

}  // namespace antiphon::expression
