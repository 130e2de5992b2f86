#include "services/simulate/random.h"

#include <gtest/gtest.h>

#include <array>

namespace antiphon::simulate {
namespace {

// The first outputs of Vigna's splitmix64.c for the state 1234567.
TEST(StreamTest, MixesAsSplitMix64) {
  EXPECT_EQ(Mix64(1234567U + 0x9e3779b97f4a7c15U), 6457827717110365317U);
  EXPECT_EQ(Mix64(1234567U + 2 * 0x9e3779b97f4a7c15U), 3203168211198807973U);
}

TEST(StreamTest, IsAFunctionOfSeedCustomerPurposeAndDay) {
  const auto first = [](std::uint64_t seed, std::uint32_t customer, Purpose purpose, std::int32_t day) {
    return Stream(seed, customer, purpose, day).Next();
  };
  const std::uint64_t base = first(1, 2, Purpose::kWeb, 3);
  EXPECT_EQ(base, first(1, 2, Purpose::kWeb, 3));
  EXPECT_NE(base, first(2, 2, Purpose::kWeb, 3));
  EXPECT_NE(base, first(1, 3, Purpose::kWeb, 3));
  EXPECT_NE(base, first(1, 2, Purpose::kSalary, 3));
  EXPECT_NE(base, first(1, 2, Purpose::kWeb, 4));
}

TEST(StreamTest, StaysWithinBoundsAndReachesBothEnds) {
  Stream stream(1, 0, Purpose::kTraits, 0);
  std::array<int, 5> seen{};
  for (int i = 0; i < 1'000; ++i) {
    const std::int64_t drawn = stream.Between(-2, 2);
    ASSERT_GE(drawn, -2);
    ASSERT_LE(drawn, 2);
    ++seen[static_cast<std::size_t>(drawn + 2)];
  }
  for (const int count : seen) EXPECT_GT(count, 140);
}

TEST(StreamTest, PicksByWeight) {
  Stream stream(7, 0, Purpose::kTraits, 0);
  constexpr std::array<std::uint32_t, 3> kWeights = {1, 0, 3};
  std::array<int, 3> seen{};
  for (int i = 0; i < 4'000; ++i) ++seen[stream.PickWeighted(kWeights)];
  EXPECT_NEAR(seen[0], 1'000, 120);
  EXPECT_EQ(seen[1], 0);
  EXPECT_NEAR(seen[2], 3'000, 120);
}

}  // namespace
}  // namespace antiphon::simulate
