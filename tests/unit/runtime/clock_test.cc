#include "services/runtime/clock.h"

#include <gtest/gtest.h>

namespace antiphon::runtime {
namespace {

EngineTime At(std::int64_t ms) { return FromEpochMs(ms); }

TEST(ClockPolicyTest, UnderTheEventClockTheFloorIsNowAndThePartitionIsCurrent) {
  const decision::StepTime time = ClockPolicy::Event().At(At(5000));
  EXPECT_EQ(time.now, At(5000));
  EXPECT_EQ(time.floor, At(5000));
  EXPECT_TRUE(time.current);
}

TEST(ClockPolicyTest, UnderTheWallClockAPartitionIsCurrentUpToFresh) {
  const ClockPolicy policy = ClockPolicy::Wall(At(20'000), Milliseconds{10'000});
  EXPECT_TRUE(policy.At(At(10'000)).current);
  EXPECT_FALSE(policy.At(At(9'999)).current);
  EXPECT_TRUE(policy.At(At(25'000)).current);  // an event from a clock that is ahead
  EXPECT_EQ(policy.At(At(9'999)).at(), At(20'000));
}

TEST(ClockPolicyTest, TheFloorNeverGoesBack) {
  ClockPolicy policy = ClockPolicy::Wall(At(20'000), Milliseconds{10'000});
  policy.RaiseFloor(At(15'000));
  EXPECT_EQ(policy.floor(), At(20'000));
  policy.RaiseFloor(At(30'000));
  EXPECT_EQ(policy.floor(), At(30'000));
}

}  // namespace
}  // namespace antiphon::runtime
