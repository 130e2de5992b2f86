#include <gtest/gtest.h>

#include <filesystem>

#include "services/files/output_file.h"
#include "services/replay/output_folder.h"
#include "tests/unit/replay/scratch_folder.h"

namespace antiphon::replay {
namespace {

namespace fs = std::filesystem;
using Use = OutputFolder::Use;

TEST(OutputFolderTest, NeverTouchesAFolderThatIsNotAReplays) {
  const ScratchFolder scratch;
  ASSERT_TRUE(files::WriteWholeFile(scratch.PathOf("contacts.jsonl"), "mine").has_value());
  EXPECT_FALSE(OutputFolder::Open(scratch.path(), Use::kNew).has_value());
  EXPECT_FALSE(OutputFolder::Open(scratch.path(), Use::kReplace).has_value());
  EXPECT_EQ(files::ReadWholeFile(scratch.PathOf("contacts.jsonl")).value(), "mine");
}

TEST(OutputFolderTest, ReplacesItsOwnFilesAndNoOthersWhenAsked) {
  const ScratchFolder scratch;
  const std::string path = scratch.PathOf("a/b");
  ASSERT_TRUE(OutputFolder::Open(path, Use::kNew).has_value());
  ASSERT_TRUE(files::WriteWholeFile(path + "/contacts.jsonl", "old").has_value());
  ASSERT_TRUE(files::WriteWholeFile(path + "/notes.txt", "mine").has_value());
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
  ASSERT_TRUE(files::WriteWholeFile(folder.PathOf(kResumeFile), "{}").has_value());
  EXPECT_TRUE(OutputFolder::Open(folder.path(), Use::kResume).has_value());
}

TEST(OutputFolderTest, AFileIsNoFolder) {
  const ScratchFolder scratch;
  ASSERT_TRUE(files::WriteWholeFile(scratch.PathOf("file"), "").has_value());
  EXPECT_FALSE(OutputFolder::Open(scratch.PathOf("file"), Use::kNew).has_value());
}

}  // namespace
}  // namespace antiphon::replay
