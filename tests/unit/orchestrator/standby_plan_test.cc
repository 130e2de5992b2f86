#include "services/orchestrator/standby_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace antiphon::orchestrator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// By partition.
std::map<std::int32_t, std::string> Owners(const std::vector<std::string>& members, std::int32_t partitions) {
  std::map<std::int32_t, std::string> owners;
  const StandbyPlan plan(members, partitions);
  for (const std::string& member : members) {
    for (const std::int32_t partition : plan.OwnedBy(member)) RC_ASSERT(owners.emplace(partition, member).second);
  }
  return owners;
}

std::map<std::int32_t, std::string> Keepers(const std::vector<std::string>& members, std::int32_t partitions) {
  std::map<std::int32_t, std::string> keepers;
  const StandbyPlan plan(members, partitions);
  for (const std::string& member : members) {
    for (const std::int32_t partition : plan.KeptBy(member)) RC_ASSERT(keepers.emplace(partition, member).second);
  }
  return keepers;
}

std::vector<std::string> Without(std::vector<std::string> members, const std::string& member) {
  std::erase(members, member);
  return members;
}

TEST(StandbyPlanTest, MembersOwnRunsInTheOrderOfTheirNames) {
  const StandbyPlan plan({"n2", "n10", "n1"}, 8);
  EXPECT_THAT(plan.OwnedBy("n1"), ElementsAre(0, 1, 2));
  EXPECT_THAT(plan.OwnedBy("n10"), ElementsAre(3, 4, 5));  // as text
  EXPECT_THAT(plan.OwnedBy("n2"), ElementsAre(6, 7));
  EXPECT_THAT(plan.OwnedBy("n3"), IsEmpty());
}

TEST(StandbyPlanTest, TheStandbyIsWhoWouldOwnItWithoutTheOwner) {
  const StandbyPlan plan({"a", "b", "c"}, 6);
  EXPECT_THAT(plan.KeptBy("a"), ElementsAre(2));  // of b's 2 and 3: without b, a has 0 to 2
  EXPECT_THAT(plan.KeptBy("b"), ElementsAre(0, 1, 4, 5));
  EXPECT_THAT(plan.KeptBy("c"), ElementsAre(3));
}

TEST(StandbyPlanTest, WhoIsAloneKeepsNothing) {
  EXPECT_THAT(StandbyPlan({"a"}, 3).KeptBy("a"), IsEmpty());
  EXPECT_THAT(StandbyPlan({}, 3).OwnedBy("a"), IsEmpty());
}

RC_GTEST_PROP(StandbyPlanProperty, EveryPartitionHasAStandbyThatIsNotItsOwner, ()) {
  const auto partitions = *rc::gen::inRange<std::int32_t>(1, 65);
  const auto members = *rc::gen::unique<std::vector<std::string>>(*rc::gen::inRange<std::size_t>(2, 12), rc::gen::string<std::string>());
  const auto owners = Owners(members, partitions);
  const auto keepers = Keepers(members, partitions);
  RC_ASSERT(owners.size() == static_cast<std::size_t>(partitions));
  RC_ASSERT(keepers.size() == owners.size());
  for (const auto& [partition, owner] : owners) {
    RC_ASSERT(keepers.at(partition) != owner);
    RC_ASSERT(keepers.at(partition) == Owners(Without(members, owner), partitions).at(partition));
  }
}

// Also those partitions move that the lost one did not own; they too are warm where they come to.
RC_GTEST_PROP(StandbyPlanProperty, AfterALossEveryPartitionIsWhereItWasOrWithItsStandby, ()) {
  const auto partitions = *rc::gen::inRange<std::int32_t>(1, 65);
  const auto members = *rc::gen::unique<std::vector<std::string>>(*rc::gen::inRange<std::size_t>(2, 12), rc::gen::string<std::string>());
  const auto owners = Owners(members, partitions);
  const auto keepers = Keepers(members, partitions);
  for (const std::string& lost : members) {
    for (const auto& [partition, heir] : Owners(Without(members, lost), partitions)) {
      if (owners.at(partition) == lost) {
        RC_ASSERT(heir == keepers.at(partition));
      } else {
        RC_ASSERT(heir == owners.at(partition) || heir == keepers.at(partition));
      }
    }
  }
}

}  // namespace
}  // namespace antiphon::orchestrator
