#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "tests/integration/kafka/kafka_test.h"

namespace antiphon::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MembershipTest : public KafkaTest {
 protected:
  void SetUp() override {
    KafkaTest::SetUp();
    if (HasFailure() || IsSkipped()) return;
    AddTopic("a", 6);
    AddTopic("b", 6);
  }

  [[nodiscard]] std::unique_ptr<KafkaMembership> Join(const std::string& node, NotingListener& listener) const {
    auto membership = KafkaMembership::Create(MemberOptions(node, {0, 1}, 6), listener);
    EXPECT_TRUE(membership) << membership.error().message;
    return std::move(*membership);
  }

  // What a member says when it fails.
  static std::optional<Error> PollToError(KafkaMembership& member, KafkaMembership* beside = nullptr) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < until) {
      if (beside != nullptr) {
        EXPECT_TRUE(beside->Poll(Milliseconds(20)));
      }
      if (const Result<void> polled = member.Poll(Milliseconds(20)); !polled) return polled.error();
    }
    return std::nullopt;
  }
};

TEST_F(MembershipTest, TwoMembersShareOutThePartitionsAndOneThatDiedIsReplaced) {
  NotingListener one;
  NotingListener two;
  const auto first = Join("n1", one);
  ASSERT_TRUE(PollUntil({first.get()}, [&] { return one.partitions.size() == 6; }));
  const std::int32_t alone = one.member->generation();
  EXPECT_GE(alone, 0);
  EXPECT_FALSE(one.member->member_id().empty());

  auto second = Join("n2", two);
  ASSERT_TRUE(PollUntil({first.get(), second.get()}, [&] { return one.partitions.size() == 3 && two.partitions.size() == 3; }));
  EXPECT_THAT(one.partitions, ElementsAre(0, 1, 2));  // range sorts members by their instance id
  EXPECT_THAT(two.partitions, ElementsAre(3, 4, 5));
  EXPECT_EQ(one.member->generation(), two.member->generation());
  EXPECT_GT(one.member->generation(), alone);
  EXPECT_NE(one.member->member_id(), two.member->member_id());
  EXPECT_EQ(one.lost, 0) << "a join revokes in peace";

  second.reset();  // dies: no leave, no heartbeat
  ASSERT_TRUE(PollUntil({first.get()}, [&] { return one.partitions.size() == 6; }));
  EXPECT_EQ(one.lost, 0);
}

// Notes which logs a member is told.
class NotingLogs : public runtime::Membership::LogsListener {
 public:
  void OnAssigned(std::span<const runtime::LogId> assigned, std::shared_ptr<const runtime::MemberToken> /*member*/) override {
    logs.assign(assigned.begin(), assigned.end());
  }
  void OnRevoked(bool /*lost*/) override { logs.clear(); }

  std::vector<runtime::LogId> logs;
};

TEST_F(MembershipTest, TopicsOfAnySizeAreSharedOutEachByItself) {
  AddTopic("c", 3);
  const auto join = [&](const std::string& node, NotingLogs& listener) {
    MembershipOptions options = MemberOptions(node, {0, 2}, 0);
    options.each = {6, 3};
    options.numbers = {0, 2};
    auto membership = KafkaMembership::Create(std::move(options), listener);
    EXPECT_TRUE(membership) << membership.error().message;
    return std::move(*membership);
  };
  NotingLogs one;
  NotingLogs two;
  const auto first = join("n1", one);
  ASSERT_TRUE(PollUntil({first.get()}, [&] { return one.logs.size() == 9; }));
  const auto second = join("n2", two);
  ASSERT_TRUE(PollUntil({first.get(), second.get()}, [&] { return one.logs.size() == 5 && two.logs.size() == 4; }));
  using runtime::LogId;
  EXPECT_THAT(one.logs, ElementsAre(LogId{0, 0}, LogId{0, 1}, LogId{0, 2}, LogId{2, 0}, LogId{2, 1}));
  EXPECT_THAT(two.logs, ElementsAre(LogId{0, 3}, LogId{0, 4}, LogId{0, 5}, LogId{2, 2}));
}

TEST_F(MembershipTest, AQuickRestartMovesNothing) {
  NotingListener one;
  NotingListener two;
  const auto first = Join("n1", one);
  auto second = Join("n2", two);
  ASSERT_TRUE(PollUntil({first.get(), second.get()}, [&] { return one.partitions.size() == 3 && two.partitions.size() == 3; }));
  const int revoked = one.revoked;
  second->Leave();
  EXPECT_THAT(two.partitions, IsEmpty());
  EXPECT_EQ(two.lost, 0);
  second.reset();
  NotingListener again;
  second = Join("n2", again);
  ASSERT_TRUE(PollUntil({first.get(), second.get()}, [&] { return again.partitions.size() == 3; }));
  EXPECT_THAT(again.partitions, ElementsAre(3, 4, 5));
  EXPECT_EQ(one.revoked, revoked);
}

TEST_F(MembershipTest, OfTwoProcessesOfOneNameTheOlderStops) {
  NotingListener one;
  NotingListener two;
  const auto older = Join("n1", one);
  ASSERT_TRUE(PollUntil({older.get()}, [&] { return one.partitions.size() == 6; }));
  const auto newer = Join("n1", two);
  const std::optional<Error> error = PollToError(*older, newer.get());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->recovery, Recovery::kStopProcess);
  EXPECT_THAT(error->message, HasSubstr("another process has joined under the name of this node, \"n1\""));
  EXPECT_EQ(one.lost, 1);
  EXPECT_THAT(one.partitions, IsEmpty());
  ASSERT_TRUE(PollUntil({newer.get()}, [&] { return two.partitions.size() == 6; }));
}

// The session ends while the broker hangs, and nobody polls until it is back: the library then fences itself, for good.
TEST_F(MembershipTest, WhoWasFencedByItselfJoinsAnew) {
  MembershipOptions options = MemberOptions("n1", {0, 1}, 6);
  std::atomic<bool> frozen = false;
  std::atomic<bool> fatal = false;
  options.client.log = [&](LogLevel, std::string_view text) {
    if (text.starts_with("SESSTMOUT") && frozen.exchange(false)) broker().Thaw();
    if (text.starts_with("FATAL")) fatal = true;
  };
  NotingListener listener;
  auto member = KafkaMembership::Create(options, listener);
  ASSERT_TRUE(member);
  ASSERT_TRUE(PollUntil({member->get()}, [&] { return listener.partitions.size() == 6; }));
  const std::string before = listener.member->member_id();
  frozen = true;
  broker().Freeze();
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!fatal && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  if (frozen.exchange(false)) broker().Thaw();
  ASSERT_TRUE(fatal) << "the library has changed: this test, and what it is about, may go";
  ASSERT_TRUE(PollUntil({member->get()}, [&] { return listener.assigned == 2; }));
  EXPECT_EQ(listener.lost, 1);
  EXPECT_EQ(listener.partitions.size(), 6U);
  EXPECT_NE(listener.member->member_id(), before);
}

TEST_F(MembershipTest, InputsOfDifferentSizeAreRefused) {
  AddTopic("c", 4);
  NotingListener listener;
  auto membership = KafkaMembership::Create(MemberOptions("n1", {0, 2}, 6), listener);
  ASSERT_TRUE(membership);
  const std::optional<Error> error = PollToError(**membership);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->recovery, Recovery::kStopProcess);
  EXPECT_THAT(error->message, HasSubstr("every input needs the same number of partitions"));
  EXPECT_EQ(listener.assigned, 0);
}

TEST_F(MembershipTest, AnotherNumberOfPartitionsThanExpectedIsRefused) {
  NotingListener listener;
  auto membership = KafkaMembership::Create(MemberOptions("n1", {0, 1}, 8), listener);
  ASSERT_TRUE(membership);
  const std::optional<Error> error = PollToError(**membership);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->recovery, Recovery::kStopProcess);
  EXPECT_THAT(error->message, HasSubstr(" has 6 partitions, not 8"));
  EXPECT_EQ(listener.assigned, 0);
}

TEST_F(MembershipTest, AnAddedPartitionStopsTheProcess) {
  NotingListener listener;
  const auto member = Join("n1", listener);
  ASSERT_TRUE(PollUntil({member.get()}, [&] { return listener.partitions.size() == 6; }));
  test::AddPartitions(address(), topics()[1], 7);
  const std::optional<Error> error = PollToError(*member);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->recovery, Recovery::kStopProcess);
  EXPECT_THAT(error->message, HasSubstr(topics()[1]));
  EXPECT_EQ(listener.revoked, 1);
}

TEST_F(MembershipTest, DyingTellsNobody) {
  NotingListener listener;
  {
    const auto member = Join("n1", listener);
    ASSERT_TRUE(PollUntil({member.get()}, [&] { return listener.partitions.size() == 6; }));
  }
  EXPECT_EQ(listener.revoked, 0);
}

}  // namespace
}  // namespace antiphon::kafka
