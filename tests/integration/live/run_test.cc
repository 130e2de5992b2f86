#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/integration/live/live_test.h"

namespace antiphon::live {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> Sorted(std::vector<std::string> lines) {
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> LinesOf(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST_F(LiveTest, WritesWhatReplaySaysOfTheSameLogAndLeavesInOrder) {
  const std::string process = MakeEstate();
  const std::vector<std::string> bank{"--customers", "200", "--days", "20"};
  Feed(process, bank);
  const auto first = Run(process);
  ASSERT_TRUE(HasReadAll(*first)) << first->printed();
  Stop(*first);
  const std::vector<std::string> contacts = ValuesOf(Topic("contacts"), 2);
  EXPECT_FALSE(contacts.empty());

  // A restart goes on where the first run ended: nothing is said twice.
  const auto second = Run(process);
  ASSERT_TRUE(second->Prints("partition 1: " + std::string(kActive))) << second->printed();
  Stop(*second);
  EXPECT_EQ(ValuesOf(Topic("contacts"), 2), contacts);
  ExpectVerified(process);

  const std::string log = Folder() + "/log.jsonl";
  std::vector<std::string> simulate{"simulate", "--out", log};
  simulate.insert(simulate.end(), bank.begin(), bank.end());
  ASSERT_EQ(Antiphon(simulate).code, 0);
  const std::string topology = ANTIPHON_SOURCE_DIR "/topologies/retail-bank";
  const Done replayed = Antiphon({"replay", "--topology", topology, "--partitions", "2", "--out", Folder() + "/replay", log});
  ASSERT_EQ(replayed.code, 0) << replayed.printed;
  EXPECT_EQ(Sorted(contacts), Sorted(LinesOf(Folder() + "/replay/contacts.jsonl")));
  EXPECT_EQ(Sorted(ValuesOf(Topic("decisions"), 2)), Sorted(LinesOf(Folder() + "/replay/decisions.jsonl")));

  // Kafka's own tools: a reader in Java sees the committed records, the group's positions and lag are there.
  const std::string read = broker().Tool("org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server BOOTSTRAP --topic " +
                                         Topic("contacts") + " --from-beginning --isolation-level read_committed --max-messages " +
                                         std::to_string(contacts.size()) + " --timeout-ms 20000");
  std::vector<std::string> seen;
  std::istringstream lines(read);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('{')) seen.push_back(line);
  }
  EXPECT_EQ(Sorted(seen), Sorted(contacts)) << read.substr(0, 500);
  const std::string described = broker().Tool(
      "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server BOOTSTRAP --describe --group " + group());
  EXPECT_THAT(described, HasSubstr(Input()));
  EXPECT_THAT(described, HasSubstr("LAG"));
}

TEST_F(LiveTest, GoesOnAfterAKillAtEachPointOfACommit) {
  const std::string process = MakeEstate();
  const std::string log = Folder() + "/log.jsonl";
  ASSERT_EQ(Antiphon({"simulate", "--customers", "100", "--days", "20", "--out", log}).code, 0);
  const std::vector<std::string> lines = LinesOf(log);
  const std::vector<std::string> points{"applied", "sealed", "committed", "half_stored", "stored", "restoring"};
  const std::size_t share = lines.size() / points.size();
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::string slice;
    for (std::size_t line = i * share; line < (i + 1) * share; ++line) slice += lines[line] + "\n";
    Feed(process, {"--log", WriteFile("slice.jsonl", slice)});
    if (points[i] == "restoring") std::filesystem::remove_all(StateOf("a"));
    const auto killed = Run(process, {{"ANTIPHON_KILL_AT", points[i] + ":1"}});
    EXPECT_EQ(killed->Wait(), -SIGKILL) << points[i] << "\n" << killed->printed();
  }
  const auto last = Run(process);
  ASSERT_TRUE(HasReadAll(*last)) << last->printed();
  Stop(*last);
  ExpectVerified(process);
}

TEST_F(LiveTest, RestoresAStateFolderThatIsGone) {
  const std::string process = MakeEstate();
  Feed(process, {"--customers", "50", "--days", "10"});
  const auto first = Run(process);
  ASSERT_TRUE(HasReadAll(*first)) << first->printed();
  Stop(*first);
  std::filesystem::remove_all(StateOf("a"));
  Feed(process, {"--customers", "50", "--days", "20"});  // the first half of it is known: duplicates
  const auto second = Run(process);
  ASSERT_TRUE(HasReadAll(*second)) << second->printed();
  EXPECT_THAT(second->printed(), ::testing::Not(HasSubstr("partition 0: up to date after 0 records")));
  Stop(*second);
  ExpectVerified(process);
}

TEST_F(LiveTest, ASecondProcessOfOneNameEndsOneOfThemWithAClearMessage) {
  const std::string process = MakeEstate();
  const auto first = Run(process);
  ASSERT_TRUE(first->Prints("partition 1: " + std::string(kActive))) << first->printed();
  // On another machine: with a state folder of its own.
  std::filesystem::rename(StateOf("a"), StateOf("away"));
  const auto second = Run(process);
  while (first->Read(100) && second->Read(100)) {
  }
  Child& ended = first->Read(0) ? *second : *first;
  Child& stays = &ended == first.get() ? *second : *first;
  EXPECT_EQ(ended.Wait(), 1) << ended.printed();
  EXPECT_THAT(ended.printed(), HasSubstr("node")) << ended.printed();
  Feed(process, {"--customers", "50", "--days", "10"});
  ASSERT_TRUE(HasReadAll(stays)) << stays.printed();
  Stop(stays);
  ExpectVerified(process);
}

TEST_F(LiveTest, ANodeTakesOverWhatADeadOneHad) {
  const std::string a = MakeEstate();
  const std::string b = WriteProcess({.node = "b", .topology = "topologies/retail-bank", .partitions = 2, .input_more = {}});
  const auto dies = Run(a);
  const auto lives = Run(b);
  // One partition each, once both are members.
  const auto has_one = [](const Child& child) { return child.printed().find("assigned 1 partitions") != std::string::npos; };
  while (!(has_one(*dies) && has_one(*lives)) && dies->Read(100) && lives->Read(100)) {
  }
  ASSERT_TRUE(has_one(*dies) && has_one(*lives)) << dies->printed() << lives->printed();
  Feed(a, {"--customers", "50", "--days", "10"});
  ASSERT_TRUE(HasReadAll(*lives)) << lives->printed();
  dies->Signal(SIGKILL);
  Feed(a, {"--customers", "50", "--days", "20"});
  ASSERT_TRUE(HasReadAll(*lives)) << lives->printed();
  Stop(*lives);
  ExpectVerified(b);
}

}  // namespace
}  // namespace antiphon::live
