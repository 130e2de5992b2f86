#include "services/telemetry/health.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/telemetry/telemetry_support.h"

namespace antiphon::telemetry {
namespace {

using orchestrator::LiveFigures;

class HealthTest : public testing::Test {
 protected:
  void Assign() {
    for (LiveFigures::Worker& worker : estate_.figures.workers()) worker.assigned = true;
  }

  SmallEstate estate_;
  LiveFigures& figures_ = estate_.figures;
};

TEST_F(HealthTest, AProcessLivesWhileEveryWorkerHasRounds) {
  const Milliseconds now{100'000};
  figures_.workers()[0].rounds = 5;
  figures_.workers()[0].round_at_ms = 99'990;
  figures_.workers()[1].rounds = 3;
  figures_.workers()[1].round_at_ms = (now - kStandsStillAfter).count();
  EXPECT_TRUE(AnswerAlive(figures_, now).good);
  const HealthAnswer later = AnswerAlive(figures_, now + Milliseconds{1});
  EXPECT_FALSE(later.good);
  EXPECT_EQ(later.json,
            R"({"alive":false,"workers":[{"rounds":5,"ms_since":11,"stuck":false},{"rounds":3,"ms_since":20001,"stuck":true}]})");
}

TEST_F(HealthTest, AProcessWithAStuckRekeyerDoesNotLive) {
  LiveFigures figures({.topology = &estate_.topology, .inputs = 1, .sources = 1, .partitions = 1, .workers = 0});
  figures.rekeyer.rounds = 5;
  figures.rekeyer.round_at_ms = 99'990;
  EXPECT_EQ(AnswerAlive(figures, Milliseconds{100'000}).json,
            R"({"alive":true,"workers":[],"rekeyer":{"rounds":5,"ms_since":10,"stuck":false}})");
  EXPECT_FALSE(AnswerAlive(figures, Milliseconds{100'000} + kStandsStillAfter).good);
  EXPECT_FALSE(AnswerReady(figures).good);
  figures.rekeyer.assigned = true;
  EXPECT_TRUE(AnswerReady(figures).good);
}

TEST_F(HealthTest, AWorkerThatHasNotBegunIsNotStuck) { EXPECT_TRUE(AnswerAlive(figures_, Milliseconds{10'000'000}).good); }

TEST_F(HealthTest, NotReadyBeforeTheGroupHasAssignedAnything) {
  EXPECT_FALSE(AnswerReady(figures_).good);
  figures_.workers()[0].assigned = true;
  EXPECT_FALSE(AnswerReady(figures_).good);
}

TEST_F(HealthTest, ReadyWithoutPartitions) {
  Assign();
  EXPECT_TRUE(AnswerReady(figures_).good);
  EXPECT_EQ(AnswerReady(figures_).json, R"({"ready":true,"assigned":true,"partitions":[]})");
}

TEST_F(HealthTest, ReadyWhenAllThatIsOwnedIsActive) {
  Assign();
  figures_.partition(0).state = LiveFigures::State::kActive;
  figures_.partition(3).state = LiveFigures::State::kRestoring;
  figures_.partition(3).restore_left = 120;
  EXPECT_FALSE(AnswerReady(figures_).good);
  EXPECT_EQ(
      AnswerReady(figures_).json,
      R"({"ready":false,"assigned":true,"partitions":[{"partition":0,"state":"active"},{"partition":3,"state":"restoring","left":120}]})");
  figures_.partition(3).state = LiveFigures::State::kActive;
  EXPECT_TRUE(AnswerReady(figures_).good);
}

}  // namespace
}  // namespace antiphon::telemetry
