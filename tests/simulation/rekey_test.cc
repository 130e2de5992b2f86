// What re-keying means for the customers: nothing is decided before what stands in the inputs has reached them, whoever is slow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/formats/live_records.h"
#include "services/orchestrator/input_sample.h"
#include "services/runtime/partitioner.h"
#include "tests/simulation/live_world.h"
#include "tests/support/memory_log/committed_reader.h"
#include "tests/support/temporary_directory.h"

namespace antiphon::simulation {
namespace {

using memory_log::LogName;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr const char* kCustomer = "C1";

class RekeyTest : public ::testing::Test {
 protected:
  RekeyTest() {
    world_.StartNode("n1");
    for (int i = 0; i < 20; ++i) Step();
    EXPECT_THAT(node().worker().active(), SizeIs(LiveWorld::kPartitions));
  }

  LiveNode& node() { return *world_.nodes().at("n1"); }
  void StepWorker(int times = 10) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(node().StepWorker().has_value());
  }
  void StepRekeyer(int times = 10) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(node().StepRekeyer().has_value());
  }
  void Step() {
    StepWorker(1);
    StepRekeyer(1);
    Pass(Milliseconds{50});
  }
  void Pass(Milliseconds time) { world_.clock().MoveTo(world_.clock().Now() + time); }

  static std::int32_t PartitionOfCustomer() { return static_cast<std::int32_t>(runtime::PartitionOf(kCustomer, LiveWorld::kPartitions)); }
  [[nodiscard]] std::string Text(const std::string& type_and_more, Milliseconds ago = Milliseconds{0}) {
    return R"({"time":")" + FormatTime(world_.clock().Now() - ago) + R"(","customer":")" + kCustomer + R"(","type":)" + type_and_more + "}";
  }
  void ToInput(const std::string& topic, const std::string& value) {
    (void)world_.cluster().Produce({.topic = topic, .partition = PartitionOfCustomer()},
                                   {.timestamp = {}, .key = kCustomer, .value = value, .headers = {}});
  }
  void ToCards(const std::string& value) {
    (void)world_.cluster().Produce({.topic = "bank.cards", .partition = 2},
                                   {.timestamp = {}, .key = "card", .value = value, .headers = {{"correlation-id", "c-9"}}});
  }
  [[nodiscard]] std::vector<memory_log::CommittedRecord> Of(const std::string& topic) {
    std::vector<memory_log::CommittedRecord> records;
    for (std::int32_t partition = 0; partition < LiveWorld::kPartitions; ++partition) {
      const auto some = memory_log::CommittedRecords(world_.cluster(), {.topic = topic, .partition = partition});
      records.insert(records.end(), some.begin(), some.end());
    }
    return records;
  }
  [[nodiscard]] orchestrator::InputSample Sample(const std::string& topic) {
    const orchestrator::ProcessParts& parts = world_.parts("n1");
    memory_log::MemoryProcess::Topics topics;
    for (std::uint32_t i = 0; i < parts.topics->topics().size(); ++i) {
      topics.names.push_back(parts.topics->topics()[i].name);
      topics.with_headers.insert(i);
    }
    memory_log::MemoryProcess process(world_.cluster(), "sampler", topics);
    memory_log::MemoryEventSource source(process);
    memory_log::MemoryLogDirectory directory(process);
    const auto decoders = orchestrator::MakeDecoders(*parts.config, {}, *parts.topology).value();
    const auto samples = orchestrator::SampleInputs(parts, decoders, source, directory).value();
    for (const auto& sample : samples) {
      if (parts.topics->topics()[sample.input].name == topic) return sample;
    }
    ADD_FAILURE() << topic;
    return {};
  }
  // The topics of the records that the customer's partition applied, in order.
  [[nodiscard]] std::vector<std::string> Applied() {
    std::vector<std::string> topics;
    for (const auto& written :
         memory_log::CommittedRecords(world_.cluster(), {.topic = "antiphon.journal", .partition = PartitionOfCustomer()})) {
      const auto commit = formats::DecodeLiveCommit(*written.record.value).value();
      for (const formats::JournalEntry& entry : commit.entries) {
        if (const auto* range = std::get_if<formats::JournalRange>(&entry)) topics.push_back(commit.topics[range->source]);
      }
    }
    return topics;
  }

  test::TemporaryDirectory folder_;
  LiveWorld world_{7, folder_.path()};
};

// "A visit, and no payment within 90 s": the payment stands in an input that nobody has re-keyed yet.
TEST_F(RekeyTest, NoTimerFiresBeforeWhatStandsInAnInputHasReachedItsCustomer) {
  ToInput("bank.web", Text(R"("visited","page":"/")"));
  for (int i = 0; i < 10; ++i) Step();
  EXPECT_THAT(Applied(), ElementsAre("bank.web"));
  Pass(Milliseconds{60'000});
  ToCards(Text(R"("paid","amount":10)"));
  Pass(Milliseconds{60'000});
  StepWorker(50);
  EXPECT_THAT(Of("antiphon.contacts"), IsEmpty());
  for (int i = 0; i < 10; ++i) Step();
  EXPECT_THAT(Applied(), ElementsAre("bank.web", "antiphon.rekeyed"));
  Pass(Milliseconds{60'000});
  for (int i = 0; i < 10; ++i) Step();
  EXPECT_THAT(Of("antiphon.contacts"), IsEmpty());
  EXPECT_EQ(world_.Verify(), "");
}

// The re-keyer's transaction is committed, and its marker has reached the positions but not the log.
TEST_F(RekeyTest, NoTimerFiresBeforeAMarkerThatIsLate) {
  ToInput("bank.web", Text(R"("visited","page":"/")"));
  for (int i = 0; i < 10; ++i) Step();
  Pass(Milliseconds{60'000});
  const LogName rekeyed{.topic = "antiphon.rekeyed", .partition = PartitionOfCustomer()};
  world_.cluster().HoldMarkers(rekeyed);
  ToCards(Text(R"("paid","amount":10)"));
  StepRekeyer();
  ASSERT_EQ(world_.cluster().Find(rekeyed)->high_watermark(), 1);
  ASSERT_EQ(world_.cluster().Find(rekeyed)->stable_end(), 0);
  Pass(Milliseconds{60'000});
  StepWorker(50);
  EXPECT_THAT(Of("antiphon.contacts"), IsEmpty());
  world_.cluster().ReleaseMarkers(rekeyed);
  for (int i = 0; i < 10; ++i) Step();
  EXPECT_THAT(Applied(), ElementsAre("bank.web", "antiphon.rekeyed"));
  EXPECT_THAT(Of("antiphon.contacts"), IsEmpty());
}

// An input of the customers in which one record lies elsewhere.
TEST_F(RekeyTest, ASampleShowsWhatBreaksTheCustomersKey) {
  for (int i = 0; i < 30; ++i) ToInput("bank.web", Text(R"("visited","page":"/")"));
  ToInput("bank.web", "nonsense");  // a dead letter while running
  const std::int32_t wrong = (PartitionOfCustomer() + 1) % LiveWorld::kPartitions;
  const auto misplace = [&](std::vector<std::pair<std::string, std::string>> headers) {
    (void)world_.cluster().Produce(
        {.topic = "bank.web", .partition = wrong},
        {.timestamp = {}, .key = "account", .value = Text(R"("visited","page":"/")"), .headers = std::move(headers)});
  };
  misplace({{"antiphon-redrive-of", "bank.web:0:1"}});
  EXPECT_EQ(Sample("bank.web").broken, 0U);
  misplace({});
  orchestrator::InputSample sample = Sample("bank.web");
  EXPECT_EQ(sample.records, 31U);
  ASSERT_EQ(sample.broken, 1U);
  EXPECT_EQ(sample.first->log.partition, wrong);
  EXPECT_EQ(sample.first->offset, 1);
  EXPECT_EQ(sample.first->belongs, static_cast<std::uint32_t>(PartitionOfCustomer()));
  EXPECT_FALSE(sample.begun);
  const orchestrator::SampleVerdict first_start = JudgeKeys(sample, world_.parts("n1"));
  EXPECT_TRUE(first_start.refused);
  EXPECT_THAT(first_start.message, HasSubstr("1 of the 31 latest records that were looked at (4 %)"));
  EXPECT_THAT(first_start.message, HasSubstr("`key: other`"));

  // Once a run has taken it, one stray record is a dead letter and no outage.
  for (int i = 0; i < 10; ++i) Step();
  sample = Sample("bank.web");
  EXPECT_TRUE(sample.begun);
  EXPECT_FALSE(JudgeKeys(sample, world_.parts("n1")).refused);
  EXPECT_NE(JudgeKeys(sample, world_.parts("n1")).message, "");
  for (int i = 0; i < 40; ++i) misplace({});
  EXPECT_TRUE(JudgeKeys(Sample("bank.web"), world_.parts("n1")).refused);
  EXPECT_EQ(JudgeKeys(Sample("bank.payments"), world_.parts("n1")).message, "");
}

TEST_F(RekeyTest, ASampleShowsAClockThatIsWrong) {
  ToCards("nonsense");
  EXPECT_EQ(JudgeClock(Sample("bank.cards"), world_.parts("n1")), "");
  (void)world_.cluster().Produce({.topic = "bank.cards", .partition = 0},
                                 {.timestamp = world_.clock().Now() + Milliseconds{3'600'001}, .key = {}, .value = "x", .headers = {}});
  EXPECT_THAT(JudgeClock(Sample("bank.cards"), world_.parts("n1")), HasSubstr("one of the two is wrong"));
}

// An input that never rests must not hold up partitions that it has nothing for.
TEST_F(RekeyTest, AnInputThatNeverRestsHoldsNobodyUp) {
  ToInput("bank.web", Text(R"("visited","page":"/")"));
  for (int i = 0; i < 40; ++i) {
    ToCards(R"({"type":"unheard_of"})");
    Step();
    ToCards(R"({"type":"unheard_of"})");
    StepWorker(1);
  }
  EXPECT_THAT(Applied(), ElementsAre("bank.web"));
  Pass(Milliseconds{95'000});
  for (int i = 0; i < 40; ++i) {
    ToCards(R"({"type":"unheard_of"})");
    Step();
    ToCards(R"({"type":"unheard_of"})");
    StepWorker(1);
  }
  EXPECT_THAT(Of("antiphon.contacts"), ::testing::Not(IsEmpty()));
}

// What was asked for the clock's sake, and reached later, says nothing of what has come since.
TEST_F(RekeyTest, AnOldAnswerDoesNotLetARecordOvertake) {
  ToInput("bank.web", Text(R"("visited","page":"/")"));
  for (int i = 0; i < 10; ++i) Step();
  Pass(Milliseconds{95'000});
  ToCards(R"({"type":"unheard_of"})");
  StepWorker(3);  // a timer is due: it asks, and is not answered
  StepRekeyer();
  Pass(Milliseconds{1'000});
  ToCards(Text(R"("paid","amount":10)", Milliseconds{500}));
  ToInput("bank.payments", Text(R"("paid","amount":20)"));
  StepWorker(20);
  EXPECT_THAT(Applied(), ElementsAre("bank.web"));
  for (int i = 0; i < 10; ++i) Step();
  EXPECT_THAT(Applied(), ElementsAre("bank.web", "antiphon.rekeyed", "bank.payments"));
  EXPECT_EQ(world_.Verify(), "");
}

// bank.payments has `wait: 100ms`.
TEST_F(RekeyTest, ATopicThatIsWaitedForComesFirstIfItIsEarlier) {
  ToInput("bank.web", Text(R"("visited","page":"/")"));
  StepWorker(1);
  Pass(Milliseconds{30});
  StepWorker(1);
  EXPECT_THAT(Applied(), IsEmpty());
  ToInput("bank.payments", Text(R"("paid","amount":10)", Milliseconds{1'000}));
  for (int i = 0; i < 10; ++i) Step();
  EXPECT_THAT(Applied(), ElementsAre("bank.payments", "bank.web"));
}

TEST_F(RekeyTest, ATopicThatIsWaitedForInVainHoldsNothingUpForLonger) {
  ToInput("bank.web", Text(R"("visited","page":"/")"));
  StepWorker(1);
  Pass(Milliseconds{30});
  StepWorker(1);
  EXPECT_THAT(Applied(), IsEmpty());
  Pass(Milliseconds{75});
  StepWorker(2);
  EXPECT_THAT(Applied(), ElementsAre("bank.web"));
}

TEST_F(RekeyTest, AnswersGoWhereTheInputOfTheRequestSays) {
  ToCards(Text(R"("asked","id":"q","channel":"desk","placement":"desk","slots":1,"interaction_id":"i1")"));
  for (int i = 0; i < 10; ++i) Step();
  const auto answers = Of("bank.answers");
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_THAT(answers.front().record.headers, Contains(Pair("correlation-id", "c-9")));
}

TEST_F(RekeyTest, DeadLettersNameThePlaceInTheInput) {
  ToCards("nonsense");
  ToCards(Text(R"("paid","amount":1)", Milliseconds{-7'200'000}));  // later than wall time allows
  ToCards(Text(R"("paid","amount":1,"holders":[{"id":"C1"},{"id":{}}])"));
  for (int i = 0; i < 10; ++i) Step();
  std::vector<std::string> letters;
  for (const auto& letter : Of("antiphon.dead-letters")) letters.push_back(letter.record.value.value_or(""));
  ASSERT_THAT(letters, SizeIs(3));
  for (const std::string& letter : letters) EXPECT_THAT(letter, HasSubstr("bank.cards"));
  EXPECT_THAT(letters, Contains(HasSubstr("not_json")));
  EXPECT_THAT(letters, Contains(HasSubstr("time_out_of_bounds")));
  EXPECT_THAT(letters, Contains(HasSubstr("holders.id: neither a text")).Times(0));
  EXPECT_THAT(letters, Contains(HasSubstr("bad_customer")));
  EXPECT_EQ(world_.Verify(), "");
}

TEST_F(RekeyTest, WhatNoRekeyerWroteIsADeadLetterOfTheTopicItself) {
  (void)world_.cluster().Produce({.topic = "antiphon.rekeyed", .partition = PartitionOfCustomer()},
                                 {.timestamp = {}, .key = kCustomer, .value = Text(R"("paid","amount":1)"), .headers = {}});
  for (int i = 0; i < 10; ++i) Step();
  const auto letters = Of("antiphon.dead-letters");
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_THAT(letters.front().record.value.value_or(""), HasSubstr("antiphon.rekeyed"));
  EXPECT_EQ(world_.Verify(), "");
}

}  // namespace
}  // namespace antiphon::simulation
