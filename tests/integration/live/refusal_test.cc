#include <signal.h>

#include <filesystem>
#include <fstream>

#include "tests/integration/live/live_test.h"

namespace antiphon::live {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST_F(LiveTest, IsRefusedWithoutItsTopics) {
  const std::string process = WriteProcess();
  const Done without_input = Antiphon({"run", "--process", process});
  EXPECT_EQ(without_input.code, 2);
  EXPECT_THAT(without_input.printed, HasSubstr("error: " + Input()));

  test::CreateTopic(address(), Input(), 2);
  const Done without_kept = Antiphon({"run", "--process", process});
  EXPECT_EQ(without_kept.code, 2);
  EXPECT_THAT(without_kept.printed, AllOf(HasSubstr("error: " + Topic("state")), HasSubstr("antiphon topics --process FILE")));

  // One with the wrong size, one that would forget.
  test::CreateTopic(address(), Topic("journal"), 3);
  test::CreateTopic(address(), Topic("state"), 2);
  const Done wrong = Antiphon({"run", "--process", process});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.printed, HasSubstr(Topic("journal") + ": 3 partitions, should be 2"));
  EXPECT_THAT(wrong.printed, AllOf(HasSubstr(Topic("state") + ": cleanup.policy is delete, should be compact"),
                                   HasSubstr("kafka-configs.sh"), HasSubstr("cleanup.policy=compact")));
}

TEST_F(LiveTest, IsRefusedWhenSomebodyMovedTheOffsets) {
  const std::string process = MakeEstate();
  Feed(process, {"--customers", "20", "--days", "10"});
  const auto first = Run(process);
  ASSERT_TRUE(HasReadAll(*first)) << first->printed();
  Stop(*first);
  test::RawProducer somebody(address(), "somebody");
  somebody.Begin();
  somebody.SendOffset(group(), Input(), 1, 3);
  somebody.Commit();
  const auto second = Run(process);
  EXPECT_EQ(second->Wait(), 1) << second->printed();
  EXPECT_THAT(second->printed(), AllOf(HasSubstr(Input() + "[1]: the group stands at offset 3"), HasSubstr("--reset-offsets")));
}

TEST_F(LiveTest, StopsWhenAPartitionIsAddedToAnInput) {
  const std::string process = MakeEstate();
  const auto run = Run(process);
  ASSERT_TRUE(run->Prints("partition 1: " + std::string(kActive))) << run->printed();
  Feed(process, {"--customers", "20", "--days", "5"});
  ASSERT_TRUE(HasReadAll(*run)) << run->printed();
  test::AddPartitions(address(), Input(), 3);
  EXPECT_EQ(run->Wait(), 1) << run->printed();
  EXPECT_THAT(run->printed(), AllOf(HasSubstr(Input()), HasSubstr("3"), HasSubstr("partitions")));
  const Done again = Antiphon({"run", "--process", process});
  EXPECT_EQ(again.code, 2) << again.printed;
}

TEST_F(LiveTest, SaysThatAnInputIsGoneAndLosesNothing) {
  const std::string process = MakeEstate();
  const auto run = Run(process);
  ASSERT_TRUE(run->Prints("partition 1: " + std::string(kActive))) << run->printed();
  Feed(process, {"--customers", "20", "--days", "10"});
  ASSERT_TRUE(HasReadAll(*run)) << run->printed();
  const auto contacts = ValuesOf(Topic("contacts"), 2);
  test::DeleteTopic(address(), Input());
  EXPECT_TRUE(run->Prints(Input())) << run->printed();
  EXPECT_EQ(run->Wait(), 1) << run->printed();
  EXPECT_THAT(run->printed(), HasSubstr(Input()));
  EXPECT_EQ(ValuesOf(Topic("contacts"), 2), contacts);
}

TEST_F(LiveTest, SaysThatTheDiskIsFullAndLosesNothing) {
  const std::string process = MakeEstate();
  Feed(process, {"--customers", "50", "--days", "10"});
  std::filesystem::create_directories(StateOf("a"));
  {
    const ChildOptions::Disk disk{.folder = StateOf("a"), .bytes = std::size_t{64} << 20U};
    Child full({.arguments = {"run", "--process", process}, .environment = {}, .disk = disk});
    if (!full.Prints(kActive) && full.Wait() == Child::kNoDisk) GTEST_SKIP() << "\nnot run: a full disk (no small one can be mounted here)";
    ASSERT_TRUE(HasReadAll(full)) << full.printed();
    std::ofstream(full.Root() + StateOf("a") + "/of-another") << std::string(std::size_t{50} << 20U, '.');
    EXPECT_EQ(full.Wait(), 1) << full.printed();
    EXPECT_THAT(full.printed(), AllOf(HasSubstr(StateOf("a")), HasSubstr("make room, then start again")));
  }
  Feed(process, {"--customers", "50", "--days", "20"});
  const auto run = Run(process);
  ASSERT_TRUE(HasReadAll(*run)) << run->printed();
  Stop(*run);
  ExpectVerified(process);
}

}  // namespace
}  // namespace antiphon::live
