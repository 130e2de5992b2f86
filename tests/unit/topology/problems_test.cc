#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/unit/topology/topology_support.h"

namespace antiphon::topology {
namespace {

std::string ReadText(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> Cases() {
  std::vector<std::filesystem::path> cases;
  for (const auto& entry : std::filesystem::directory_iterator(ANTIPHON_PROBLEMS_DIR))
    if (entry.path().extension() == ".yaml") cases.push_back(entry.path());
  std::ranges::sort(cases);
  return cases;
}

// problems/x.yaml holds mistakes (a topology of its own, or what is added to the small bank); problems/x.txt what is said of them.
// To accept new texts: run with ANTIPHON_ACCEPT=1 in the environment, and look at the difference.
class ProblemsTest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(ProblemsTest, AreAllSaidAtTheirPlaces) {
  const std::string text = ReadText(GetParam());
  const LoadOutcome outcome = text.starts_with("antiphon:") ? LoadTopology(FilesInMemory{text}, SomeMessages{}) : LoadWith(text);
  const std::filesystem::path expected = std::filesystem::path(GetParam()).replace_extension(".txt");
  const std::string said = Lines(outcome.diagnostics);
  if (std::getenv("ANTIPHON_ACCEPT") != nullptr) std::ofstream(expected) << said;
  EXPECT_EQ(said, ReadText(expected));
}

INSTANTIATE_TEST_SUITE_P(Sections, ProblemsTest, testing::ValuesIn(Cases()), [](const auto& one) { return one.param.stem().string(); });

}  // namespace
}  // namespace antiphon::topology
