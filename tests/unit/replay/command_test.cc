#include "services/replay/command.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "services/files/output_file.h"
#include "services/formats/journal.h"
#include "tests/unit/replay/scratch_folder.h"

namespace antiphon::replay {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kTopology = R"(antiphon: 1
name: small
timezone: Europe/Prague
default_language: en
languages: [en]
events: {a: {fields: {x: string}}}
envelope: {customer: customer, source: core}
)";

// `antiphon replay --journal` over a journal that a test writes itself: of one line of standard input, so that no log is needed.
class JournalCommandTest : public testing::Test {
 protected:
  JournalCommandTest() {
    std::filesystem::create_directory(scratch_.PathOf("topology"));
    EXPECT_TRUE(files::WriteWholeFile(scratch_.PathOf("topology/topology.yaml"), kTopology).has_value());
  }

  std::string WriteJournal(const std::string& name, std::uint32_t semantics_version) {
    const std::string path = scratch_.PathOf(name);
    auto journal = formats::JournalWriter::Create(path, {.semantics_version = semantics_version,
                                                         .topology_version = {.high = 1, .low = 2},
                                                         .partitions = 4,
                                                         .sources = {{.position = 0, .name = "-", .digest = {}, .bytes = 0}}});
    EXPECT_TRUE(journal.has_value());
    formats::JournalCommit commit;
    commit.entries.emplace_back(formats::JournalRecord{
        .source = 0, .offset = 0, .bytes = R"({"type":"a","id":"1","customer":"C1","time":"2026-03-01T00:00:00Z"})"});
    EXPECT_TRUE(journal->Append(commit).has_value() && journal->Flush().has_value());
    return path;
  }

  struct Outcome {
    int code = 0;
    std::string output;
    std::string messages;
  };
  Outcome Run(const std::string& journal, bool force) {
    ReplayCommand command;
    command.topology = scratch_.PathOf("topology");
    command.out = scratch_.PathOf("out" + std::to_string(++runs_));
    command.journal = journal;
    command.force = force;
    Outcome outcome;
    char* texts[2] = {};
    std::size_t sizes[2] = {};
    std::FILE* const output = ::open_memstream(&texts[0], &sizes[0]);
    std::FILE* const messages = ::open_memstream(&texts[1], &sizes[1]);
    outcome.code = RunReplayCommand(command, output, messages);
    std::fclose(output);
    std::fclose(messages);
    outcome.output.assign(texts[0], sizes[0]);
    outcome.messages.assign(texts[1], sizes[1]);
    std::free(texts[0]);
    std::free(texts[1]);
    return outcome;
  }

  ScratchFolder scratch_;
  int runs_ = 0;
};

TEST_F(JournalCommandTest, OneOfAnotherTopologyIsFollowedAnnouncedAndNoted) {
  const Outcome outcome = Run(WriteJournal("journal", kSemanticsVersion), false);
  EXPECT_EQ(outcome.code, 0) << outcome.messages;
  EXPECT_THAT(outcome.messages,
              HasSubstr("note: the journal was written under topology version 00000000000000010000000000000002, this one is"));
  EXPECT_THAT(outcome.output, HasSubstr("Note      the journal was written under topology version 00000000000000010000000000000002"));
  EXPECT_THAT(files::ReadWholeFile(scratch_.PathOf("out1/summary.json")).value(), HasSubstr("under topology version"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("semantics")));
}

TEST_F(JournalCommandTest, OneOfAnotherEngineIsRefusedWithoutForce) {
  const std::string journal = WriteJournal("journal", kSemanticsVersion + 1);
  const Outcome refused = Run(journal, false);
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.messages, HasSubstr("semantics version " + std::to_string(kSemanticsVersion + 1)));
  EXPECT_THAT(refused.messages, HasSubstr("--force"));
  EXPECT_FALSE(std::filesystem::exists(scratch_.PathOf("out1")));
  const Outcome forced = Run(journal, true);
  EXPECT_EQ(forced.code, 0) << forced.messages;
  EXPECT_THAT(forced.messages, HasSubstr("note: the journal was written by an engine of semantics version"));
  EXPECT_THAT(forced.output, HasSubstr("Note      the journal was written by an engine of semantics version"));
}

}  // namespace
}  // namespace antiphon::replay
