#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "services/topology_files/folder.h"
#include "tests/unit/topology/topology_support.h"

namespace antiphon::topology {
namespace {

std::string ReadText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Every mistake of one run, over several files; the texts are what operators read. ANTIPHON_ACCEPT=1 in the environment accepts new ones.
TEST(BrokenTopologyTest, ReportsEveryMistakeAtItsPlace) {
  const std::string folder = ANTIPHON_BROKEN_DIR;
  const LoadOutcome outcome = LoadTopology(topology_files::Folder(folder), SomeMessages{});
  EXPECT_EQ(outcome.topology, nullptr);
  if (std::getenv("ANTIPHON_ACCEPT") != nullptr) std::ofstream(folder + ".txt") << Lines(outcome.diagnostics);
  EXPECT_EQ(Lines(outcome.diagnostics), ReadText(folder + ".txt"));
}

TEST(BrokenTopologyTest, TwoLoadsSayTheSame) {
  const topology_files::Folder folder(ANTIPHON_BROKEN_DIR);
  EXPECT_EQ(Lines(LoadTopology(folder, SomeMessages{}).diagnostics), Lines(LoadTopology(folder, SomeMessages{}).diagnostics));
}

TEST(BrokenTopologyTest, MissingRootFileIsSaid) {
  EXPECT_EQ(Lines(LoadTopology(FilesInMemory{}, SomeMessages{}).diagnostics),
            "topology.yaml:1:1: error: there is no topology.yaml in the folder [unreadable_file]\n");
}

TEST(BrokenTopologyTest, DiagnosticsAreBounded) {
  std::string extra = "features:\n";
  for (int i = 0; i < 1000; ++i) extra += "  f" + std::to_string(i) + ": {on: nothing, count: true}\n";
  const LoadOutcome outcome = LoadWith(extra);
  EXPECT_EQ(outcome.topology, nullptr);
  EXPECT_EQ(outcome.diagnostics.size(), Diagnostics::kMax + 1);
  EXPECT_EQ(outcome.diagnostics.back().code, "too_many");
}

}  // namespace
}  // namespace antiphon::topology
