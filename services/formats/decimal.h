#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace antiphon::formats {

enum class NumberFault : std::uint8_t {
  kNotANumber,  // not a number as JSON writes it
  kOutOfRange,  // the type cannot hold it exactly (a double: its nearest would be infinite or zero)
};

// The number times 10^scale as an int64, exactly: 12.50, 1250e-2 and 12.500 are 1250 at scale 2; 12.505 is out of range. `text` is a
// number in JSON's grammar. O(length), whatever the exponent.
[[nodiscard]] std::expected<std::int64_t, NumberFault> ReadDecimal(std::string_view text, unsigned scale);

// The nearest double. -0 keeps its sign.
[[nodiscard]] std::expected<double, NumberFault> ReadDouble(std::string_view text);

// The length of the JSON number at the front of [begin, end); 0: there is none.
[[nodiscard]] std::size_t NumberLength(const char* begin, const char* end);

}  // namespace antiphon::formats
