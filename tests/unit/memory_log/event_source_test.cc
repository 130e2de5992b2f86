#include <gmock/gmock.h>

#include "tests/unit/memory_log/node.h"

namespace antiphon::memory_log {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::SizeIs;

class MemoryEventSourceTest : public MemoryLogTest {
 protected:
  void Read(LogId log, std::int64_t from = 0) {
    ASSERT_TRUE(node_.source.Assign(std::vector<runtime::LogPosition>{{.log = log, .next = from}}).has_value());
  }
  std::string Take(LogId log) {
    const auto taken = node_.source.Take(log);
    if (!taken) return "error";
    return *taken ? std::string((*taken)->value.value_or("null")) : "nothing";
  }
  void Transact(const std::string& value, Transaction::State outcome) {
    const Producer producer = cluster_.InitProducer("bank").value();
    ASSERT_TRUE(cluster_.Add(producer, {"in", 0}, {.timestamp = {}, .key = "k", .value = value, .headers = {}}).has_value());
    if (outcome == Transaction::State::kOpen) return;
    ASSERT_TRUE(cluster_.End(producer, outcome).has_value());
  }
  void Say(const std::string& value) {
    cluster_.Produce({"in", 0}, {.timestamp = FromEpochMs(5), .key = "k", .value = value, .headers = {}});
  }

  Node node_{cluster_, "node-1"};
};

TEST_F(MemoryEventSourceTest, GivesCommittedRecordsOnlyInOrder) {
  Say("a");
  Transact("b", Transaction::State::kAborted);
  Transact("c", Transaction::State::kCommitted);
  Transact("d", Transaction::State::kOpen);
  Say("e");
  Read(kIn);
  EXPECT_EQ(Take(kIn), "a");
  EXPECT_EQ(Take(kIn), "c");
  EXPECT_EQ(Take(kIn), "nothing");  // the open transaction holds what is behind it
  EXPECT_EQ(node_.source.StableEnds(std::vector{kIn}).value(), (std::vector<std::int64_t>{5}));
  EXPECT_EQ(node_.directory.HighWatermarks(std::vector{kIn}).value(), (std::vector<std::int64_t>{7}));
  Pass(Milliseconds{10'001});  // its producer is away for too long
  EXPECT_EQ(Take(kIn), "e");
  EXPECT_TRUE(cluster_.Quiet());
}

TEST_F(MemoryEventSourceTest, ThePositionPassesMarkersOnceItHasSeenThatNothingElseIsThere) {
  Transact("a", Transaction::State::kCommitted);
  Transact("b", Transaction::State::kAborted);
  Read(kIn);
  EXPECT_EQ(node_.source.Position(kIn), 0);
  EXPECT_EQ(Take(kIn), "a");
  EXPECT_EQ(node_.source.Position(kIn), 1);
  EXPECT_EQ(Take(kIn), "nothing");
  EXPECT_EQ(node_.source.Position(kIn), 4);
}

TEST_F(MemoryEventSourceTest, ARecordIsBorrowedUntilTheNextTake) {
  Say("first");
  Say("second");
  Read(kIn);
  const auto first = node_.source.Take(kIn);
  ASSERT_TRUE(first.has_value() && first->has_value());
  EXPECT_EQ((*first)->value, "first");
  EXPECT_EQ(Take(kIn), "second");
  EXPECT_EQ((*first)->value, "\xdd\xdd\xdd\xdd\xdd");
}

TEST_F(MemoryEventSourceTest, GivesKeysTombstonesTimesAndWantedHeaders) {
  const std::vector<std::pair<std::string, std::string>> headers = {{"id", "1"}};
  for (const char* topic : {"in", "out"}) {
    cluster_.Produce({topic, 0}, {.timestamp = FromEpochMs(5), .key = "k", .value = std::nullopt, .headers = headers});
  }
  Read(kIn);
  Read(kOut);
  const auto record = node_.source.Take(kIn).value().value();
  EXPECT_EQ(record.offset, 0);
  EXPECT_EQ(record.timestamp, FromEpochMs(5));
  EXPECT_EQ(record.key, "k");
  EXPECT_EQ(record.value, std::nullopt);
  EXPECT_THAT(record.headers, SizeIs(0));
  EXPECT_THAT(node_.source.Take(kOut).value().value().headers, SizeIs(1));
}

TEST_F(MemoryEventSourceTest, RecordsMayComeLateAndOneAtATimeButAllOfThemInOrder) {
  faults_.knobs().fetch_records_max = 1;
  faults_.Rate(Point::kTake, Fault::kLate, 500);
  for (int i = 0; i < 50; ++i) Say(std::to_string(i));
  Read(kIn);
  int late = 0;
  for (int next = 0; next < 50;) {
    const std::string taken = Take(kIn);
    if (taken == "nothing") {
      ++late;
      EXPECT_EQ(node_.source.Position(kIn), next);  // late is not the same as read to the end
    } else {
      EXPECT_EQ(taken, std::to_string(next++));
    }
  }
  EXPECT_THAT(late, Gt(10));
}

TEST_F(MemoryEventSourceTest, WhatCannotBeReadOnRestartsTheTask) {
  Say("a");
  Say("b");
  cluster_.Trim({"in", 0}, 1);
  Read(kIn);
  EXPECT_EQ(node_.source.Take(kIn).error().recovery, Recovery::kRestartTask);  // it was cut off
  node_.source.Unassign(std::vector{kIn});
  EXPECT_EQ(node_.directory.Starts(std::vector{kIn}).value(), (std::vector<std::int64_t>{1}));
  Read(kIn, 1);
  faults_.Next(Point::kTake, Fault::kError);
  EXPECT_EQ(node_.source.Take(kIn).error().recovery, Recovery::kRestartTask);
  EXPECT_EQ(Take(kIn), "b");  // nothing was skipped
  cluster_.DeleteTopic("in");
  EXPECT_EQ(node_.source.Take(kIn).error().recovery, Recovery::kRestartTask);
}

TEST_F(MemoryEventSourceTest, CompactionLeavesTheLastRecordOfAKeyAndHoles) {
  Say("a");
  Say("b");
  cluster_.Compact({"in", 0});
  Read(kIn);
  EXPECT_EQ(Take(kIn), "b");
  EXPECT_EQ(node_.source.Position(kIn), 2);
  EXPECT_THAT(Fold(CommittedRecords(cluster_, {"in", 0})), ElementsAre(std::pair("k", "b")));
}

TEST_F(MemoryEventSourceTest, QuestionsMayGoUnansweredForAWhile) {
  faults_.Next(Point::kStableEnds, Fault::kError, {.node = "node-1", .skip = 1, .times = 2});
  const std::vector<LogId> logs = {kIn};
  EXPECT_TRUE(node_.source.StableEnds(logs).has_value());
  EXPECT_EQ(node_.source.StableEnds(logs).error().recovery, Recovery::kRetry);
  EXPECT_EQ(node_.source.StableEnds(logs).error().recovery, Recovery::kRetry);
  EXPECT_TRUE(node_.source.StableEnds(logs).has_value());
  faults_.Rate(Point::kDirectory, Fault::kError, 1000);
  EXPECT_EQ(node_.directory.Describe("in").error().recovery, Recovery::kRetry);
  faults_.Heal();
  EXPECT_EQ(node_.directory.Describe("in").value()->partitions, 4);
  EXPECT_EQ(node_.directory.Describe("none").value(), std::nullopt);
  EXPECT_EQ(node_.directory.Create("in", {.partitions = 1, .replication = 1, .settings = {}}).error().recovery, Recovery::kStopProcess);
  EXPECT_TRUE(node_.directory.Create("new", {.partitions = 1, .replication = 1, .settings = {}}).has_value());
  EXPECT_THAT(faults_.trace(), ElementsAre("node-1 kStableEnds kError", "node-1 kStableEnds kError", "node-1 kDirectory kError"));
}

TEST_F(MemoryEventSourceTest, WaitingTakesNoTime) {
  const EngineTime before = clock_.Now();
  node_.source.Wait(Milliseconds{300});
  EXPECT_EQ(clock_.Now(), before);
  EXPECT_THAT(node_.source.TakeWaits(), ElementsAre(Milliseconds{300}));
}

}  // namespace
}  // namespace antiphon::memory_log
