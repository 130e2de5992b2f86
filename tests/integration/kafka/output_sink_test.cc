#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "services/kafka/member_token.h"
#include "services/runtime/partitioner.h"
#include "tests/integration/kafka/kafka_test.h"

namespace antiphon::kafka {
namespace {

using runtime::CommitOutcome;
using runtime::CommitReport;
using runtime::LogId;
using runtime::LogPosition;
using runtime::OutputSink;
using test::ReadAll;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// An input and an output of two partitions each, and a member that owns them.
class OutputSinkTest : public KafkaTest {
 protected:
  void SetUp() override {
    KafkaTest::SetUp();
    if (HasFailure() || IsSkipped()) return;
    input_ = AddTopic("input", 2);
    output_ = AddTopic("output", 2);
    Join();
  }

  void Join() {
    auto membership = KafkaMembership::Create(MemberOptions("n1", {input_}, 2), listener_);
    ASSERT_TRUE(membership) << membership.error().message;
    membership_ = std::move(*membership);
    ASSERT_TRUE(PollUntil({membership_.get()}, [&] { return listener_.member != nullptr; }));
  }

  [[nodiscard]] std::unique_ptr<OutputSink> Make(KafkaOutputSinkFactory& factory, std::uint32_t worker = 0) const {
    auto sink = factory.Make(worker);
    EXPECT_TRUE(sink) << sink.error().message;
    return std::move(*sink);
  }

  void Append(OutputSink& sink, const std::string& value, std::int32_t partition = 0) const {
    const Result<void> appended = sink.Append({output_, partition}, "key", value);
    ASSERT_TRUE(appended) << appended.error().message;
  }

  CommitReport Commit(OutputSink& sink, std::int64_t next, const runtime::MemberToken* member = nullptr) const {
    const std::vector<LogPosition> positions = {{.log = {input_, 0}, .next = next}};
    return sink.Commit(positions, member != nullptr ? *member : *listener_.member);
  }

  [[nodiscard]] std::vector<std::string> Output(std::int32_t partition = 0) const {
    return ValuesOf(ReadAll(address(), topics()[output_], partition));
  }
  [[nodiscard]] std::int64_t Committed() const { return test::CommittedPosition(address(), group(), topics()[input_], 0); }

  std::uint32_t input_ = 0;
  std::uint32_t output_ = 0;
  NotingListener listener_;
  std::unique_ptr<KafkaMembership> membership_;
};

TEST_F(OutputSinkTest, PositionsAloneAreCommitted) {
  KafkaOutputSinkFactory factory(SinkOptions("n1", {output_}));
  const auto sink = Make(factory);
  EXPECT_EQ(Commit(*sink, 17).outcome, CommitOutcome::kCommitted);
  EXPECT_EQ(Committed(), 17);
  Append(*sink, "a");
  EXPECT_EQ(Commit(*sink, 18).outcome, CommitOutcome::kCommitted);
  EXPECT_EQ(Commit(*sink, 19).outcome, CommitOutcome::kCommitted);
  EXPECT_EQ(Committed(), 19);
  EXPECT_THAT(Output(), ElementsAre("a"));
  EXPECT_EQ(factory.replaced(), 0U);
}

TEST_F(OutputSinkTest, ACommitIsSeenAsAWholeOrNotAtAll) {
  KafkaOutputSinkFactory factory(SinkOptions("n1", {output_}));
  const auto sink = Make(factory);
  Append(*sink, "a", 0);
  Append(*sink, "b", 1);
  ASSERT_TRUE(sink->Append({output_, 1}, std::nullopt, std::nullopt));
  const std::vector<runtime::Header> headers = {{.name = "correlation-id", .value = "7"}, {.name = "empty", .value = {}}};
  ASSERT_TRUE(sink->Append({output_, 1}, "", "", headers));
  for (const int partition : {0, 1}) EXPECT_THAT(ReadAll(address(), topics()[output_], partition, test::Reader::kCommitted), IsEmpty());

  const CommitReport report = Commit(*sink, 17);
  EXPECT_EQ(report.outcome, CommitOutcome::kCommitted) << report.why.message;
  EXPECT_THAT(report.ends, ElementsAre(LogPosition{{output_, 0}, 1}, LogPosition{{output_, 1}, 3}));
  EXPECT_EQ(Committed(), 17);
  EXPECT_THAT(Output(0), ElementsAre("a"));
  const std::vector<test::RawRecord> second = ReadAll(address(), topics()[output_], 1);
  ASSERT_EQ(second.size(), 3U);
  EXPECT_EQ(second[1].key, std::nullopt);
  EXPECT_EQ(second[1].value, std::nullopt);
  EXPECT_EQ(second[2].key, "");
  EXPECT_EQ(second[2].value, "");
  EXPECT_THAT(second[2].headers, ElementsAre(std::pair{"correlation-id", "7"}, std::pair{"empty", ""}));
}

TEST_F(OutputSinkTest, EndsAreThoseOfTheTransactionAlone) {
  KafkaOutputSinkFactory factory(SinkOptions("n1", {output_}));
  const auto sink = Make(factory);
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 50; ++i) Append(*sink, std::to_string(round), 0);
    if (round == 7) Append(*sink, "once", 1);
    const CommitReport report = Commit(*sink, round);
    ASSERT_EQ(report.outcome, CommitOutcome::kCommitted) << report.why.message;
    ASSERT_EQ(report.ends.size(), round == 7 ? 2U : 1U);
    EXPECT_EQ(report.ends[0], (LogPosition{{output_, 0}, round * 51 + 50})) << "each transaction leaves a marker";
  }
  EXPECT_EQ(Committed(), 19);
  EXPECT_EQ(factory.replaced(), 0U) << "nothing was lost, so nothing had to be replaced";
}

// Answers go to a topic of the asker's, with partitions of his own.
TEST_F(OutputSinkTest, ARecordWithoutAPartitionIsPlacedByItsKey) {
  KafkaOutputSinkFactory factory(SinkOptions("n1", {output_}));
  const auto sink = Make(factory);
  std::vector<std::vector<std::string>> expected(2);
  const std::vector<runtime::Header> headers = {{.name = "correlation-id", .value = "7"}};
  for (int i = 0; i < 20; ++i) {
    const std::string key = "c" + std::to_string(i * 7919);
    ASSERT_TRUE(sink->Append({output_, runtime::kByKey}, key, key, i % 2 == 0 ? headers : std::vector<runtime::Header>()));
    expected[runtime::PartitionOf(key, 2)].push_back(key);
  }
  EXPECT_EQ(Commit(*sink, 1).outcome, CommitOutcome::kCommitted);
  EXPECT_EQ(Output(0), expected[0]);
  EXPECT_EQ(Output(1), expected[1]);
}

TEST_F(OutputSinkTest, AnOwnerOfBeforeIsRefused) {
  KafkaOutputSinkFactory factory(SinkOptions("n1", {output_}));
  const std::int32_t generation = listener_.member->generation();
  const std::string& id = listener_.member->member_id();
  const KafkaMemberToken older(generation > 0 ? generation - 1 : generation + 1, id);
  const KafkaMemberToken stranger(generation, "somebody-else");
  int round = 0;
  for (int i = 0; i < 10; ++i) {
    for (const KafkaMemberToken* member : {&older, &stranger}) {
      const auto sink = Make(factory);
      Append(*sink, "zombie");
      const CommitReport report = Commit(*sink, 99, member);
      EXPECT_EQ(report.outcome, CommitOutcome::kNotCommitted) << report.why.message;
      EXPECT_THAT(report.ends, IsEmpty());
      EXPECT_FALSE(sink->Append({output_, 0}, "key", "more")) << "it is spent";
    }
    const auto sink = Make(factory);  // and whoever has the right goes on at once
    Append(*sink, std::to_string(round));
    const CommitReport report = Commit(*sink, ++round);
    ASSERT_EQ(report.outcome, CommitOutcome::kCommitted) << report.why.message;
  }
  EXPECT_EQ(Output(), Numbers(0, round));
  EXPECT_EQ(Committed(), round);
}

TEST_F(OutputSinkTest, AMemberThatWasReplacedIsRefused) {
  KafkaOutputSinkFactory factory(SinkOptions("n1", {output_}));
  const auto sink = Make(factory);
  const std::shared_ptr<const runtime::MemberToken> old = listener_.member;
  membership_.reset();  // dies
  listener_.member.reset();
  Join();  // the same node again: the same generation, another member
  Append(*sink, "zombie");
  const CommitReport report = Commit(*sink, 99, old.get());
  EXPECT_EQ(report.outcome, CommitOutcome::kNotCommitted) << report.why.message;
  EXPECT_THAT(Output(), IsEmpty());
  EXPECT_EQ(Committed(), -1);
}

TEST_F(OutputSinkTest, TheSecondSinkOfAWorkerFencesTheFirst) {
  KafkaOutputSinkFactory one(SinkOptions("n1", {output_}));
  KafkaOutputSinkFactory two(SinkOptions("n1", {output_}));
  const auto first = Make(one);
  const auto other_worker = Make(one, 1);
  Append(*first, "first");
  const auto second = Make(two);
  const CommitReport report = Commit(*first, 99);
  EXPECT_EQ(report.outcome, CommitOutcome::kUnknown);
  EXPECT_THAT(report.ends, IsEmpty());
  Append(*second, "second");
  EXPECT_EQ(Commit(*second, 1).outcome, CommitOutcome::kCommitted);
  Append(*other_worker, "other worker");
  EXPECT_EQ(Commit(*other_worker, 2).outcome, CommitOutcome::kCommitted);
  EXPECT_THAT(Output(), ElementsAre("second", "other worker"));
  EXPECT_EQ(Committed(), 2);
}

TEST_F(OutputSinkTest, ANewSinkGoesOnWhereAnotherWasDropped) {
  KafkaOutputSinkFactory factory(SinkOptions("n1", {output_}));
  for (int round = 0; round < 15; ++round) {
    {
      const auto dropped = Make(factory);
      Append(*dropped, "dropped");
    }
    const auto sink = Make(factory);
    Append(*sink, std::to_string(round));
    const CommitReport report = Commit(*sink, round);
    ASSERT_EQ(report.outcome, CommitOutcome::kCommitted) << report.why.message;
  }
  EXPECT_EQ(Output(), Numbers(0, 15));
}

TEST_F(OutputSinkTest, AFullBufferIsWaitedOut) {
  OutputSinkOptions options = SinkOptions("n1", {output_});
  options.client.settings["queue.buffering.max.messages"] = "500";
  KafkaOutputSinkFactory factory(options);
  const auto sink = Make(factory);
  for (int i = 0; i < 5'000; ++i) Append(*sink, std::to_string(i));
  const CommitReport report = Commit(*sink, 1);
  EXPECT_EQ(report.outcome, CommitOutcome::kCommitted) << report.why.message;
  EXPECT_EQ(Output(), Numbers(0, 5'000));
}

TEST_F(OutputSinkTest, ARecordThatIsTooLargeStopsTheProcess) {
  KafkaOutputSinkFactory factory(SinkOptions("n1", {output_}));
  const auto sink = Make(factory);
  Append(*sink, "fits");
  ASSERT_TRUE(sink->Append({output_, 1}, "key", std::string(2'000'000, 'x')));
  const CommitReport report = Commit(*sink, 1);
  EXPECT_NE(report.outcome, CommitOutcome::kCommitted);
  EXPECT_EQ(report.why.recovery, Recovery::kStopProcess);
  EXPECT_THAT(report.why.message, HasSubstr(topics()[output_] + " [1]: a record of 2000003 bytes"));
  EXPECT_THAT(report.why.message, HasSubstr("message.max.bytes"));
  EXPECT_FALSE(sink->Append({output_, 0}, "key", "fits"));
  EXPECT_THAT(Output(), IsEmpty());
}

// The broker hangs until a request has been given up and sent again: from then on nobody knows what is still on its way.
TEST_F(OutputSinkTest, AProducerWithALostRequestIsReplaced) {
  OutputSinkOptions options = SinkOptions("n1", {output_});
  options.client.settings["socket.timeout.ms"] = "1000";
  std::atomic<bool> frozen = false;
  options.client.log = [&](LogLevel, std::string_view text) {
    if (text.find("REQTMOUT") != std::string_view::npos && frozen.exchange(false)) broker().Thaw();
  };
  KafkaOutputSinkFactory factory(options);
  const auto sink = Make(factory);
  Append(*sink, "before");
  ASSERT_EQ(Commit(*sink, 1).outcome, CommitOutcome::kCommitted);
  Append(*sink, "frozen");
  frozen = true;
  broker().Freeze();
  const CommitReport report = Commit(*sink, 2);
  if (frozen.exchange(false)) broker().Thaw();
  ASSERT_EQ(report.outcome, CommitOutcome::kCommitted) << report.why.message;
  EXPECT_EQ(factory.replaced(), 0U) << "not before it is needed";
  Append(*sink, "after");
  EXPECT_EQ(factory.replaced(), 1U);
  ASSERT_EQ(Commit(*sink, 3).outcome, CommitOutcome::kCommitted);
  Append(*sink, "later");
  EXPECT_EQ(factory.replaced(), 1U);
  ASSERT_EQ(Commit(*sink, 4).outcome, CommitOutcome::kCommitted);
  EXPECT_THAT(Output(), ElementsAre("before", "frozen", "after", "later"));
  EXPECT_EQ(Committed(), 4);
}

TEST_F(OutputSinkTest, AnUnreachableClusterIsToRetry) {
  OutputSinkOptions options = SinkOptions("n1", {output_});
  options.client.settings["bootstrap.servers"] = "127.0.0.1:1";
  options.transaction_timeout = Milliseconds(1'000);
  KafkaOutputSinkFactory factory(options);
  const auto sink = factory.Make(0);
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().recovery, Recovery::kRetry);
}

// A worker in small: reads, copies, commits; after anything but a commit it begins again from the committed position.
TEST_F(OutputSinkTest, EachRecordIsCopiedOnceAndInOrderThoughTheBrokerIsKilled) {
  constexpr int kRecords = 2'000;
  constexpr int kPerCommit = 20;
  Fill(input_, 0, 0, kRecords);
  KafkaOutputSinkFactory factory(SinkOptions("n1", {output_}));
  const auto source = Source();
  const auto directory = Directory();
  const LogId log{input_, 0};
  std::thread restart;
  std::unique_ptr<OutputSink> sink;
  const auto poll = [&](Milliseconds at_most) {
    const Result<void> polled = membership_->Poll(at_most);
    EXPECT_TRUE(polled) << polled.error().message;
    return polled.has_value();
  };
  int commits = 0;
  int unknown = 0;
  std::int64_t position = 0;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (position < kRecords && std::chrono::steady_clock::now() < until) {
    if (!poll(Milliseconds(0))) break;
    if (!sink) {
      auto made = factory.Make(0);
      if (!made) continue;
      const auto committed = directory->Committed(std::vector{log});
      if (!committed) continue;
      sink = std::move(*made);
      source->Unassign(std::vector{log});
      position = committed->front().value_or(0);
      ASSERT_TRUE(source->Assign(std::vector{LogPosition{log, position}}));
    }
    Result<void> appended;
    for (const std::string& value : ValuesOf(TakeSome(*source, log, kPerCommit))) {
      if (appended) appended = sink->Append({output_, 0}, "key", value);
    }
    if (++commits == 30) {  // some answers of the commit that follows may be lost
      broker().Kill();
      restart = std::thread([&] { broker().StartAgain(); });
    }
    while (!listener_.member && poll(Milliseconds(20))) continue;
    if (!listener_.member) break;
    if (!appended || Commit(*sink, source->Position(log)).outcome != CommitOutcome::kCommitted) {
      ++unknown;
      sink.reset();
      continue;
    }
    position = source->Position(log);
  }
  if (restart.joinable()) restart.join();
  EXPECT_EQ(Output(), Numbers(0, kRecords));
  EXPECT_EQ(Committed(), kRecords);
  RecordProperty("commits", commits);
  RecordProperty("not_committed", unknown);
  RecordProperty("replaced", static_cast<int>(factory.replaced()));
}

}  // namespace
}  // namespace antiphon::kafka
