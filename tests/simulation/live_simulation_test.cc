// Seeded estates in memory, with faults: whatever dies, is late or is taken away, each event is decided once, and a replay of the journal
// gives what stands in the topics, to the byte. A seed that fails is run again by --gtest_filter and gives the same.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/live_world.h"
#include "tests/support/memory_log/committed_reader.h"
#include "tests/support/temporary_directory.h"

namespace antiphon::simulation {
namespace {

using memory_log::Fault;
using memory_log::Point;

std::string TraceOf(LiveWorld& world) {
  std::string text;
  const auto& trace = world.faults().trace();
  for (std::size_t i = trace.size() > 40 ? trace.size() - 40 : 0; i < trace.size(); ++i) text += "\n  " + trace[i];
  return text;
}

std::size_t Written(LiveWorld& world, const std::string& topic) {
  std::size_t records = 0;
  for (std::int32_t partition = 0; partition < LiveWorld::kPartitions; ++partition) {
    records += memory_log::CommittedRecords(world.cluster(), {.topic = topic, .partition = partition}).size();
  }
  return records;
}

void ExpectSound(LiveWorld& world) {
  ASSERT_TRUE(world.Settle()) << "it does not come to rest" << TraceOf(world);
  EXPECT_EQ(world.JournaledRecords(), world.produced()) << TraceOf(world);
  EXPECT_EQ(world.CheckRekeyed(), "") << TraceOf(world);
  EXPECT_EQ(world.Verify(), "") << TraceOf(world);
}

TEST(LiveSimulationTest, AQuietEstateDecidesEverythingOnce) {
  const test::TemporaryDirectory folder;
  LiveWorld world(1, folder.path());
  world.StartNode("n1");
  world.Run(2'000, true);
  ExpectSound(world);
  // The estate would prove nothing if it were idle.
  EXPECT_GT(Written(world, "antiphon.contacts"), 100U);
  EXPECT_GT(Written(world, "antiphon.outbound.sms"), 2U);
  EXPECT_GT(Written(world, "bank.answers"), 50U);
  EXPECT_GT(Written(world, "antiphon.dead-letters"), 50U);
}

TEST(LiveSimulationTest, AClockThatIsSetFarForwardStopsTheProcessBeforeATimerFires) {
  const test::TemporaryDirectory folder;
  LiveWorld world(1, folder.path());
  world.StartNode("n1");
  world.Run(500, true);
  ASSERT_TRUE(world.Settle());
  const std::size_t contacts = Written(world, "antiphon.contacts");
  world.clock().Jump(std::chrono::hours(24 * 30));
  const auto step = world.nodes().at("n1")->Step();
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().recovery, Recovery::kStopProcess);
  EXPECT_NE(step.error().message.find("went forward by 30d"), std::string::npos) << step.error().message;
  world.clock().Jump(-std::chrono::hours(24 * 30));
  ASSERT_TRUE(world.Settle());  // started again
  EXPECT_EQ(Written(world, "antiphon.contacts"), contacts);
  EXPECT_EQ(world.Verify(), "");
}

// All that the figures of the estate's processes counted of one thing.
std::uint64_t Counted(LiveWorld& world, const std::function<std::uint64_t(const orchestrator::LiveFigures&)>& of) {
  std::uint64_t sum = 0;
  for (const auto& [name, node] : world.nodes()) sum += of(*world.parts(name).figures);
  return sum;
}

std::uint64_t CountedRecords(LiveWorld& world) {
  return Counted(world, [](const auto& figures) {
    return figures.count(figures.places().OfRecords(0)) + figures.count(figures.places().OfRecords(1)) +
           figures.count(figures.places().OfRecords(2));
  });
}

TEST(LiveSimulationTest, WhatIsCountedIsWhatStandsInTheTopics) {
  const test::TemporaryDirectory folder;
  LiveWorld world(2, folder.path());
  for (const char* node : {"n1", "n2"}) world.StartNode(node);
  world.Run(1'000, true);
  ASSERT_TRUE(world.Settle());
  EXPECT_EQ(CountedRecords(world), world.produced());
  const auto contacts = Counted(world, [](const auto& figures) {
    std::uint64_t sum = 0;
    for (std::uint16_t channel = 0; channel <= 2; ++channel) {
      for (std::size_t status = 0; status < orchestrator::CountPlaces::kStatuses; ++status) {
        sum += figures.count(figures.places().OfContact(state::ChannelId{channel}, static_cast<state::ContactStatus>(status)));
      }
    }
    return sum;
  });
  EXPECT_EQ(contacts, Written(world, "antiphon.contacts"));
  const auto letters = [](const auto& figures) { return figures.count(figures.places().Of(formats::DeadLetterReason::kNotJson)); };
  EXPECT_EQ(Counted(world, letters), Written(world, "antiphon.dead-letters"));
  const auto answers = [](const auto& figures) { return figures.count(figures.places().Of(orchestrator::LiveCount::kAnswers)); };
  EXPECT_EQ(Counted(world, answers), Written(world, "bank.answers"));

  // Whoever owns a partition shows it, and that it has nothing left to read.
  world.clock().MoveTo(world.clock().Now() + orchestrator::WorkerFigures::kLagsEvery);
  world.Run(20, false);
  std::size_t active = 0;
  for (const auto& [name, node] : world.nodes()) {
    for (const auto& partition : world.parts(name).figures->partitions()) {
      if (partition.state != orchestrator::LiveFigures::State::kActive) continue;
      ++active;
      EXPECT_GT(partition.customers, 0U);
      EXPECT_GT(partition.sequence, 0U);
      for (const auto& lag : partition.lags) EXPECT_EQ(lag, 0);
    }
  }
  EXPECT_EQ(active, static_cast<std::size_t>(LiveWorld::kPartitions));
}

TEST(LiveSimulationTest, APartitionTakesTheNewestVersionWhenItIsOpenedAndKeepsWhatIsUnchanged) {
  const test::TemporaryDirectory folder;
  LiveWorld world(3, folder.path());
  for (const char* node : {"n1", "n2"}) world.StartNode(node);
  world.Run(600, true);
  world.Publish(1, {"all"});
  world.Run(200, true);
  EXPECT_EQ(world.RunningVersions(), std::set<Hash128>{LiveWorld::VersionOf(0)});  // what is open goes on
  world.nodes().at("n2")->Leave();
  world.nodes().erase("n2");
  world.Run(400, true);
  EXPECT_EQ(world.RunningVersions(), std::set<Hash128>{LiveWorld::VersionOf(1)});
  world.StartNode("n2");  // with the old folder: decides nothing
  world.Run(600, true);
  ExpectSound(world);
  EXPECT_EQ(world.RunningVersions(), std::set<Hash128>{LiveWorld::VersionOf(1)});
}

TEST(LiveSimulationTest, WhatNobodyAllowedToDropIsNotActivated) {
  const test::TemporaryDirectory folder;
  LiveWorld world(4, folder.path());
  world.StartNode("n1");
  world.Run(300, true);
  world.Publish(2, {"offer/remind"});  // its treatment goes, too
  world.Activate(LiveWorld::VersionOf(2));
  world.Activate({.high = 1, .low = 2});
  world.Run(100, false);
  ExpectSound(world);
  EXPECT_EQ(world.RunningVersions(), std::set<Hash128>{LiveWorld::VersionOf(0)});
  std::vector<std::string> said;
  for (const auto& written : memory_log::CommittedRecords(world.cluster(), {.topic = "antiphon.dead-letters", .partition = 0})) {
    if (written.record.value->find("bad_control") != std::string::npos) said.push_back(*written.record.value);
  }
  ASSERT_EQ(said.size(), 2U);
  EXPECT_NE(said[0].find("treatment/remind"), std::string::npos) << said[0];
  EXPECT_EQ(said[0].find("offer/remind,"), std::string::npos) << said[0];
  EXPECT_NE(said[1].find("is not in antiphon.topologies"), std::string::npos) << said[1];
}

// Everything that can go wrong, now and then.
void BringFaults(LiveWorld& world) {
  memory_log::Faults& faults = world.faults();
  faults.knobs().fetch_records_max = 1 + static_cast<std::uint32_t>(world.Below(20));
  faults.knobs().markers_within = Milliseconds{static_cast<std::int64_t>(world.Below(500))};
  faults.Rate(Point::kMake, Fault::kError, 50);
  faults.Rate(Point::kAppend, Fault::kError, 1);
  faults.Rate(Point::kAppend, Fault::kKill, 1);
  faults.Rate(Point::kCommit, Fault::kError, 10);
  faults.Rate(Point::kCommit, Fault::kKill, 5);
  faults.Rate(Point::kEnd, Fault::kError, 5);
  faults.Rate(Point::kEnd, Fault::kLost, 5);
  faults.Rate(Point::kEnd, Fault::kLate, 5);
  faults.Rate(Point::kEnd, Fault::kKill, 5);
  faults.Rate(Point::kAnswer, Fault::kLost, 10);
  faults.Rate(Point::kAnswer, Fault::kLate, 10);
  faults.Rate(Point::kAnswer, Fault::kKill, 10);
  faults.Rate(Point::kTake, Fault::kError, 1);
  faults.Rate(Point::kTake, Fault::kLate, 50);
  faults.Rate(Point::kStableEnds, Fault::kError, 50);
  faults.Rate(Point::kCommitted, Fault::kError, 50);
  faults.Rate(Point::kDirectory, Fault::kError, 50);
  faults.Rate(Point::kPoll, Fault::kError, 3);
  faults.Rate(Point::kPoll, Fault::kLost, 3);
}

class LiveFaultsTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LiveFaultsTest, NothingIsLostOrDoubled) {
  const test::TemporaryDirectory folder;
  LiveWorld world(GetParam(), folder.path());
  BringFaults(world);
  for (const char* node : {"n1", "n2", "n3"}) world.StartNode(node);
  world.Run(3'000, true);
  ExpectSound(world);
  // Of a commit of unknown outcome nothing is counted; nothing is ever counted twice.
  EXPECT_LE(CountedRecords(world), world.produced());
  EXPECT_GT(CountedRecords(world), world.produced() / 2);
}

// The machines' clock is set, back and forward within the bound, while nodes die: the floor does not go back, no timer fires twice, and a
// replay goes through the same floors.
TEST_P(LiveFaultsTest, TheClockIsSetAndNothingIsLostOrDoubled) {
  const test::TemporaryDirectory folder;
  LiveWorld world(2'000 + GetParam(), folder.path());
  BringFaults(world);
  for (const char* node : {"n1", "n2", "n3"}) world.StartNode(node);
  for (int jump = 0; jump < 6; ++jump) {
    world.Run(300, true);
    const auto by = Milliseconds{static_cast<std::int64_t>(world.Below(3'600'000))};
    world.clock().Jump(world.Below(2) == 0 ? by : -by);
  }
  world.Run(300, true);
  ExpectSound(world);
}

// Everything that can happen to versions, while nodes die and partitions move: what was published is run, nobody goes back, and a replay
// goes through the same changes at the same places.
TEST_P(LiveFaultsTest, VersionsOfTheTopologyChangeAndAReplayFollows) {
  const test::TemporaryDirectory folder;
  LiveWorld world(1'000 + GetParam(), folder.path());
  BringFaults(world);
  for (const char* node : {"n1", "n2", "n3"}) world.StartNode(node);
  for (int change = 0; change < 12; ++change) {
    world.Run(250, true);
    const std::size_t version = world.Below(LiveWorld::kVersions);
    if (world.Below(2) == 0) world.Publish(version, {"all"});
    if (world.Below(3) != 0) world.Activate(world.Below(6) == 0 ? Hash128{.high = 1, .low = 2} : LiveWorld::VersionOf(version));
  }
  const std::size_t last = world.Below(LiveWorld::kVersions);
  world.Publish(last, {"all"});
  world.Activate(LiveWorld::VersionOf(last));
  ExpectSound(world);
  EXPECT_EQ(world.RunningVersions(), std::set<Hash128>{LiveWorld::VersionOf(last)}) << TraceOf(world);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LiveFaultsTest, testing::Range<std::uint64_t>(1, 21));

// How many records of changelogs the survivor of two reads after the loss of the other.
std::uint64_t RestoredAfterLoss(std::uint32_t standby) {
  const test::TemporaryDirectory folder;
  LiveWorld world(3, folder.path(), true, standby);
  for (const char* node : {"n1", "n2"}) world.StartNode(node);
  world.Run(1'500, true);
  EXPECT_TRUE(world.Settle());
  world.Run(50, false);
  const auto* keeper = world.nodes().at("n2")->keeper();
  EXPECT_EQ(keeper == nullptr ? 0 : keeper->tailing(), 2 * standby);
  const auto& figures = *world.parts("n2").figures;
  const std::uint64_t before = figures.restored_records;
  world.LoseNode("n1");
  world.Run(200, true);
  ExpectSound(world);
  EXPECT_GT(Written(world, "antiphon.state"), 1'000U);
  EXPECT_EQ(keeper == nullptr ? 0 : keeper->tailing(), 0U) << "whoever is alone keeps no standby";
  return figures.restored_records - before;
}

TEST(StandbySimulationTest, WhoeverIsWarmHasLittleLeftToRead) {
  EXPECT_GT(RestoredAfterLoss(0), 500U);
  EXPECT_LT(RestoredAfterLoss(1), 50U);
}

TEST(StandbySimulationTest, TheOwnersTopicNamesTheLastOwner) {
  const test::TemporaryDirectory folder;
  LiveWorld world(4, folder.path(), true, 1);
  for (const char* node : {"n1", "n2"}) world.StartNode(node);
  world.Run(500, true);
  ASSERT_TRUE(world.Settle());
  const auto owners = [&] {
    return memory_log::Fold(memory_log::CommittedRecords(world.cluster(), {.topic = "antiphon.owners", .partition = 0}));
  };
  const auto both = owners();
  ASSERT_EQ(both.size(), static_cast<std::size_t>(LiveWorld::kPartitions));
  EXPECT_NE(both.at("0").find(R"({"partition":0,"group":"g","node":"n1","generation":)"), std::string::npos) << both.at("0");
  EXPECT_NE(both.at("3").find(R"("node":"n2")"), std::string::npos) << both.at("3");
  world.LoseNode("n1");
  world.Run(500, true);
  ASSERT_TRUE(world.Settle());
  EXPECT_NE(owners().at("0").find(R"("node":"n2")"), std::string::npos) << owners().at("0");
}

class StandbyFaultsTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(StandbyFaultsTest, NothingIsLostOrDoubledAndNoStoreIsOpenTwice) {
  const test::TemporaryDirectory folder;
  LiveWorld world(GetParam(), folder.path(), true, 1);
  BringFaults(world);
  for (const char* node : {"n1", "n2", "n3"}) world.StartNode(node);
  world.Run(3'000, true);
  ExpectSound(world);
  // The estate would prove nothing if nobody were warm in the end.
  world.Run(200, false);
  std::size_t tailing = 0;
  for (const auto& [name, node] : world.nodes()) tailing += node->keeper()->tailing();
  EXPECT_EQ(tailing, static_cast<std::size_t>(LiveWorld::kPartitions));
  world.LoseNode("n2");
  world.Run(300, true);
  ExpectSound(world);
}

INSTANTIATE_TEST_SUITE_P(Seeds, StandbyFaultsTest, testing::Range<std::uint64_t>(1, 7));

}  // namespace
}  // namespace antiphon::simulation
