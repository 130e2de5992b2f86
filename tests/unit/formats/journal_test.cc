#include "services/formats/journal.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/formats/log_files.h"

namespace antiphon::formats {
namespace {

JournalHeader SomeHeader() {
  return {.semantics_version = 7,
          .topology_version = {.high = 1, .low = 0xFFFFFFFFFFFFFFFF},
          .partitions = 16,
          .sources = {{.position = 0, .name = "a.jsonl.zst", .digest = {}, .bytes = 0},
                      {.position = 1, .name = "-", .digest = {}, .bytes = 0}}};
}

std::vector<JournalCommit> SomeCommits() {
  return {{.partition = 3,
           .entries = {JournalFloor{FromEpochMs(1'000)}, JournalRange{.source = 0, .partition = 0, .from = 0, .to = 4'294'967'296},
                       JournalTick{FromEpochMs(-5)}, JournalRecord{.source = 1, .offset = 12, .bytes = std::string("\0\xFF{}", 4)}}},
          {.partition = kAllPartitions, .entries = {}},
          {.partition = 0, .entries = {JournalTick{kEngineTimeMax}}}};
}

std::string WriteSome(const TestFolder& folder) {
  auto writer = JournalWriter::Create(folder.Path("j"), SomeHeader());
  EXPECT_TRUE(writer.has_value());
  for (const JournalCommit& commit : SomeCommits()) EXPECT_TRUE(writer->Append(commit).has_value());
  EXPECT_TRUE(writer->Sync().has_value());
  return folder.Path("j");
}

std::vector<JournalCommit> ReadCommits(JournalReader& reader) {
  std::vector<JournalCommit> commits;
  while (true) {
    auto commit = reader.Next();
    EXPECT_TRUE(commit.has_value()) << commit.error().message;
    if (!commit || !*commit) return commits;
    commits.push_back(std::move(**commit));
  }
}

TEST(JournalTest, GivesBackWhatWasWritten) {
  const TestFolder folder;
  auto reader = JournalReader::Open(WriteSome(folder));
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  EXPECT_EQ(reader->header(), SomeHeader());
  EXPECT_EQ(ReadCommits(*reader), SomeCommits());
  EXPECT_EQ(reader->torn(), "");
}

TEST(JournalTest, TheNewestSourcesCount) {
  const TestFolder folder;
  const std::vector<JournalSource> known = {{.position = 0, .name = "a.jsonl.zst", .digest = {.high = 5, .low = 6}, .bytes = 1'234}};
  {
    auto writer = JournalWriter::Create(folder.Path("j"), SomeHeader());
    ASSERT_TRUE(writer->Append(SomeCommits()[0]).has_value());
    ASSERT_TRUE(writer->AppendSources(known).has_value());
    ASSERT_TRUE(writer->Append(SomeCommits()[2]).has_value());
  }
  auto reader = JournalReader::Open(folder.Path("j"));
  EXPECT_EQ(reader->header().sources, known);
  EXPECT_EQ(ReadCommits(*reader), (std::vector<JournalCommit>{SomeCommits()[0], SomeCommits()[2]}));
}

TEST(JournalTest, ATornLastCommitIsDroppedAtEveryByte) {
  const TestFolder folder;
  const std::string bytes = ReadAll(WriteSome(folder));
  std::vector<JournalCommit> two = SomeCommits();
  two.pop_back();
  std::size_t torn_seen = 0;
  for (std::size_t length = bytes.size() - 1; length > bytes.size() - 15; --length) {
    auto reader = JournalReader::Open(folder.Write("t", std::string_view(bytes).substr(0, length)));
    ASSERT_TRUE(reader.has_value()) << reader.error().message;
    EXPECT_EQ(ReadCommits(*reader), two) << length;
    torn_seen += reader->torn().empty() ? 0U : 1U;
  }
  EXPECT_EQ(torn_seen, 14U);
}

TEST(JournalTest, ALastCommitThatWasNotFilledInIsTorn) {
  const TestFolder folder;
  const std::string bytes = ReadAll(WriteSome(folder));
  auto zeros = JournalReader::Open(folder.Write("z", bytes + std::string(100, '\0')));
  ASSERT_TRUE(zeros.has_value()) << zeros.error().message;
  EXPECT_NE(zeros->torn(), "");
  EXPECT_EQ(ReadCommits(*zeros), SomeCommits());
  std::string changed = bytes;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  auto reader = JournalReader::Open(folder.Write("c", changed));
  ASSERT_TRUE(reader.has_value());
  EXPECT_NE(reader->torn(), "");
  EXPECT_EQ(ReadCommits(*reader).size(), 2U);
}

TEST(JournalTest, DamageBeforeTheEndIsAnError) {
  const TestFolder folder;
  const std::string bytes = ReadAll(WriteSome(folder));
  for (const std::size_t at : {std::size_t{0}, std::size_t{12}, std::size_t{25}, std::size_t{60}}) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x40);
    EXPECT_FALSE(JournalReader::Open(folder.Write("c", changed)).has_value()) << at;
  }
  EXPECT_FALSE(JournalReader::Open(folder.Write("e", "")).has_value());
  EXPECT_FALSE(JournalReader::Open(folder.Write("m", "ANTJRNL1")).has_value());
}

TEST(JournalTest, ResumingCutsTheTornEndAndGoesOn) {
  const TestFolder folder;
  const std::string bytes = ReadAll(WriteSome(folder));
  const std::string path = folder.Write("t", std::string_view(bytes).substr(0, bytes.size() - 3));
  {
    auto writer = JournalWriter::Resume(path);
    ASSERT_TRUE(writer.has_value()) << writer.error().message;
    ASSERT_TRUE(writer->Append(SomeCommits()[2]).has_value());
  }
  EXPECT_EQ(ReadAll(path), bytes);
}

TEST(JournalTest, AnExistingFileIsNotOverwritten) {
  const TestFolder folder;
  const std::string path = WriteSome(folder);
  EXPECT_FALSE(JournalWriter::Create(path, SomeHeader()).has_value());
}

}  // namespace
}  // namespace antiphon::formats
