#include <gtest/gtest.h>

#include <filesystem>

#include "services/replay/output_file.h"
#include "services/replay/output_folder.h"
#include "tests/unit/replay/scratch_folder.h"

namespace antiphon::replay {
namespace {

namespace fs = std::filesystem;
using Use = OutputFolder::Use;

TEST(OutputFileTest, AFullDiskIsToldAtTheFlushWithARemedy) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "\nnot run: a full disk (no /dev/full)";
  auto file = OutputFile::Create("/dev/full").value();
  file.Append("something");
  const auto flushed = file.Flush();
  ASSERT_FALSE(flushed.has_value());
  EXPECT_NE(flushed.error().message.find("make room"), std::string::npos);
  EXPECT_FALSE(file.Close().has_value());  // and not forgotten
}

TEST(OutputFileTest, GoesOnAtAKnownLength) {
  const ScratchFolder scratch;
  const std::string path = scratch.PathOf("lines");
  ASSERT_TRUE(WriteWholeFile(path, "one\ntwo\n").has_value());
  auto file = OutputFile::Continue(path, 4).value();
  file.Append("three\n");
  EXPECT_EQ(file.size(), 10U);
  ASSERT_TRUE(file.Close().has_value());
  EXPECT_EQ(ReadWholeFile(path).value(), "one\nthree\n");
  EXPECT_FALSE(OutputFile::Continue(path, 11).has_value());  // shorter than it must be
}

TEST(OutputFileTest, AMissingFolderIsAnError) {
  const ScratchFolder scratch;
  const auto file = OutputFile::Create(scratch.PathOf("no/such/file"));
  ASSERT_FALSE(file.has_value());
  EXPECT_NE(file.error().message.find("no/such/file"), std::string::npos);
}

TEST(OutputFolderTest, NeverTouchesAFolderThatIsNotAReplays) {
  const ScratchFolder scratch;
  ASSERT_TRUE(WriteWholeFile(scratch.PathOf("contacts.jsonl"), "mine").has_value());
  EXPECT_FALSE(OutputFolder::Open(scratch.path(), Use::kNew).has_value());
  EXPECT_FALSE(OutputFolder::Open(scratch.path(), Use::kReplace).has_value());
  EXPECT_EQ(ReadWholeFile(scratch.PathOf("contacts.jsonl")).value(), "mine");
}

TEST(OutputFolderTest, ReplacesItsOwnFilesAndNoOthersWhenAsked) {
  const ScratchFolder scratch;
  const std::string path = scratch.PathOf("a/b");
  ASSERT_TRUE(OutputFolder::Open(path, Use::kNew).has_value());
  ASSERT_TRUE(WriteWholeFile(path + "/contacts.jsonl", "old").has_value());
  ASSERT_TRUE(WriteWholeFile(path + "/notes.txt", "mine").has_value());
  const auto refused = OutputFolder::Open(path, Use::kNew);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("--force"), std::string::npos);
  ASSERT_TRUE(OutputFolder::Open(path, Use::kReplace).has_value());
  EXPECT_FALSE(fs::exists(path + "/contacts.jsonl"));
  EXPECT_TRUE(fs::exists(path + "/notes.txt"));
}

TEST(OutputFolderTest, ResumesOnlyWhatStopped) {
  const ScratchFolder scratch;
  EXPECT_FALSE(OutputFolder::Open(scratch.PathOf("absent"), Use::kResume).has_value());
  EXPECT_FALSE(fs::exists(scratch.PathOf("absent")));
  const auto folder = OutputFolder::Open(scratch.PathOf("out"), Use::kNew).value();
  EXPECT_FALSE(OutputFolder::Open(folder.path(), Use::kResume).has_value());
  ASSERT_TRUE(WriteWholeFile(folder.PathOf(kResumeFile), "{}").has_value());
  EXPECT_TRUE(OutputFolder::Open(folder.path(), Use::kResume).has_value());
}

TEST(OutputFolderTest, AFileIsNoFolder) {
  const ScratchFolder scratch;
  ASSERT_TRUE(WriteWholeFile(scratch.PathOf("file"), "").has_value());
  EXPECT_FALSE(OutputFolder::Open(scratch.PathOf("file"), Use::kNew).has_value());
}

}  // namespace
}  // namespace antiphon::replay
