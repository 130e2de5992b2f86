#include "services/runtime/partitioner.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace antiphon::runtime {

static_assert(std::endian::native == std::endian::little, "words of a key are read little-endian, as they are");

std::uint32_t Murmur2(std::string_view bytes) {
  constexpr std::uint32_t kSeed = 0x9747B28CU;
  constexpr std::uint32_t kMix = 0x5BD1E995U;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
  const char* next = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 4; left -= 4, next += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, next, sizeof word);
    word *= kMix;
    word ^= word >> 24U;
    word *= kMix;
    hash = (hash * kMix) ^ word;
  }
  if (left > 0) {
    std::uint32_t word = 0;
    std::memcpy(&word, next, left);
    hash = (hash ^ word) * kMix;
  }
  hash ^= hash >> 13U;
  hash *= kMix;
  hash ^= hash >> 15U;
  return hash;
}

}  // namespace antiphon::runtime
