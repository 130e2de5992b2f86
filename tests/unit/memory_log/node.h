#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/runtime/clock.h"
#include "tests/support/memory_log/memory_ports.h"

namespace antiphon::memory_log {

using runtime::CommitOutcome;
using runtime::CommitReport;
using runtime::LogId;

inline constexpr LogId kIn{.topic = 0, .partition = 0};
inline constexpr LogId kOut{.topic = 1, .partition = 0};
inline constexpr LogId kState{.topic = 2, .partition = 0};

class LastAssignment final : public runtime::Membership::Listener {
 public:
  void OnAssigned(std::span<const std::int32_t> partitions, std::shared_ptr<const runtime::MemberToken> token) override {
    told.push_back("assigned");
    assigned.assign(partitions.begin(), partitions.end());
    member = std::move(token);
  }
  void OnRevoked(bool lost) override { told.emplace_back(lost ? "lost" : "revoked"); }

  std::vector<std::string> told;
  std::vector<std::int32_t> assigned;
  std::shared_ptr<const runtime::MemberToken> member;
};

// A process with one worker and all its ports.
struct Node {
  Node(MemoryCluster& cluster, std::string name)
      : process(cluster, std::move(name), {.names = {"in", "out", "state"}, .inputs = 1, .with_headers = {1}}) {}

  void Poll() { ASSERT_TRUE(membership.Poll(Milliseconds{0}).has_value()); }

  // A sink with one record in each of "out" and "state".
  std::unique_ptr<runtime::OutputSink> Open(const std::string& text) {
    auto sink = sinks.Make(0);
    EXPECT_TRUE(sink.has_value()) << sink.error().message;
    EXPECT_TRUE((*sink)->Append(kOut, "k", text).has_value());
    EXPECT_TRUE((*sink)->Append(kState, "k", text).has_value());
    return *std::move(sink);
  }

  CommitReport CommitTo(runtime::OutputSink& sink, std::int64_t next) const {
    const std::vector<runtime::LogPosition> positions = {{.log = kIn, .next = next}};
    return sink.Commit(positions, *listener.member);
  }

  Result<std::vector<std::optional<std::int64_t>>> Committed() { return directory.Committed(std::vector{kIn}); }

  MemoryProcess process;
  MemoryEventSource source{process};
  MemoryOutputSinkFactory sinks{process};
  MemoryLogDirectory directory{process};
  LastAssignment listener;
  MemoryMembership membership{process, listener};
};

class MemoryLogTest : public testing::Test {
 protected:
  explicit MemoryLogTest(std::int32_t partitions = 4) {
    for (const char* topic : {"in", "out", "state"}) cluster_.CreateTopic(topic, partitions);
  }

  void Pass(Milliseconds time) { clock_.MoveTo(clock_.Now() + time); }

  std::vector<std::string> Values(const std::string& topic) {
    std::vector<std::string> values;
    for (const CommittedRecord& each : CommittedRecords(cluster_, {topic, 0})) values.push_back(each.record.value.value_or("-"));
    return values;
  }

  runtime::VirtualClock clock_{FromEpochMs(1'700'000'000'000)};
  Faults faults_{7};
  MemoryCluster cluster_{clock_, faults_};
};

}  // namespace antiphon::memory_log
