#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/kafka/event_source.h"
#include "services/kafka/log_directory.h"
#include "services/kafka/membership.h"
#include "services/kafka/output_sink.h"
#include "tests/support/kafka/kafka_broker.h"
#include "tests/support/kafka/raw_client.h"

namespace antiphon::kafka {

// How long anything may take on a loaded machine before a test gives up. Nothing is asserted about how long it takes.
inline constexpr Milliseconds kPatience{60'000};

// A record that was taken, kept.
struct Kept {
  std::int64_t offset = 0;
  EngineTime timestamp{};
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};

// KafkaTest: the program's broker, and topics and a group that no other test has.
class KafkaTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  [[nodiscard]] const std::string& address() const { return broker_->address(); }
  [[nodiscard]] test::KafkaBroker& broker() { return *broker_; }
  [[nodiscard]] const std::string& group() const { return group_; }
  // A topic of this test; it stands in topics() from then on, and its number is LogId::topic.
  std::uint32_t AddTopic(const std::string& name, std::int32_t partitions);
  [[nodiscard]] const TopicNames& topics() const { return topics_; }

  [[nodiscard]] ClientOptions Client() const;
  [[nodiscard]] std::unique_ptr<KafkaEventSource> Source(std::set<std::uint32_t> with_headers = {}) const;
  [[nodiscard]] OutputSinkOptions SinkOptions(const std::string& node, std::vector<std::uint32_t> outputs) const;
  [[nodiscard]] MembershipOptions MemberOptions(const std::string& node, const std::vector<std::uint32_t>& inputs,
                                                std::int32_t partitions) const;
  [[nodiscard]] std::unique_ptr<KafkaLogDirectory> Directory(Milliseconds within = kPatience) const;

  // Sends values "0", "1", .. and waits until they are there.
  void Fill(std::uint32_t topic, std::int32_t partition, int from, int to) const;

 private:
  test::KafkaBroker* broker_ = nullptr;
  std::string group_;
  TopicNames topics_;
};

// The next records of a log, `count` of them or as many as come in time.
[[nodiscard]] std::vector<Kept> TakeSome(KafkaEventSource& source, runtime::LogId log, std::size_t count, Milliseconds within = kPatience);
// Takes until the position is `position`, which no further record follows; gives what came.
[[nodiscard]] std::vector<Kept> TakeTo(KafkaEventSource& source, runtime::LogId log, std::int64_t position);
// Takes until there is an error.
[[nodiscard]] std::optional<Error> TakeToError(KafkaEventSource& source, runtime::LogId log);
[[nodiscard]] Kept Keep(const runtime::LogRecord& record);
[[nodiscard]] std::vector<std::string> ValuesOf(const std::vector<Kept>& records);
[[nodiscard]] std::vector<std::string> ValuesOf(const std::vector<test::RawRecord>& records);
[[nodiscard]] std::vector<std::string> Numbers(int from, int to);

// Notes what a member is told.
class NotingListener : public runtime::Membership::Listener {
 public:
  void OnAssigned(std::span<const std::int32_t> partitions, std::shared_ptr<const runtime::MemberToken> member) override;
  void OnRevoked(bool lost) override;

  std::vector<std::int32_t> partitions;
  std::shared_ptr<const runtime::MemberToken> member;
  int assigned = 0;
  int revoked = 0;
  int lost = 0;
};

// Polls these members in turn until the condition holds, one of them fails, or patience ends. True if it holds.
template <typename Condition>
[[nodiscard]] bool PollUntil(std::initializer_list<KafkaMembership*> members, Condition holds) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    for (KafkaMembership* member : members) {
      const Result<void> polled = member->Poll(Milliseconds(20));
      if (!polled) {
        ADD_FAILURE() << polled.error().message;
        return false;
      }
    }
  }
  return true;
}

}  // namespace antiphon::kafka
