#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/kafka/kafka_test.h"

namespace antiphon::kafka {
namespace {

using runtime::LogId;
using runtime::TopicFacts;
using test::ReadAll;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LogDirectoryTest : public KafkaTest {};

TEST_F(LogDirectoryTest, TellsWhereLogsBeginAndEnd) {
  const std::uint32_t topic = AddTopic("events", 2);
  Fill(topic, 0, 0, 10);
  test::DeleteRecords(address(), topics()[0], 0, 4);
  test::RawProducer foreign(address(), group());
  foreign.Begin();
  foreign.Send(topics()[0], {.partition = 0, .key = "k", .value = "open"});
  foreign.Flush();
  const auto directory = Directory();
  const std::vector<LogId> logs = {{topic, 1}, {topic, 0}};
  EXPECT_EQ(directory->Starts(logs), (std::vector<std::int64_t>{0, 4}));
  EXPECT_EQ(directory->HighWatermarks(logs), (std::vector<std::int64_t>{0, 11})) << "committed or not";
  foreign.Commit();
  EXPECT_EQ(ReadAll(address(), topics()[0], 0).size(), 7U);  // which waits for the marker
  EXPECT_EQ(directory->HighWatermarks(logs), (std::vector<std::int64_t>{0, 12}));
}

TEST_F(LogDirectoryTest, CommittedPositionsWaitForTransactionsUnderWay) {
  const std::uint32_t topic = AddTopic("events", 2);
  const std::vector<LogId> logs = {{topic, 0}, {topic, 1}};
  const auto patient = Directory();
  EXPECT_THAT(*patient->Committed(logs), ElementsAre(std::nullopt, std::nullopt));
  test::RawProducer owner(address(), group());
  const auto send = [&](std::int64_t next) {
    owner.Begin();
    owner.Send(topics()[0], {.partition = 0, .key = "k", .value = "v"});
    owner.SendOffset(group(), topics()[0], 1, next);
  };
  send(5);
  owner.Commit();
  EXPECT_THAT(*patient->Committed(logs), ElementsAre(std::nullopt, 5));
  send(7);
  const auto hasty = Directory(Milliseconds(500));
  const auto refused = hasty->Committed(logs);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().recovery, Recovery::kRetry);
  owner.Commit();
  EXPECT_THAT(*patient->Committed(logs), ElementsAre(std::nullopt, 7));
  send(9);
  owner.Abort();
  EXPECT_THAT(*patient->Committed(logs), ElementsAre(std::nullopt, 7));
}

TEST_F(LogDirectoryTest, CreatesAndDescribesTopics) {
  const auto directory = Directory();
  const std::string name = group() + ".made";
  const auto none = directory->Describe(name);
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_FALSE(none->has_value());

  const TopicFacts wanted{.partitions = 3, .replication = 1, .settings = {{"cleanup.policy", "compact"}, {"min.insync.replicas", "1"}}};
  const Result<void> created = directory->Create(name, wanted);
  ASSERT_TRUE(created) << created.error().message;
  const auto facts = directory->Describe(name);
  ASSERT_TRUE(facts && facts->has_value());
  EXPECT_EQ((*facts)->partitions, 3);
  EXPECT_EQ((*facts)->replication, 1);
  EXPECT_EQ((*facts)->settings.at("cleanup.policy"), "compact");
  EXPECT_EQ((*facts)->settings.at("min.insync.replicas"), "1");
  EXPECT_EQ((*facts)->settings.at("unclean.leader.election.enable"), "false") << "the cluster's own are told too";

  const Result<void> again = directory->Create(name, wanted);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().recovery, Recovery::kStopProcess);
  EXPECT_THAT(again.error().message, HasSubstr("already exists"));
  const Result<void> odd = directory->Create(name + "2", {.partitions = 1, .replication = 1, .settings = {{"cleanup.policy", "sweep"}}});
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().recovery, Recovery::kStopProcess);
  EXPECT_THAT(odd.error().message, HasSubstr("cleanup.policy"));
  EXPECT_TRUE(directory->Create(name + "3", {.partitions = 1, .replication = 0, .settings = {}})) << "0: as the cluster has it";
}

TEST_F(LogDirectoryTest, AnUnreachableClusterIsToRetry) {
  ClientOptions client = Client();
  client.settings["bootstrap.servers"] = "127.0.0.1:1";
  auto directory = KafkaLogDirectory::Create({.client = client, .group = group(), .topics = {"events"}, .within = Milliseconds(300)});
  ASSERT_TRUE(directory);
  const std::vector<LogId> logs = {{0, 0}};
  const auto expect_retry = [](const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().recovery, Recovery::kRetry) << result.error().message;
  };
  expect_retry((*directory)->Committed(logs));
  expect_retry((*directory)->Starts(logs));
  expect_retry((*directory)->HighWatermarks(logs));
  expect_retry((*directory)->Describe("events"));
  expect_retry((*directory)->Create("events", {.partitions = 1, .replication = 1, .settings = {}}));
}

TEST_F(LogDirectoryTest, ALogThatIsNotThereIsSaid) {
  AddTopic("events", 1);
  const auto directory = Directory(Milliseconds(3'000));
  const auto ends = directory->HighWatermarks(std::vector<LogId>{{0, 5}});
  ASSERT_FALSE(ends);
  EXPECT_THAT(ends.error().message, HasSubstr(topics()[0] + " [5]"));
}

}  // namespace
}  // namespace antiphon::kafka
