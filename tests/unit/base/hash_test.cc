#include "state/base/hash.h"

#include <gtest/gtest.h>

#include <array>

namespace antiphon {
namespace {

// The first four come from the xxHash specification's own test of the empty input; a change of library must not change stored hashes.
TEST(HashTest, IsXxh3) {
  EXPECT_EQ(ToHex(HashBytes128("")), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(HashBytes64(""), 0x2d06800538d394c2ULL);
}

TEST(HashTest, SumsModulo2To128) {
  Hash128 sum{.high = 1, .low = ~0ULL};
  sum += Hash128{.high = 0, .low = 1};
  EXPECT_EQ(sum, (Hash128{.high = 2, .low = 0}));
  sum -= Hash128{.high = 0, .low = 1};
  EXPECT_EQ(sum, (Hash128{.high = 1, .low = ~0ULL}));
  sum += Hash128{.high = ~1ULL, .low = 1};
  EXPECT_EQ(sum, (Hash128{.high = 0, .low = 0}));
}

TEST(HashTest, PartsDoNotRunIntoEachOther) {
  const std::array<std::string_view, 2> left{"ab", "c"};
  const std::array<std::string_view, 2> right{"a", "bc"};
  EXPECT_NE(HashParts128(left), HashParts128(right));
}

TEST(HashTest, ShortAndLongPartsAreHashedAlike) {
  const std::string text(600, 'x');
  const std::array<std::string_view, 1> part{text};
  std::string joined("\x58\x02\0\0", 4);  // 600, little-endian
  EXPECT_EQ(HashParts128(part), HashBytes128(joined += text));
  const std::array<std::string_view, 2> small{"ab", ""};
  EXPECT_EQ(HashParts128(small), HashBytes128(std::string_view("\x02\0\0\0ab\0\0\0\0", 10)));
}

}  // namespace
}  // namespace antiphon
