#include "services/kafka/group_members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "services/orchestrator/standby_plan.h"
#include "tests/integration/kafka/kafka_test.h"

namespace antiphon::kafka {
namespace {

using orchestrator::StandbyPlan;
using ::testing::UnorderedElementsAreArray;

class GroupMembersTest : public KafkaTest {
 protected:
  [[nodiscard]] std::unique_ptr<KafkaGroupMembers> Members(const std::string& address) const {
    ClientOptions client = Client();
    client.settings["bootstrap.servers"] = address;
    auto made = KafkaGroupMembers::Create({.client = client, .group = group(), .within = Milliseconds(2'000)});
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }
};

// What the group's own leader assigns is what each process computes from the members' names: also after one has died.
TEST_F(GroupMembersTest, ThePlanOfTheMembersIsWhatTheGroupAssigns) {
  constexpr std::int32_t kPartitions = 8;
  AddTopic("a", kPartitions);
  const auto members = Members(address());
  const std::vector<std::string> names{"n2", "n10", "n1"};  // "n10" comes before "n2"
  std::array<NotingListener, 3> listeners;
  std::vector<std::unique_ptr<KafkaMembership>> group_members;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto made = KafkaMembership::Create(MemberOptions(names[i], {0}, kPartitions), listeners[i]);
    ASSERT_TRUE(made) << made.error().message;
    group_members.push_back(*std::move(made));
  }
  const auto shared_by = [&](std::size_t count) {
    std::size_t owned = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (listeners[i].partitions.empty() || listeners[i].member->generation() != listeners[0].member->generation()) return false;
      owned += listeners[i].partitions.size();
    }
    return owned == kPartitions;
  };
  ASSERT_TRUE(PollUntil({group_members[0].get(), group_members[1].get(), group_members[2].get()}, [&] { return shared_by(3); }));
  const auto told = members->Ask();
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_THAT(*told, UnorderedElementsAreArray(names));
  const StandbyPlan plan(*told, kPartitions);
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(plan.OwnedBy(names[i]), listeners[i].partitions) << names[i];

  group_members.pop_back();  // "n1" dies
  ASSERT_TRUE(PollUntil({group_members[0].get(), group_members[1].get()}, [&] { return shared_by(2); }));
  for (std::size_t i = 0; i < 2; ++i) {
    std::vector<std::int32_t> warm = plan.OwnedBy(names[i]);
    std::ranges::copy(plan.KeptBy(names[i]), std::back_inserter(warm));
    std::ranges::sort(warm);
    EXPECT_TRUE(std::ranges::includes(warm, listeners[i].partitions)) << names[i];
  }
  const auto left = members->Ask();
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_THAT(*left, UnorderedElementsAreArray({"n2", "n10"}));
}

TEST_F(GroupMembersTest, AnUnreachableClusterIsToRetry) {
  const auto told = Members("127.0.0.1:1")->Ask();
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().recovery, Recovery::kRetry) << told.error().message;
}

}  // namespace
}  // namespace antiphon::kafka
