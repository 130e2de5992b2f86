#include "services/files/output_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/support/temporary_directory.h"

namespace antiphon::files {
namespace {

class OutputFileTest : public ::testing::Test {
 protected:
  OutputFileTest() { std::filesystem::create_directories(folder_.path()); }
  [[nodiscard]] std::string PathOf(const std::string& name) const { return std::filesystem::path(folder_.path()) / name; }

 private:
  test::TemporaryDirectory folder_;
};

TEST_F(OutputFileTest, AFullDiskIsToldAtTheFlushWithARemedy) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "\nnot run: a full disk (no /dev/full)";
  auto file = OutputFile::Create("/dev/full").value();
  file.Append("something");
  const auto flushed = file.Flush();
  ASSERT_FALSE(flushed.has_value());
  EXPECT_NE(flushed.error().message.find("make room"), std::string::npos);
  EXPECT_FALSE(file.Close().has_value());  // and not forgotten
}

TEST_F(OutputFileTest, GoesOnAtAKnownLength) {
  const std::string path = PathOf("lines");
  ASSERT_TRUE(WriteWholeFile(path, "one\ntwo\n").has_value());
  auto file = OutputFile::Continue(path, 4).value();
  file.Append("three\n");
  EXPECT_EQ(file.size(), 10U);
  ASSERT_TRUE(file.Close().has_value());
  EXPECT_EQ(ReadWholeFile(path).value(), "one\nthree\n");
  EXPECT_FALSE(OutputFile::Continue(path, 11).has_value());  // shorter than it must be
}

TEST_F(OutputFileTest, AMissingFolderIsAnError) {
  const auto file = OutputFile::Create(PathOf("no/such/file"));
  ASSERT_FALSE(file.has_value());
  EXPECT_NE(file.error().message.find("no/such/file"), std::string::npos);
}

TEST_F(OutputFileTest, ANewFileIsNotWrittenOverAnother) {
  ASSERT_TRUE(WriteWholeFile(PathOf("a"), "mine").has_value());
  EXPECT_FALSE(OutputFile::CreateNew(PathOf("a")).has_value());
  EXPECT_EQ(ReadWholeFile(PathOf("a")).value(), "mine");
  auto file = OutputFile::CreateNew(PathOf("b")).value();
  const std::string long_text(1'000'000, 'x');
  file.Append(long_text);
  ASSERT_TRUE(file.Close(Durability::kOnDisk).has_value());
  EXPECT_EQ(ReadWholeFile(PathOf("b")).value(), long_text);
}

TEST_F(OutputFileTest, AWholeFileTakesThePlaceOfTheOldOne) {
  for (const Durability durability : {Durability::kWritten, Durability::kOnDisk}) {
    ASSERT_TRUE(WriteWholeFile(PathOf("a"), "old", durability).has_value());
    ASSERT_TRUE(WriteWholeFile(PathOf("a"), "new", durability).has_value());
    EXPECT_EQ(ReadWholeFile(PathOf("a")).value(), "new");
    EXPECT_FALSE(std::filesystem::exists(PathOf("a.new")));
  }
  EXPECT_FALSE(WriteWholeFile(PathOf("none/a"), "new", Durability::kOnDisk).has_value());
  EXPECT_FALSE(RenameFile(PathOf("none"), PathOf("b"), Durability::kOnDisk).has_value());
}

}  // namespace
}  // namespace antiphon::files
