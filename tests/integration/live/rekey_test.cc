#include <signal.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "services/runtime/partitioner.h"
#include "tests/integration/live/live_test.h"

namespace antiphon::live {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr std::int32_t kPartitions = 3;
constexpr std::int32_t kCardPartitions = 5;

class RekeyLiveTest : public LiveTest {
 protected:
  [[nodiscard]] std::string Cards() const { return Topic("cards"); }

  // An input keyed by the customer in 3 partitions, and one keyed by the card in 5.
  std::string MakeBank() {
    test::CreateTopic(address(), Cards(), kCardPartitions);
    return MakeEstate({.node = "a",
                       .topology = "tests/simulation/topology",
                       .partitions = kPartitions,
                       .input_more = "key: customer}\n  - {topic: " + Cards() + ", format: json, key: other, customers: holders"});
  }

  // A booking by card `number`, of one or two customers.
  void Book(test::RawProducer& bank, int number) {
    const std::int32_t card = number % 7;
    std::string holders = "\"c" + std::to_string(card) + "\"";
    if (card % 2 == 0) holders += ",\"c" + std::to_string(card + 10) + "\"";
    bank.Send(Cards(),
              {.partition = card % kCardPartitions,
               .key = "card" + std::to_string(card),
               .value = R"({"id":"b)" + std::to_string(number) + R"(","type":"paid","time":)" +
                        std::to_string(1'772'323'200'000 + std::int64_t{number} * 1'000) + R"(,"amount":950,"holders":[)" + holders + "]}",
               .headers = {{"trace", "t" + std::to_string(number)}}});
    expected_ += card % 2 == 0 ? 2 : 1;
  }

  [[nodiscard]] bool HasDecidedAll(Child& child) {
    return Reaches(child, group() + "-rekey", Cards(), kCardPartitions) && Reaches(child, group(), Topic("rekeyed"), kPartitions);
  }

  // Each handed record once, to the partition of its customer.
  void ExpectHandedOnce() {
    std::set<std::pair<std::string, std::string>> seen;
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      for (const auto& record : test::ReadAll(address(), Topic("rekeyed"), partition)) {
        const std::string customer = record.key.value_or("");
        EXPECT_EQ(runtime::PartitionOf(customer, kPartitions), static_cast<std::uint32_t>(partition));
        const auto source = std::ranges::find(record.headers, "antiphon-source", &std::pair<std::string, std::string>::first);
        ASSERT_NE(source, record.headers.end());
        EXPECT_TRUE(seen.emplace(source->second, customer).second) << source->second << " twice to " << customer;
        EXPECT_THAT(record.headers, Contains(Pair("trace", ::testing::StartsWith("t"))));
      }
    }
    EXPECT_EQ(seen.size(), expected_);
  }

  std::size_t expected_ = 0;
};

TEST_F(RekeyLiveTest, HandsEachRecordOnceToEachOfItsCustomersWhateverDies) {
  const std::string process = MakeBank();
  test::RawProducer bank(address());
  int number = 0;
  for (const char* point : {"rekeyed:1", "rekey_committed:1", "sealed:1", "rekeyed:2"}) {
    for (const int until = number + 200; number < until; ++number) Book(bank, number);
    bank.Flush();
    const auto killed = Run(process, {{"ANTIPHON_KILL_AT", point}});
    if (std::string(point) == "rekeyed:2") {  // when the first transaction is through, there must be something for a second
      ASSERT_TRUE(killed->Prints("re-keying: assigned 5 partitions")) << killed->printed();
      const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
      while (killed->Read(20) && std::chrono::steady_clock::now() < until) {
        Book(bank, number++);
        bank.Flush();
      }
    }
    EXPECT_EQ(killed->Wait(), -SIGKILL) << point << "\n" << killed->printed();
  }
  bank.Send(Cards(), {.partition = 4, .key = "card4", .value = "nonsense"});
  bank.Flush();
  const auto last = Run(process);
  ASSERT_TRUE(HasDecidedAll(*last)) << last->printed();
  Stop(*last);
  ExpectHandedOnce();
  ExpectVerified(process);
  // A joint account's transaction is one decision for each holder.
  EXPECT_THAT(ValuesOf(Topic("decisions"), kPartitions), AllOf(Contains(HasSubstr(R"("c0")")), Contains(HasSubstr(R"("c10")"))));

  const Done letters = Antiphon({"dead-letters", "--process", process});
  EXPECT_THAT(letters.printed, AllOf(HasSubstr(Cards() + ":4:"), HasSubstr("not_json"), HasSubstr("1 dead letters")));
}

TEST_F(RekeyLiveTest, AnInputThatBreaksItsKeyIsRefusedAndRunsOnceItIsRekeyed) {
  const std::string process = MakeEstate({.node = "a", .topology = "tests/simulation/topology", .partitions = 2, .input_more = {}});
  test::RawProducer bank(address());
  const auto right = static_cast<std::int32_t>(runtime::PartitionOf("c1", 2));
  const std::string value = R"({"id":"e1","type":"paid","time":1772323200000,"customer":"c1","amount":950})";
  bank.Send(Input(), {.partition = right, .key = "c1", .value = value});
  bank.Send(Input(), {.partition = right, .key = "c1", .value = "nonsense"});
  bank.Send(Input(), {.partition = 1 - right, .key = "account-1", .value = value});
  bank.Flush();
  const Done refused = Antiphon({"run", "--process", process});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.printed,
              AllOf(HasSubstr("1 of the 2 latest records"), HasSubstr(Input() + "[" + std::to_string(1 - right) + "] at offset 0"),
                    HasSubstr("belongs in partition " + std::to_string(right) + " of 2"), HasSubstr("write `key: other`")));

  const std::string other =
      WriteProcess({.node = "a", .topology = "tests/simulation/topology", .partitions = 2, .input_more = "key: other"});
  const Done made = Antiphon({"topics", "--process", other, "--create", "--partitions", "2"});
  EXPECT_EQ(made.code, 0) << made.printed;
  const auto run = Run(other);
  ASSERT_TRUE(Reaches(*run, group() + "-rekey", Input(), 2)) << run->printed();
  ASSERT_TRUE(Reaches(*run, group(), Topic("rekeyed"), 2)) << run->printed();
  Stop(*run);
  ExpectVerified(other);
  EXPECT_THAT(ValuesOf(Topic("rekeyed"), 2), SizeIs(2));
}

}  // namespace
}  // namespace antiphon::live
