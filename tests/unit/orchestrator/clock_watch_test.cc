#include "services/orchestrator/clock_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace antiphon::orchestrator {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class ClockWatchTest : public ::testing::Test {
 protected:
  ClockWatchTest() { EXPECT_EQ(Warning(), ""); }

  std::string Warning() {
    const auto reading = watch_.Read();
    EXPECT_TRUE(reading) << reading.error().message;
    if (!reading) return reading.error().message;
    EXPECT_EQ(reading->wall, clock_.Now());
    return reading->warning;
  }

  runtime::VirtualClock clock_{FromEpochMs(1'767'225'600'000)};  // 2026-01-01
  ClockWatch watch_{clock_, 1h};
};

TEST_F(ClockWatchTest, TimeThatPassesIsNoJumpHoweverLong) {
  clock_.MoveTo(clock_.Now() + 1ms);
  EXPECT_EQ(Warning(), "");
  clock_.MoveTo(clock_.Now() + 72h);  // frozen: both clocks go on
  EXPECT_EQ(Warning(), "");
}

TEST_F(ClockWatchTest, ATimeServersStepsAreNone) {
  for (const Milliseconds step : {2s, -2s, 4s, -4s}) {
    clock_.Jump(step);
    clock_.MoveTo(clock_.Now() + 100ms);
    EXPECT_EQ(Warning(), "") << step.count();
  }
}

TEST_F(ClockWatchTest, SetBackIsToldOnceWithWhenTimersGoOn) {
  clock_.Jump(-2h);
  const std::string warning = Warning();
  EXPECT_THAT(warning, HasSubstr("went back by 2h, to 2025-12-31T22:00:00.000Z"));
  EXPECT_THAT(warning, HasSubstr("timers wait until it is past 2026-01-01T00:00:00.000Z"));
  EXPECT_EQ(Warning(), "");
}

TEST_F(ClockWatchTest, SetForwardALittleIsTold) {
  clock_.Jump(59min);
  EXPECT_THAT(Warning(), HasSubstr("went forward by 59m"));
  EXPECT_EQ(Warning(), "");
}

TEST_F(ClockWatchTest, SetForwardByMoreThanTheBoundStopsTheProcess) {
  clock_.MoveTo(clock_.Now() + 10s);
  clock_.Jump(61min);
  const auto reading = watch_.Read();
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().recovery, Recovery::kStopProcess);
  EXPECT_THAT(reading.error().message, HasSubstr("went forward by 61m, to 2026-01-01T01:01:10.000Z"));
}

// The clocks are read one after the other, and a process can be frozen between.
class FrozenBetweenReadings final : public runtime::Clock {
 public:
  EngineTime Now() override {
    const EngineTime now = now_;
    now_ += freeze_;  // after the wall clock was read
    freeze_ = 0s;
    return now;
  }
  Milliseconds Monotonic() override { return now_.time_since_epoch(); }
  void FreezeFor(Milliseconds time) { freeze_ = time; }

 private:
  EngineTime now_ = FromEpochMs(1'767'225'600'000);
  Milliseconds freeze_{0};
};

TEST(ClockWatchFreezeTest, AFreezeBetweenTheReadingsIsNoJump) {
  FrozenBetweenReadings clock;
  ClockWatch watch(clock, 1h);
  for (const Milliseconds freeze : {0s, 7'200s, 0s, 60s, 0s}) {
    clock.FreezeFor(freeze);
    const auto reading = watch.Read();
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_EQ(reading->warning, "");
  }
}

}  // namespace
}  // namespace antiphon::orchestrator
