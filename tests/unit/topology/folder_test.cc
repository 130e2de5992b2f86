#include "services/topology_files/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/topology/source_files.h"

namespace antiphon::topology_files {
namespace {

class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::path(testing::TempDir()) / ("topology_files_" + std::to_string(::getpid()));
    Write("bank/topology.yaml", "antiphon: 1\n");
    Write("bank/offers/b.yaml", "b");
    Write("bank/offers/a.yaml", "a");
    Write("bank/.git/config", "hidden");
    Write("secret.txt", "outside");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  std::filesystem::path root_;
};

TEST_F(FolderTest, ListsFilesInOrderWithoutHiddenOnes) {
  EXPECT_THAT(Folder(root_ / "bank").List(), testing::ElementsAre("offers/a.yaml", "offers/b.yaml", "topology.yaml"));
  EXPECT_THAT(Folder(root_ / "nowhere").List(), testing::IsEmpty());
}

TEST_F(FolderTest, ReadsNothingOutside) {
  const Folder folder(root_ / "bank");
  EXPECT_EQ(folder.Read("offers/a.yaml"), "a");
  EXPECT_EQ(folder.Read("../secret.txt"), std::nullopt);
  EXPECT_EQ(folder.Read("offers/../../secret.txt"), std::nullopt);
  EXPECT_EQ(folder.Read((root_ / "secret.txt").string()), std::nullopt);
  EXPECT_EQ(folder.Read(".git/config"), std::nullopt);
  EXPECT_EQ(folder.Read("offers"), std::nullopt);
  EXPECT_EQ(folder.Read(""), std::nullopt);
}

TEST_F(FolderTest, ReadsMountedFilesThatAreLinks) {
  std::filesystem::create_symlink(root_ / "bank/offers/a.yaml", root_ / "bank/linked.yaml");
  EXPECT_EQ(Folder(root_ / "bank").Read("linked.yaml"), "a");
}

TEST(GlobTest, StarsStayWithinAFolder) {
  using topology::FitsGlob;
  EXPECT_TRUE(FitsGlob("offers/a.yaml", "offers/*.yaml"));
  EXPECT_FALSE(FitsGlob("offers/x/a.yaml", "offers/*.yaml"));
  EXPECT_TRUE(FitsGlob("offers/x/a.yaml", "offers/**.yaml"));
  EXPECT_TRUE(FitsGlob("a/b/c.yaml", "**/c.yaml"));
  EXPECT_TRUE(FitsGlob("aab", "a*b"));
  EXPECT_FALSE(FitsGlob("aab", "a*c"));
  EXPECT_TRUE(FitsGlob("ab1", "ab?"));
  EXPECT_FALSE(FitsGlob("a/b", "a?b"));
  EXPECT_FALSE(FitsGlob("abc", "ab"));
  EXPECT_TRUE(FitsGlob("x/y.yaml", "*/*"));
}

}  // namespace
}  // namespace antiphon::topology_files
