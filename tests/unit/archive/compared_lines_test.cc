#include "services/archive/compared_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/formats/dead_letter.h"
#include "services/process/topic_table.h"
#include "tests/support/memory_log/memory_ports.h"

namespace antiphon::archive {
namespace {

using orchestrator::OutputKind;
using ::testing::HasSubstr;

// A topology of no channels: contacts, decisions and dead letters are compared.
class ComparedLinesTest : public ::testing::Test {
 protected:
  ComparedLinesTest() {
    for (const process::Topic& topic : table_.topics()) {
      names_.names.push_back(topic.name);
      cluster_.CreateTopic(topic.name, 1);
    }
    for (std::uint32_t i = 0; i < table_.topics().size(); ++i) names_.with_headers.insert(i);
    process_.emplace(cluster_, "reader", names_);
    source_.emplace(*process_);
    directory_.emplace(*process_);
  }

  void Write(const std::string& value) {
    (void)cluster_.Produce({.topic = "antiphon.contacts", .partition = 0}, {.timestamp = {}, .key = {}, .value = value, .headers = {}});
  }
  ComparedLines Compare(const LineWindow& window) {
    std::vector<LogCursor::Begin> begins;
    for (const std::uint32_t topic : ComparedTopics(table_))
      begins.push_back({.log = {.topic = topic, .partition = 0}, .least = window.from});
    return {table_, 0, LogCursor::OpenAll(*source_, *directory_, clock_, begins).value(), {{"antiphon.contacts", window}}};
  }
  // Says the lines; the difference, or "".
  static std::string Say(ComparedLines& lines, const std::vector<std::string>& said) {
    for (const std::string& line : said) {
      if (!lines.Put({.kind = OutputKind::kContacts, .customer = {}, .line = line, .correlation = {}})) return lines.difference();
    }
    return lines.Finish() ? "" : lines.difference();
  }

  runtime::VirtualClock clock_{EngineTime{Milliseconds{1'000'000}}};
  memory_log::Faults faults_{1};
  memory_log::MemoryCluster cluster_{clock_, faults_};
  topology::Topology topology_;
  process::TopicTable table_ = process::TopicTable::Make({}, topology_);
  memory_log::MemoryProcess::Topics names_;
  std::optional<memory_log::MemoryProcess> process_;
  std::optional<memory_log::MemoryEventSource> source_;
  std::optional<memory_log::MemoryLogDirectory> directory_;
};

TEST_F(ComparedLinesTest, EachLineIsTheNextRecord) {
  for (const char* line : {"a", "b", "c"}) Write(line);
  auto equal = Compare({});
  EXPECT_EQ(Say(equal, {"a", "b", "c"}), "");
  EXPECT_EQ(equal.lines(), 3U);
  EXPECT_EQ(equal.cuts().at("antiphon.contacts"), 3);
}

TEST_F(ComparedLinesTest, TheFirstDifferenceNamesItsPlaceAndBothSides) {
  for (const char* line : {"a", "b"}) Write(line);
  {
    auto other = Compare({});
    EXPECT_EQ(Say(other, {"a", "x"}), "antiphon.contacts[0] at offset 1: there stands\n  b\nthe replay says\n  x");
  }
  {
    auto fewer = Compare({});
    EXPECT_EQ(Say(fewer, {"a", "b", "c"}), "antiphon.contacts[0]: nothing more stands there, the replay says\n  c");
  }
  auto more = Compare({});
  EXPECT_EQ(Say(more, {"a"}), "antiphon.contacts[0] at offset 1: the replay does not know of\n  b");
}

TEST_F(ComparedLinesTest, LinesOfCommitsBeforeArePassedOverUpToTheFirstThatFits) {
  for (const char* line : {"old", "old", "a", "b"}) Write(line);
  {
    auto lines = Compare({.from = 0, .sure = 3});
    EXPECT_EQ(Say(lines, {"a", "b"}), "");
  }
  {
    // What surely is not of before is compared.
    auto lines = Compare({.from = 0, .sure = 1});
    EXPECT_THAT(Say(lines, {"a", "b"}), HasSubstr("at offset 1: there stands\n  old"));
  }
  {
    // So is all after the first that fits.
    auto lines = Compare({.from = 0, .sure = 3});
    EXPECT_THAT(Say(lines, {"old", "b"}), HasSubstr("at offset 1: there stands\n  old"));
  }
  auto none = Compare({.from = 0, .sure = 4});
  EXPECT_EQ(Say(none, {}), "");
}

TEST_F(ComparedLinesTest, LinesOfCommitsAfterMayFollow) {
  for (const char* line : {"a", "new", "newer"}) Write(line);
  {
    auto lines = Compare({.open = 1});
    EXPECT_EQ(Say(lines, {"a"}), "");
    EXPECT_EQ(lines.cuts().at("antiphon.contacts"), 1);
  }
  auto lines = Compare({.open = 2});
  EXPECT_THAT(Say(lines, {"a"}), HasSubstr("at offset 1: the replay does not know of\n  new"));
}

TEST_F(ComparedLinesTest, ExpiredLinesAreCountedAndWhatIsLeftIsCompared) {
  for (const char* line : {"a", "b", "c", "d"}) Write(line);
  cluster_.Trim({.topic = "antiphon.contacts", .partition = 0}, 2);
  {
    auto lines = Compare({.expired = true});
    EXPECT_EQ(Say(lines, {"a", "b", "c", "d"}), "");
    EXPECT_EQ(lines.expired(), 2U);
  }
  {
    auto lines = Compare({.expired = true});
    EXPECT_THAT(Say(lines, {"a", "b", "c", "x"}), HasSubstr("at offset 3: there stands\n  d"));
  }
  auto lines = Compare({.expired = true});
  EXPECT_THAT(Say(lines, {"a", "b"}), HasSubstr("at offset 2: the replay does not know of\n  c"));
}

TEST_F(ComparedLinesTest, NotesOfRedrivesAreNoLines) {
  Write("a");
  (void)cluster_.Produce({.topic = "antiphon.contacts", .partition = 0},
                         {.timestamp = {}, .key = {}, .value = "note", .headers = {{std::string(formats::kRedriveHeader), "t:0:0"}}});
  Write("b");
  auto lines = Compare({});
  EXPECT_EQ(Say(lines, {"a", "b"}), "");
}

}  // namespace
}  // namespace antiphon::archive
