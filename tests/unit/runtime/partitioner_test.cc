#include "services/runtime/partitioner.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

namespace antiphon::runtime {
namespace {

// The values of org.apache.kafka.common.utils.UtilsTest.testMurmur2.
TEST(PartitionerTest, Murmur2IsThatOfTheJavaClient) {
  const auto murmur2 = [](std::string_view text) { return static_cast<std::int32_t>(Murmur2(text)); };
  EXPECT_EQ(murmur2("21"), -973932308);
  EXPECT_EQ(murmur2("foobar"), -790332482);
  EXPECT_EQ(murmur2("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(murmur2("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(murmur2("abc"), 479470107);
}

TEST(PartitionerTest, ANegativeHashLosesItsSign) {
  // -973932308 & 0x7fffffff = 1173551340
  EXPECT_EQ(PartitionOf("21", 16), 1173551340U % 16);
  EXPECT_EQ(PartitionOf("abc", 7), 479470107U % 7);
}

TEST(PartitionerTest, BytesAboveAsciiCountAsUnsigned) {
  // One byte 0xC3 left over: (seed ^ 1) ^ 0xC3, then the mixes; a signed char would give another partition.
  EXPECT_NE(Murmur2("\xC3"), Murmur2("C"));
  std::set<std::uint32_t> partitions;
  for (int i = 0; i < 256; ++i) partitions.insert(PartitionOf(std::string(1, static_cast<char>(i)), 16));
  EXPECT_EQ(partitions.size(), 16U);
}

TEST(PartitionerTest, OnePartitionTakesAll) { EXPECT_EQ(PartitionOf("anything", 1), 0U); }

}  // namespace
}  // namespace antiphon::runtime
