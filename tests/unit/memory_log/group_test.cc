#include <gmock/gmock.h>

#include "tests/unit/memory_log/node.h"

namespace antiphon::memory_log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MemoryGroupTest : public MemoryLogTest {
 protected:
  MemoryGroupTest() : MemoryLogTest(5) {}

  // The second joins: both have let go and hold their share.
  void JoinBoth() {
    one_.Poll();
    two_.Poll();
    one_.Poll();
    two_.Poll();
    one_.listener.told.clear();
    two_.listener.told.clear();
  }

  Node one_{cluster_, "node-1"};
  Node two_{cluster_, "node-2"};
};

TEST_F(MemoryGroupTest, SharesOutRangesOnceAllHaveLetGo) {
  one_.Poll();
  EXPECT_THAT(one_.listener.assigned, ElementsAre(0, 1, 2, 3, 4));
  two_.Poll();
  EXPECT_THAT(two_.listener.told, IsEmpty());
  one_.Poll();
  EXPECT_THAT(one_.listener.told, ElementsAre("assigned", "revoked", "assigned"));
  two_.Poll();
  EXPECT_THAT(one_.listener.assigned, ElementsAre(0, 1, 2));
  EXPECT_THAT(two_.listener.assigned, ElementsAre(3, 4));
  EXPECT_EQ(two_.listener.member->generation(), 2);
}

TEST_F(MemoryGroupTest, TheOldGenerationCommitsUntilTheNewOneAndNotAfter) {
  JoinBoth();
  const auto old = one_.listener.member;
  const std::vector<runtime::LogPosition> positions = {{.log = kIn, .next = 5}};
  auto sink = one_.Open("a");
  faults_.Next(Point::kPoll, Fault::kError);
  two_.Poll();  // it rejoins; the group waits for the other
  EXPECT_EQ(sink->Commit(positions, *old).outcome, CommitOutcome::kCommitted);
  sink.reset();
  sink = one_.Open("b");
  one_.Poll();
  EXPECT_THAT(one_.listener.told, ElementsAre("revoked", "assigned"));
  EXPECT_EQ(sink->Commit(positions, *old).outcome, CommitOutcome::kNotCommitted);
  sink.reset();
  EXPECT_THAT(Values("out"), ElementsAre("a"));
}

TEST_F(MemoryGroupTest, AFrozenOwnerIsExpelledAndCanCommitNothing) {
  JoinBoth();
  const auto sink = one_.Open("a");
  for (int i = 0; i < 3; ++i) {
    Pass(Milliseconds{4'000});
    two_.Poll();
  }
  EXPECT_THAT(two_.listener.assigned, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(one_.CommitTo(*sink, 5).outcome, CommitOutcome::kNotCommitted);
  one_.Poll();
  EXPECT_THAT(one_.listener.told, ElementsAre("lost"));
  two_.Poll();
  one_.Poll();
  EXPECT_THAT(one_.listener.assigned, ElementsAre(0, 1, 2));
}

// Its positions were accepted in time, then it froze: whoever takes over waits for its transaction.
TEST_F(MemoryGroupTest, AnOwnerMayFreezeWithinItsCommit) {
  JoinBoth();
  auto sink = one_.Open("a");
  faults_.Next(Point::kEnd, [&](const Call&) {
    for (int i = 0; i < 3; ++i) {
      Pass(Milliseconds{3'400});
      two_.Poll();
      EXPECT_EQ(two_.Committed().has_value(), i == 2);  // then it is timed out
    }
    return Fault::kNone;
  });
  EXPECT_EQ(one_.CommitTo(*sink, 5).outcome, CommitOutcome::kUnknown);
  sink.reset();
  EXPECT_EQ(two_.Committed().value().front(), std::nullopt);
  EXPECT_THAT(Values("out"), IsEmpty());
}

TEST_F(MemoryGroupTest, AQuickRestartMovesNothingAndFencesTheProcessBefore) {
  JoinBoth();
  one_.membership.Leave();
  EXPECT_THAT(one_.listener.told, ElementsAre("revoked"));
  Node again(cluster_, "node-1");
  again.Poll();
  EXPECT_THAT(again.listener.assigned, ElementsAre(0, 1, 2));
  EXPECT_EQ(again.listener.member->generation(), 2);
  two_.Poll();
  EXPECT_THAT(two_.listener.told, IsEmpty());
  auto sink = one_.Open("a");
  EXPECT_EQ(one_.CommitTo(*sink, 5).outcome, CommitOutcome::kNotCommitted);
}

TEST_F(MemoryGroupTest, TwoProcessesOfOneNameStopTheFirst) {
  one_.Poll();
  Node again(cluster_, "node-1");
  again.Poll();
  EXPECT_EQ(one_.membership.Poll(Milliseconds{0}).error().recovery, Recovery::kStopProcess);
  EXPECT_THAT(one_.listener.told, ElementsAre("assigned", "lost"));
}

TEST_F(MemoryGroupTest, AMemberMayBeExpelledAtAnyMoment) {
  one_.Poll();
  faults_.Next(Point::kPoll, Fault::kLost);
  one_.Poll();
  EXPECT_THAT(one_.listener.told, ElementsAre("assigned", "lost", "assigned"));
  EXPECT_EQ(one_.listener.member->generation(), 2);
}

TEST_F(MemoryGroupTest, AnotherNumberOfPartitionsStopsTheProcess) {
  one_.Poll();
  cluster_.AddPartitions("in", 1);
  EXPECT_EQ(one_.membership.Poll(Milliseconds{0}).error().recovery, Recovery::kStopProcess);
}

TEST_F(MemoryGroupTest, PositionsCanBeMovedByATool) {
  one_.Poll();
  EXPECT_EQ(one_.Committed().value().front(), std::nullopt);
  cluster_.MoveCommitted({"in", 0}, 9);
  EXPECT_EQ(one_.Committed().value().front(), 9);
}

}  // namespace
}  // namespace antiphon::memory_log
