#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace antiphon {

// A 128-bit hash; as a number modulo 2^128 it can be summed, so that a digest does not depend on the order of its parts.
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend constexpr auto operator<=>(const Hash128&, const Hash128&) = default;

  // Sum and difference modulo 2^128.
  constexpr Hash128& operator+=(const Hash128& other) {
    const std::uint64_t sum = low + other.low;
    high += other.high + (sum < low ? 1U : 0U);
    low = sum;
    return *this;
  }
  constexpr Hash128& operator-=(const Hash128& other) {
    high -= other.high + (low < other.low ? 1U : 0U);
    low -= other.low;
    return *this;
  }
};

// XXH3 of xxHash 0.8: its output is fixed by the xxHash specification, so it may be stored. Seed 0.
[[nodiscard]] Hash128 HashBytes128(std::string_view bytes);
[[nodiscard]] std::uint64_t HashBytes64(std::string_view bytes);

// The hash of a tuple of texts: each part is preceded by its length (u32, little-endian), so that parts cannot run into each other.
[[nodiscard]] Hash128 HashParts128(std::span<const std::string_view> parts);

// 32 lower-case hexadecimal digits, the high half first.
[[nodiscard]] std::array<char, 32> HexDigits(const Hash128& hash);
[[nodiscard]] std::string ToHex(const Hash128& hash);
// Nothing if the text is not 32 hexadecimal digits, lower-case.
[[nodiscard]] std::optional<Hash128> FromHex(std::string_view text);

}  // namespace antiphon
