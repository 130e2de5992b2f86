#include <signal.h>

#include <algorithm>

#include "tests/integration/live/live_test.h"

namespace antiphon::live {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

const std::string kSmall = "tests/simulation/topology";

std::string Paid(std::int64_t number, const std::string& customer) {
  return R"({"id":"e)" + std::to_string(number) + R"(","type":"paid","time":)" + std::to_string(1'772'323'200'000 + number * 1000) +
         R"(,"customer":")" + customer + R"(","amount":950})";
}

TEST_F(LiveTest, APoisonRecordAtAnyPlaceOfABatchIsADeadLetterAndIsSentAgainOnce) {
  const std::string process = MakeEstate({.node = "a", .topology = kSmall, .partitions = 1, .input_more = {}});
  test::RawProducer bank(address());
  const std::vector<std::string> poisons{"nonsense", R"({"id":"x","type":"paid","time":"no","customer":"c"})", std::string("\xff\x00{", 3)};
  int number = 0;
  for (const std::string& poison : poisons) {  // first, middle, last
    bank.Send(Input(), {.partition = 0, .key = "k\x01y", .value = poison, .headers = {{"trace", "t1"}}});
    for (int i = 0; number < 40 && i < 20; ++i, ++number) bank.Send(Input(), {.partition = 0, .key = "c1", .value = Paid(number, "c1")});
  }
  bank.Flush();
  const auto run = Run(process);
  ASSERT_TRUE(HasReadAll(*run, 1)) << run->printed();
  EXPECT_THAT(ValuesOf(Topic("dead-letters"), 1), SizeIs(3));

  const auto letters = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"dead-letters", "--process", process};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Antiphon(arguments);
  };
  const Done listed = letters({});
  EXPECT_EQ(listed.code, 0);
  EXPECT_THAT(listed.printed,
              AllOf(HasSubstr(Input() + ":0:0  not_json"), HasSubstr(Input() + ":0:21  no_time"), HasSubstr("3 dead letters")));
  EXPECT_LT(listed.printed.find(Input() + ":0:42"), listed.printed.find(Input() + ":0:21"));  // newest first
  EXPECT_THAT(letters({"--reason", "no_time"}).printed, AllOf(HasSubstr("1 dead letters"), HasSubstr("what to do")));
  EXPECT_THAT(letters({"--show", Input() + ":0:42"}).printed, HasSubstr("00000000  ff 00 7b"));

  const std::string first = Input() + ":0:0";
  EXPECT_EQ(letters({"--redrive", first}).code, 1);  // says what it would do
  EXPECT_THAT(test::ReadAll(address(), Input(), 0), SizeIs(43));
  EXPECT_EQ(letters({"--redrive", first, "--yes"}).code, 0);
  EXPECT_EQ(letters({"--redrive", first, "--yes"}).code, 0);  // not twice
  const auto records = test::ReadAll(address(), Input(), 0);
  ASSERT_THAT(records, SizeIs(44));
  EXPECT_EQ(records.back().value, "nonsense");
  EXPECT_EQ(records.back().key, "k\x01y");
  EXPECT_THAT(records.back().headers, AllOf(Contains(Pair("trace", "t1")), Contains(Pair("antiphon-redrive-of", first))));
  EXPECT_EQ(letters({"--redrive", first, "--yes", "--again"}).code, 0);
  EXPECT_THAT(test::ReadAll(address(), Input(), 0), SizeIs(45));
  EXPECT_EQ(letters({"--redrive", Input() + ":0:5", "--yes"}).code, 1);  // no dead letter

  // Two more of them by now, and the notes are no difference to verify.
  ASSERT_TRUE(HasReadAll(*run, 1)) << run->printed();
  Stop(*run);
  EXPECT_THAT(letters({"--all", "--reason", "not_json"}).printed, HasSubstr("3 records would be sent again"));
  ExpectVerified(process);
}

TEST_F(LiveTest, SendsBytesOfTheLetterWhereTheTopicHasLostTheRecord) {
  const std::string process = MakeEstate({.node = "a", .topology = kSmall, .partitions = 1, .input_more = {}});
  test::RawProducer bank(address());
  bank.Send(Input(), {.partition = 0, .key = "c1", .value = "nonsense"});
  bank.Send(Input(), {.partition = 0, .key = "c1", .value = Paid(1, "c1")});
  bank.Flush();
  const auto run = Run(process);
  ASSERT_TRUE(HasReadAll(*run, 1)) << run->printed();
  Stop(*run);
  test::DeleteRecords(address(), Input(), 0, 1);
  const Done sent = Antiphon({"dead-letters", "--process", process, "--redrive", Input() + ":0:0", "--yes"});
  EXPECT_EQ(sent.code, 0) << sent.printed;
  const auto records = test::ReadAll(address(), Input(), 0);
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records.back().value, "nonsense");
}

TEST_F(LiveTest, AnswersARequestOnItsReplyTopicWithItsCorrelationId) {
  const std::string answers = Topic("answers");
  test::CreateTopic(address(), answers, 1);
  const std::string process = MakeEstate({.node = "a", .topology = kSmall, .partitions = 1, .input_more = "replies: " + answers});
  test::RawProducer bank(address());
  bank.Send(Input(), {.partition = 0, .key = "c1", .value = Paid(1, "c1")});
  bank.Send(Input(), {.partition = 0,
                      .key = "c1",
                      .value = R"({"id":"r1","type":"asked","time":1772323300000,"customer":"c1","request_id":"q1","channel":"desk",)"
                               R"("placement":"desk","slots":1,"interaction_id":"i1"})",
                      .headers = {{"correlation-id", "corr-7"}}});
  bank.Flush();
  const auto run = Run(process);
  ASSERT_TRUE(HasReadAll(*run, 1)) << run->printed();
  Stop(*run);
  const auto replies = test::ReadAll(address(), answers, 0);
  ASSERT_THAT(replies, SizeIs(1)) << run->printed();
  EXPECT_THAT(replies.front().value.value_or(""), AllOf(HasSubstr(R"("kind":"answer")"), HasSubstr(R"("request_id":"q1")")));
  EXPECT_THAT(replies.front().headers, Contains(Pair("correlation-id", "corr-7")));
}

TEST_F(LiveTest, AFeedThatIsInterruptedSaysWhatItDelivered) {
  const std::string process = MakeEstate({.node = "a", .topology = "topologies/retail-bank", .partitions = 2, .input_more = {}});
  Child feed({.arguments = {"simulate", "--process", process, "--customers", "500", "--days", "200", "--rate", "20"},
              .environment = {},
              .disk = {}});
  std::size_t there = 0;  // slow enough that a reader comes to the end between two records
  while (there < 5 && feed.Read(50)) there = ValuesOf(Input(), 2).size();
  feed.Signal(SIGINT);
  EXPECT_EQ(feed.Wait(), 130) << feed.printed();
  const std::string count = std::to_string(ValuesOf(Input(), 2).size());
  EXPECT_THAT(feed.printed(), HasSubstr("interrupted: " + count + " of " + count + " records delivered to " + Input()));
}

TEST_F(LiveTest, AFeedOfALogKeysEventsAndSendsControlRecordsToTheirTopic) {
  const std::string process = MakeEstate({.node = "a", .topology = kSmall, .partitions = 2, .input_more = {}});
  const std::string log =
      Paid(1, "c\\u0031") + "\n" + R"({"type":"control.pause","time":1772323300000,"offer":"invest"})" + "\n\n" + Paid(2, "c2") + "\n";
  Feed(process, {"--log", WriteFile("log.jsonl", log)});
  EXPECT_THAT(ValuesOf(Topic("control"), 1), SizeIs(1));
  std::vector<std::string> keys;
  for (const std::int32_t partition : {0, 1}) {
    for (const auto& record : test::ReadAll(address(), Input(), partition)) keys.push_back(record.key.value_or("(null)"));
  }
  std::ranges::sort(keys);
  EXPECT_EQ(keys, (std::vector<std::string>{"c1", "c2"}));
  const Done missing = Antiphon({"simulate", "--process", process, "--topic", "nowhere"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.printed, HasSubstr("nowhere is no input of this process; its inputs are " + Input()));
}

}  // namespace
}  // namespace antiphon::live
