#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/integration/live/live_test.h"

namespace antiphon::live {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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

class ArchiveTest : public LiveTest {
 protected:
  [[nodiscard]] std::string At() const { return Folder() + "/archive"; }
  [[nodiscard]] std::string Groups() {
    return broker().Tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server BOOTSTRAP --list");
  }
  static Done Expect(int code, std::vector<std::string> arguments) {
    Done done = Antiphon(std::move(arguments));
    EXPECT_EQ(done.code, code) << done.printed;
    return done;
  }
};

TEST_F(ArchiveTest, AnArchiveReplaysAndVerifiesARunWithoutItsCluster) {
  const std::string process = MakeEstate();
  Feed(process, {"--customers", "200", "--days", "20"});
  const auto run = Run(process);
  ASSERT_TRUE(HasReadAll(*run)) << run->printed();
  // Beside the run.
  EXPECT_THAT(Expect(0, {"export", "--process", process, "--archive", At()}).printed, HasSubstr("span 1: "));
  Feed(process, {"--customers", "200", "--days", "30"});  // the first 20 days are known
  ASSERT_TRUE(HasReadAll(*run)) << run->printed();
  Stop(*run);
  const std::string groups = Groups();
  EXPECT_THAT(Expect(0, {"export", "--process", process, "--archive", At()}).printed, HasSubstr("span 2: "));
  EXPECT_THAT(Expect(0, {"export", "--process", process, "--archive", At()}).printed, HasSubstr("nothing new"));
  Expect(0, {"verify", "--process", process, "--archive", At()});
  Expect(0, {"replay", "--process", process, "--out", Folder() + "/topics"});
  EXPECT_EQ(Groups(), groups);
  const std::vector<std::string> contacts = ValuesOf(Topic("contacts"), 2);
  const std::vector<std::string> decisions = ValuesOf(Topic("decisions"), 2);
  ASSERT_FALSE(contacts.empty());
  EXPECT_EQ(Sorted(LinesOf(Folder() + "/topics/contacts.jsonl")), Sorted(contacts));

  broker().Kill();
  EXPECT_THAT(Expect(0, {"verify", "--archive", At()}).printed, HasSubstr("equal; state digest "));
  const Done replayed = Expect(0, {"replay", "--archive", At(), "--out", Folder() + "/archived"});
  EXPECT_THAT(replayed.printed, HasSubstr("as the run had it"));
  for (const char* file : {"contacts.jsonl", "decisions.jsonl", "outbound.jsonl", "dead-letters.jsonl"}) {
    EXPECT_EQ(LinesOf(Folder() + "/archived/" + file), LinesOf(Folder() + "/topics/" + file)) << file;
  }
  EXPECT_EQ(Sorted(LinesOf(Folder() + "/archived/decisions.jsonl")), Sorted(decisions));

  // A day, and a date that the archive does not have.
  const std::string begins = Expect(2, {"verify", "--archive", At(), "--from", "2001-01-01"}).printed;
  EXPECT_THAT(begins, HasSubstr("the earliest date that it has"));
  const Done day = Expect(0, {"replay", "--archive", At(), "--from", "2026-01-20", "--to", "2026-01-21", "--out", Folder() + "/day"});
  std::vector<std::string> of_day;
  for (const std::string& line : LinesOf(Folder() + "/archived/decisions.jsonl")) {
    if (line.find("\"time\":\"2026-01-20T") != std::string::npos) of_day.push_back(line);
  }
  EXPECT_FALSE(of_day.empty());
  EXPECT_EQ(LinesOf(Folder() + "/day/decisions.jsonl"), of_day) << day.printed;
  Expect(2, {"replay", "--archive", At(), "--from", "2001-01-01", "--out", Folder() + "/early"});
  broker().StartAgain();
}

TEST_F(ArchiveTest, ARunMayGoOnWhileItIsExported) {
  const std::string process = MakeEstate();
  const auto run = Run(process);
  ASSERT_TRUE(run->Prints("partition 1: " + std::string(kActive))) << run->printed();
  Child feed({.arguments = {"simulate", "--process", process, "--customers", "300", "--days", "60", "--rate", "2500"},
              .environment = {},
              .disk = {}});
  int exports = 0;
  for (; feed.Read(0); ++exports) Expect(0, {"export", "--process", process, "--archive", At()});
  ASSERT_EQ(feed.Wait(), 0) << feed.printed();
  EXPECT_GE(exports, 2);
  ASSERT_TRUE(HasReadAll(*run)) << run->printed();
  Stop(*run);
  Expect(0, {"export", "--process", process, "--archive", At()});
  EXPECT_THAT(Expect(0, {"verify", "--archive", At()}).printed, HasSubstr("equal; state digest "));
  Expect(0, {"replay", "--archive", At(), "--out", Folder() + "/archived"});
  EXPECT_EQ(Sorted(LinesOf(Folder() + "/archived/contacts.jsonl")), Sorted(ValuesOf(Topic("contacts"), 2)));
}

}  // namespace
}  // namespace antiphon::live
