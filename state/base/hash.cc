#include "state/base/hash.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace antiphon {

Hash128 HashBytes128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {.high = hash.high64, .low = hash.low64};
}

std::uint64_t HashBytes64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

namespace {

// The parts one after the other, each after its length, written to `out`, which has room for them.
void Join(std::span<const std::string_view> parts, char* out) {
  for (const std::string_view part : parts) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (unsigned shift = 0; shift < 32; shift += 8) *out++ = static_cast<char>((size >> shift) & 0xFFU);
    out = std::copy(part.begin(), part.end(), out);
  }
}

}  // namespace

Hash128 HashParts128(std::span<const std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += 4 + part.size();
  std::array<char, 256> small;  // ids are short, and this is asked for every event: no allocation
  if (size <= small.size()) {
    Join(parts, small.data());
    return HashBytes128({small.data(), size});
  }
  std::string large(size, '\0');
  Join(parts, large.data());
  return HashBytes128(large);
}

std::array<char, 32> HexDigits(const Hash128& hash) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 32> digits;
  char* out = digits.data();
  for (const std::uint64_t half : {hash.high, hash.low}) {
    for (unsigned shift = 64; shift > 0; shift -= 4) *out++ = kDigits[(half >> (shift - 4)) & 0xFU];
  }
  return digits;
}

std::string ToHex(const Hash128& hash) {
  const std::array<char, 32> digits = HexDigits(hash);
  return {digits.data(), digits.size()};
}

std::optional<Hash128> FromHex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kHalf = 16;
  if (text.size() != 2 * kHalf) return std::nullopt;
  Hash128 hash;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = kDigits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    std::uint64_t& half = i < kHalf ? hash.high : hash.low;
    half = half << 4U | digit;
  }
  return hash;
}

}  // namespace antiphon
