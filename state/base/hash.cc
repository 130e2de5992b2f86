#include "state/base/hash.h"

#include <xxhash.h>

#include <array>

namespace antiphon {

Hash128 HashBytes128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {.high = hash.high64, .low = hash.low64};
}

std::uint64_t HashBytes64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

Hash128 HashParts128(std::span<const std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (unsigned shift = 0; shift < 32; shift += 8) joined += static_cast<char>((size >> shift) & 0xFFU);
    joined += part;
  }
  return HashBytes128(joined);
}

std::string ToHex(const Hash128& hash) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(32);
  for (const std::uint64_t half : {hash.high, hash.low}) {
    for (unsigned shift = 64; shift > 0; shift -= 4) out += kDigits[(half >> (shift - 4)) & 0xFU];
  }
  return out;
}

}  // namespace antiphon
