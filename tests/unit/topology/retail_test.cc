#include <gtest/gtest.h>

#include "services/topology_files/folder.h"
#include "tests/unit/topology/topology_support.h"

namespace antiphon::topology {
namespace {

TEST(RetailOneTest, LoadsWithoutErrorsOrWarnings) {
  const topology_files::Folder folder(ANTIPHON_WORKLOADS_DIR "/retail-1/topology");
  const LoadOutcome outcome = LoadTopology(folder, SomeMessages{});
  EXPECT_EQ(Lines(outcome.diagnostics), "");
  ASSERT_NE(outcome.topology, nullptr);
  const Topology& topology = *outcome.topology;
  EXPECT_EQ(topology.offers.size(), 15U);
  EXPECT_EQ(topology.triggers.size(), 5U);
  EXPECT_EQ(topology.features.size(), 8U);
  EXPECT_FALSE(topology.score_floating);
  EXPECT_TRUE(topology.moment_values.empty());
}

}  // namespace
}  // namespace antiphon::topology
