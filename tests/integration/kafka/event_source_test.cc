#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/integration/kafka/kafka_test.h"

namespace antiphon::kafka {
namespace {

using runtime::LogId;
using runtime::LogPosition;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EventSourceTest : public KafkaTest {};

void Assign(KafkaEventSource& source, LogId log, std::int64_t next) {
  const std::vector<LogPosition> from = {{.log = log, .next = next}};
  const Result<void> assigned = source.Assign(from);
  ASSERT_TRUE(assigned) << assigned.error().message;
}

TEST_F(EventSourceTest, GivesRecordsAsTheyStandInTheLog) {
  const LogId plain{AddTopic("plain", 1), 0};
  const LogId headed{AddTopic("headed", 1), 0};
  test::RawProducer producer(address());
  for (const LogId log : {plain, headed}) {
    const std::string& topic = topics()[log.topic];
    producer.Send(topic,
                  {.partition = 0, .key = "k", .value = "v", .headers = {{"a", "1"}, {"a", "2"}}, .timestamp_ms = 1'900'000'000'123});
    producer.Send(topic, {.partition = 0, .key = std::nullopt, .value = ""});
    producer.Send(topic, {.partition = 0, .key = "", .value = std::nullopt});
  }
  producer.Flush();

  const auto source = Source({headed.topic});
  Assign(*source, plain, 0);
  Assign(*source, headed, 0);
  const std::vector<Kept> records = TakeSome(*source, headed, 3);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].offset, 0);
  EXPECT_EQ(records[0].key, "k");
  EXPECT_EQ(records[0].value, "v");
  EXPECT_EQ(ToEpochMs(records[0].timestamp), 1'900'000'000'123);
  EXPECT_THAT(records[0].headers, ElementsAre(std::pair{"a", "1"}, std::pair{"a", "2"}));
  EXPECT_EQ(records[1].key, std::nullopt);
  EXPECT_EQ(records[1].value, "");
  EXPECT_EQ(records[2].key, "");
  EXPECT_EQ(records[2].value, std::nullopt);
  EXPECT_TRUE(TakeSome(*source, plain, 1).at(0).headers.empty());
}

TEST_F(EventSourceTest, BeginsExactlyWhereItIsToldHoweverOften) {
  const LogId log{AddTopic("events", 1), 0};
  Fill(0, 0, 0, 500);
  const auto source = Source();
  for (int round = 0; round < 15; ++round) {
    const int from = (round * 137) % 480;
    Assign(*source, log, from);
    EXPECT_EQ(source->Position(log), from);
    EXPECT_EQ(ValuesOf(TakeSome(*source, log, 20)), Numbers(from, from + 20)) << "round " << round;
    EXPECT_EQ(source->Position(log), from + 20);
    source->Unassign(std::vector{log});  // with the rest already fetched
  }
}

TEST_F(EventSourceTest, OthersGoOnWhileOneIsAssignedAndUnassigned) {
  const std::uint32_t topic = AddTopic("events", 3);
  for (int partition = 0; partition < 3; ++partition) Fill(topic, partition, 0, 300);
  const auto source = Source();
  Assign(*source, {topic, 0}, 0);
  std::vector<std::string> steady;
  for (int round = 0; round < 12; ++round) {
    const LogId other{topic, 1 + round % 2};
    Assign(*source, other, round);
    for (const std::string& value : ValuesOf(TakeSome(*source, {topic, 0}, 10))) steady.push_back(value);
    EXPECT_EQ(ValuesOf(TakeSome(*source, other, 5)), Numbers(round, round + 5));
    source->Unassign(std::vector{other});
  }
  EXPECT_EQ(steady, Numbers(0, 120));
}

// The fetch of a log that nobody takes from stops at its bound; that of the others must not.
TEST_F(EventSourceTest, AFullLogDoesNotHoldUpAnother) {
  const std::uint32_t topic = AddTopic("events", 2);
  Fill(topic, 0, 0, 20'000);
  Fill(topic, 1, 0, 3'000);
  ClientOptions client = Client();
  client.settings["queued.min.messages"] = "1000";
  auto source = KafkaEventSource::Create({.client = client, .group = group(), .topics = topics(), .with_headers = {}});
  ASSERT_TRUE(source);
  Assign(**source, {topic, 0}, 0);
  Assign(**source, {topic, 1}, 0);
  EXPECT_EQ(ValuesOf(TakeSome(**source, {topic, 1}, 3'000)), Numbers(0, 3'000));
}

TEST_F(EventSourceTest, PositionGoesPastMarkersAndAbortedRecords) {
  const LogId log{AddTopic("events", 1), 0};
  const std::string& topic = topics()[0];
  test::RawProducer foreign(address(), group());
  const auto transact = [&](const std::string& value, bool commit) {
    foreign.Begin();
    foreign.Send(topic, {.partition = 0, .key = "k", .value = value});
    foreign.Flush();
    commit ? foreign.Commit() : foreign.Abort();
  };
  transact("a", true);  // offsets 0 and 1, the marker
  const auto source = Source();
  Assign(*source, log, 0);
  EXPECT_THAT(ValuesOf(TakeTo(*source, log, 2)), ElementsAre("a"));
  transact("b", false);  // 2, 3
  EXPECT_THAT(ValuesOf(TakeTo(*source, log, 4)), ElementsAre());
  transact("c", false);
  transact("d", true);  // 6, 7
  EXPECT_THAT(ValuesOf(TakeTo(*source, log, 8)), ElementsAre("d"));
  EXPECT_EQ(source->StableEnds(std::vector{log}), std::vector<std::int64_t>{8});
}

TEST_F(EventSourceTest, StableEndsAreBeforeAnOpenTransaction) {
  const std::uint32_t topic = AddTopic("events", 2);
  const LogId log{topic, 0};
  const LogId other{topic, 1};
  Fill(topic, 0, 0, 3);
  test::RawProducer foreign(address(), group());
  foreign.Begin();
  foreign.Send(topics()[0], {.partition = 0, .key = "k", .value = "open"});
  foreign.Flush();
  Fill(topic, 0, 4, 5);  // behind it
  const auto source = Source();
  Assign(*source, log, 0);
  Assign(*source, other, 0);
  EXPECT_EQ(source->StableEnds(std::vector{other, log}), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(ValuesOf(TakeTo(*source, log, 3)), Numbers(0, 3));
  foreign.Commit();
  EXPECT_THAT(ValuesOf(TakeSome(*source, log, 2)), ElementsAre("open", "4"));
  EXPECT_EQ(source->StableEnds(std::vector{log}), std::vector<std::int64_t>{6});
  EXPECT_THAT(ValuesOf(TakeTo(*source, log, 6)), ElementsAre());
}

TEST_F(EventSourceTest, WakeEndsAWait) {
  const LogId log{AddTopic("events", 1), 0};
  const auto source = Source();
  Assign(*source, log, 0);
  EXPECT_TRUE(TakeTo(*source, log, 0).empty());
  std::thread waker([&] { source->Wake(); });
  // Other things may end a Wait too; but were it not for Wake, in the end it would last longer than a test may.
  source->Wait(std::chrono::hours(1));
  waker.join();
}

TEST_F(EventSourceTest, ADeletedTopicIsAnError) {
  const LogId log{AddTopic("events", 1), 0};
  Fill(0, 0, 0, 3);
  ClientOptions client = Client();
  client.settings["topic.metadata.refresh.interval.ms"] = "500";
  auto source = KafkaEventSource::Create({.client = client, .group = group(), .topics = topics(), .with_headers = {}});
  ASSERT_TRUE(source);
  Assign(**source, log, 0);
  EXPECT_EQ(TakeSome(**source, log, 3).size(), 3U);
  test::DeleteTopic(address(), topics()[0]);
  const std::optional<Error> error = TakeToError(**source, log);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->recovery, Recovery::kRestartTask);
  EXPECT_THAT(error->message, HasSubstr(topics()[0] + " [0] at offset 3"));
  EXPECT_FALSE((*source)->Take(log)) << "it stays so until it is unassigned";
}

TEST_F(EventSourceTest, RecordsThatWereCutOffAreAnError) {
  const LogId log{AddTopic("events", 1), 0};
  Fill(0, 0, 0, 10);
  test::DeleteRecords(address(), topics()[0], 0, 5);
  const auto source = Source();
  for (const std::int64_t missing : {2, 50}) {  // deleted; not yet written
    Assign(*source, log, missing);
    const std::optional<Error> error = TakeToError(*source, log);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->recovery, Recovery::kRestartTask);
    EXPECT_THAT(error->message, HasSubstr("[0] at offset " + std::to_string(missing)));
    source->Unassign(std::vector{log});
  }
  Assign(*source, log, 5);
  EXPECT_EQ(ValuesOf(TakeSome(*source, log, 5)), Numbers(5, 10));
}

TEST_F(EventSourceTest, EachRecordComesOnceAndInOrderThoughTheBrokerIsKilled) {
  constexpr int kPartitions = 3;
  constexpr int kRecords = 3'000;
  const std::uint32_t topic = AddTopic("events", kPartitions);
  const auto source = Source();
  for (int partition = 0; partition < kPartitions; ++partition) {
    Fill(topic, partition, 0, kRecords / 2);
    Assign(*source, {topic, partition}, 0);
  }
  std::vector<std::vector<std::string>> values(kPartitions);
  const auto take = [&](int partition, std::size_t count) {
    for (const std::string& value : ValuesOf(TakeSome(*source, {topic, partition}, count))) {
      values[static_cast<std::size_t>(partition)].push_back(value);
    }
  };
  for (int partition = 0; partition < kPartitions; ++partition) take(partition, 100);  // the rest is on its way
  broker().Kill();
  std::thread restart([&] {
    broker().StartAgain();
    for (int partition = 0; partition < kPartitions; ++partition) Fill(topic, partition, kRecords / 2, kRecords);
  });
  for (int partition = 0; partition < kPartitions; ++partition) take(partition, kRecords - 100);
  restart.join();
  for (int partition = 0; partition < kPartitions; ++partition) {
    EXPECT_EQ(values[static_cast<std::size_t>(partition)], Numbers(0, kRecords)) << "partition " << partition;
    EXPECT_TRUE(TakeTo(*source, {topic, partition}, kRecords).empty());
  }
}

TEST_F(EventSourceTest, AnUnreachableClusterIsNoError) {
  ClientOptions client = Client();
  client.settings["bootstrap.servers"] = "127.0.0.1:1";
  auto source = KafkaEventSource::Create(
      {.client = client, .group = group(), .topics = {"events"}, .with_headers = {}, .ends_within = Milliseconds(300)});
  ASSERT_TRUE(source);
  const LogId log{0, 0};
  Assign(**source, log, 0);
  (*source)->Wait(Milliseconds(100));
  const auto taken = (*source)->Take(log);
  ASSERT_TRUE(taken);
  EXPECT_FALSE(taken->has_value());
  const auto ends = (*source)->StableEnds(std::vector{log});
  ASSERT_FALSE(ends);
  EXPECT_EQ(ends.error().recovery, Recovery::kRetry);
}

}  // namespace
}  // namespace antiphon::kafka
