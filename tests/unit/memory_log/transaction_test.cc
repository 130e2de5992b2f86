#include <gmock/gmock.h>

#include "tests/unit/memory_log/node.h"

namespace antiphon::memory_log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MemoryTransactionTest : public MemoryLogTest {
 protected:
  MemoryTransactionTest() { node_.Poll(); }

  std::int64_t CommittedTo() {
    const auto positions = node_.Committed();
    if (!positions) return -2;  // under way
    return positions->front().value_or(-1);
  }
  void ExpectNothingOfIt() {
    EXPECT_THAT(Values("out"), IsEmpty());
    EXPECT_EQ(CommittedTo(), -1);
  }
  void ExpectAllOfIt() {
    EXPECT_THAT(Values("out"), ElementsAre("a"));
    EXPECT_THAT(Values("state"), ElementsAre("a"));
    EXPECT_EQ(CommittedTo(), 5);
  }

  Node node_{cluster_, "node-1"};
};

TEST_F(MemoryTransactionTest, CommitsRecordsAndPositionsTogether) {
  const auto sink = node_.Open("a");
  EXPECT_THAT(Values("out"), IsEmpty());
  const CommitReport report = node_.CommitTo(*sink, 5);
  EXPECT_EQ(report.outcome, CommitOutcome::kCommitted);
  EXPECT_THAT(report.ends, ElementsAre(runtime::LogPosition{.log = kOut, .next = 1}, runtime::LogPosition{.log = kState, .next = 1}));
  ExpectAllOfIt();
  const CommittedRecord out = CommittedRecords(cluster_, {"out", 0}).front();
  EXPECT_EQ(out.transaction, CommittedRecords(cluster_, {"state", 0}).front().transaction);
  EXPECT_EQ(cluster_.transaction(out.transaction).generation, 1);
  EXPECT_THAT(cluster_.transaction(out.transaction).positions, ElementsAre(std::pair(LogName{"in", 0}, 5)));
  // The sink goes on behind its marker.
  ASSERT_TRUE(sink->Append(kOut, "k", "b").has_value());
  EXPECT_THAT(node_.CommitTo(*sink, 6).ends, ElementsAre(runtime::LogPosition{.log = kOut, .next = 3}));
}

TEST_F(MemoryTransactionTest, ASinkThatGoesAbortsWhatIsOpen) {
  node_.Open("a").reset();
  EXPECT_TRUE(cluster_.Quiet());
  ExpectNothingOfIt();
}

TEST_F(MemoryTransactionTest, ARefusedCommitLeavesNothing) {
  for (const Point point : {Point::kCommit, Point::kEnd}) {
    faults_.Next(point, Fault::kError);
    auto sink = node_.Open("a");
    EXPECT_EQ(node_.CommitTo(*sink, 5).outcome, CommitOutcome::kNotCommitted);
    sink.reset();
    ExpectNothingOfIt();
  }
}

TEST_F(MemoryTransactionTest, AnErrorOfAppendSpendsTheSink) {
  auto sink = node_.sinks.Make(0).value();
  faults_.Next(Point::kAppend, Fault::kError);
  EXPECT_EQ(sink->Append(kOut, "k", "a").error().recovery, Recovery::kRestartTask);
  EXPECT_DEATH((void)sink->Append(kOut, "k", "a"), "");
  EXPECT_DEATH((void)node_.sinks.Make(0), "");  // it must be gone first
  sink.reset();
  faults_.Next(Point::kMake, Fault::kError);
  EXPECT_EQ(node_.sinks.Make(0).error().recovery, Recovery::kRetry);
  EXPECT_TRUE(node_.sinks.Make(0).has_value());
}

TEST_F(MemoryTransactionTest, AnUnknownCommitMayBeCommitted) {
  faults_.Next(Point::kAnswer, Fault::kLost);
  auto sink = node_.Open("a");
  EXPECT_EQ(node_.CommitTo(*sink, 5).outcome, CommitOutcome::kUnknown);
  sink.reset();
  ExpectAllOfIt();
}

TEST_F(MemoryTransactionTest, AnUnknownCommitIsPendingUntilItsSuccessorAbortsIt) {
  faults_.Next(Point::kEnd, Fault::kLost);
  auto sink = node_.Open("a");
  EXPECT_EQ(node_.CommitTo(*sink, 5).outcome, CommitOutcome::kUnknown);
  sink.reset();
  EXPECT_EQ(node_.Committed().error().recovery, Recovery::kRetry);
  EXPECT_TRUE(node_.sinks.Make(0).has_value());
  ExpectNothingOfIt();
}

TEST_F(MemoryTransactionTest, AnOpenTransactionTimesOut) {
  faults_.Next(Point::kEnd, Fault::kLost);
  const auto sink = node_.Open("a");
  EXPECT_EQ(node_.CommitTo(*sink, 5).outcome, CommitOutcome::kUnknown);
  Pass(Milliseconds{10'000});
  EXPECT_EQ(CommittedTo(), -2);
  Pass(Milliseconds{1});
  ExpectNothingOfIt();
}

TEST_F(MemoryTransactionTest, TheEndOfATransactionMayArriveLate) {
  faults_.Next(Point::kEnd, Fault::kLate);
  auto sink = node_.Open("a");
  EXPECT_EQ(node_.CommitTo(*sink, 5).outcome, CommitOutcome::kUnknown);
  sink.reset();
  EXPECT_EQ(CommittedTo(), -2);
  Pass(faults_.knobs().late);
  ExpectAllOfIt();
}

TEST_F(MemoryTransactionTest, AnEndThatArrivesAfterTheSuccessorChangesNothing) {
  faults_.Next(Point::kEnd, Fault::kLate);
  auto sink = node_.Open("a");
  EXPECT_EQ(node_.CommitTo(*sink, 5).outcome, CommitOutcome::kUnknown);
  sink.reset();
  sink = node_.Open("b");  // the same producer's next transaction must not be ended by it either
  Pass(faults_.knobs().late);
  ExpectNothingOfIt();
  EXPECT_EQ(node_.CommitTo(*sink, 5).outcome, CommitOutcome::kCommitted);
  EXPECT_THAT(Values("out"), ElementsAre("b"));
}

TEST_F(MemoryTransactionTest, MarkersReachPositionsAndLogsAtTheirOwnTimes) {
  cluster_.HoldMarkers({"state", 0});
  faults_.Next(Point::kAnswer, Fault::kLost);
  auto sink = node_.Open("a");
  EXPECT_EQ(node_.CommitTo(*sink, 5).outcome, CommitOutcome::kUnknown);
  sink.reset();
  EXPECT_EQ(CommittedTo(), 5);
  EXPECT_THAT(Values("out"), ElementsAre("a"));
  EXPECT_THAT(Values("state"), IsEmpty());  // a restore to the last stable offset would lose it, one to the high watermark waits
  EXPECT_EQ(node_.source.StableEnds(std::vector{kState}).value().front(), 0);
  EXPECT_EQ(node_.directory.HighWatermarks(std::vector{kState}).value().front(), 1);
  EXPECT_EQ(node_.sinks.Make(0).error().recovery, Recovery::kRetry);
  cluster_.ReleaseMarkers({"state", 0});
  ExpectAllOfIt();
  EXPECT_TRUE(node_.sinks.Make(0).has_value());
}

TEST_F(MemoryTransactionTest, MarkersMayBeLate) {
  faults_.knobs().markers_after = faults_.knobs().markers_within = Milliseconds{400};
  const auto sink = node_.Open("a");
  EXPECT_EQ(node_.CommitTo(*sink, 5).outcome, CommitOutcome::kCommitted);
  Pass(Milliseconds{399});
  EXPECT_EQ(CommittedTo(), -2);
  EXPECT_THAT(Values("out"), IsEmpty());
  EXPECT_FALSE(cluster_.Quiet());
  Pass(Milliseconds{1});
  ExpectAllOfIt();
  EXPECT_TRUE(cluster_.Quiet());
}

TEST_F(MemoryTransactionTest, OffsetsMayGoUntold) {
  faults_.Next(Point::kAnswer, Fault::kLate);
  const auto sink = node_.Open("a");
  const CommitReport report = node_.CommitTo(*sink, 5);
  EXPECT_EQ(report.outcome, CommitOutcome::kCommitted);
  EXPECT_THAT(report.ends, IsEmpty());
}

TEST_F(MemoryTransactionTest, ANewSinkOfTheSameNodeFencesTheOld) {
  const auto old = node_.Open("a");
  Node again(cluster_, "node-1");
  again.Poll();
  const auto sink = again.Open("b");
  EXPECT_EQ(old->Append(kOut, "k", "c").error().recovery, Recovery::kRestartTask);
  EXPECT_EQ(again.CommitTo(*sink, 5).outcome, CommitOutcome::kCommitted);
  EXPECT_THAT(Values("out"), ElementsAre("b"));
}

TEST_F(MemoryTransactionTest, ADeadProcessClosesNothing) {
  for (const auto& [point, committed] : {std::pair(Point::kCommit, false), {Point::kEnd, false}, {Point::kAnswer, true}}) {
    const std::string text(1, static_cast<char>('a' + static_cast<int>(point)));
    Node mortal(cluster_, "node-1");
    mortal.Poll();
    faults_.Next(point, Fault::kKill);
    auto sink = mortal.Open(text);
    EXPECT_EQ(mortal.CommitTo(*sink, 5).outcome, CommitOutcome::kUnknown);
    EXPECT_TRUE(mortal.process.killed());
    EXPECT_EQ(sink->Append(kOut, "k", "late").error().recovery, Recovery::kStopProcess);
    sink.reset();
    EXPECT_EQ(cluster_.Quiet(), committed);
    Node again(cluster_, "node-1");
    EXPECT_TRUE(again.sinks.Make(0).has_value());
    EXPECT_TRUE(cluster_.Quiet());
    EXPECT_EQ(!Values("out").empty(), committed);
  }
}

TEST(MemoryFaultsTest, TheSameSeedDoesTheSame) {
  const auto run = [](std::uint64_t seed) {
    Faults faults(seed);
    faults.Rate(Point::kEnd, Fault::kLost, 300);
    faults.Rate(Point::kEnd, Fault::kLate, 300);
    std::vector<Fault> met(100);
    for (Fault& each : met) each = faults.Meet({.point = Point::kEnd, .node = "n"});
    return met;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace antiphon::memory_log
