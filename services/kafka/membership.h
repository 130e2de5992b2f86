#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "services/kafka/client.h"
#include "services/kafka/logs.h"
#include "services/runtime/membership.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::kafka {

struct MembershipOptions {
  ClientOptions client;
  std::string group;
  std::string node;             // group.instance.id: two processes of one name cannot be members
  TopicNames inputs;            // all input topics, each with the same number of partitions
  std::int32_t partitions = 0;  // that number
  // Of a LogsListener: the number of partitions of each input, and the inputs' numbers in runtime::LogId. `partitions` then counts nothing.
  std::vector<std::int32_t> each = {};
  std::vector<std::uint32_t> numbers = {};
  Milliseconds answers_within{2'000};  // the bound of one question about a topic
  Milliseconds wrong_for{5'000};       // a topic that is gone, or has other partitions, for so long ends the process
  Milliseconds leaves_within{10'000};  // the bound of Leave, the listener's time not counted
};

// KafkaMembership: Membership on a cluster. A consumer that subscribes to all inputs, with range assignment as a static member, and is
// assigned nothing: it fetches no record. Range gives equal partitions of topics of equal size to equal members; an assignment for which
// that does not hold (but for a LogsListener, whose topics are shared out each by itself), or a topic that has not `partitions` of them any
// more, is an error and not an assignment. The member's token is taken when the assignment arrives. After a restart of the group's
// coordinator the same process may come back under another member id; then a commit with the old token is refused (fenced) although nobody
// else has this name: wait for the next OnAssigned. Only the error of Poll says that there is a second process. Who does not poll while the
// coordinator is away fences itself; that is seen here and repaired by joining anew: to the listener, an assignment that was lost and
// another one. An assignment is handed on once the partition counts have been asked; while nobody answers it waits, and is dropped if
// revoked meanwhile. Source: docs/live.md, "Ownership"; services/kafka/README.md.
class KafkaMembership : public runtime::Membership {
 public:
  // Begins to join; the listener is called within Poll and Leave, and must outlive this. kStopProcess: a bad setting.
  // REQUIRES: inputs, partitions > 0.
  [[nodiscard]] static Result<std::unique_ptr<KafkaMembership>> Create(MembershipOptions options, Listener& listener);
  // REQUIRES: as many of `each` and `numbers` as inputs.
  [[nodiscard]] static Result<std::unique_ptr<KafkaMembership>> Create(MembershipOptions options, LogsListener& listener);
  // Without Leave: as if the process had died. The listener is not called.
  ~KafkaMembership() override;

  [[nodiscard]] Result<void> Poll(Milliseconds at_most) override;
  void Leave() override;

 private:
  struct Callbacks;
  struct Pending {
    std::vector<std::int32_t> partitions;  // of every input
    std::vector<runtime::LogId> logs;      // of a LogsListener
    std::shared_ptr<const runtime::MemberToken> member;
  };

  KafkaMembership(MembershipOptions options, Listener* listener, LogsListener* logs_listener);
  [[nodiscard]] static Result<std::unique_ptr<KafkaMembership>> Start(std::unique_ptr<KafkaMembership> made);
  [[nodiscard]] Result<void> Join();
  [[nodiscard]] bool FencedByItself() const;
  void Assigned(const rd_kafka_topic_partition_list_s& list);
  void Revoked(bool lost);
  [[nodiscard]] Result<Pending> Read(const rd_kafka_topic_partition_list_s& list) const;
  [[nodiscard]] Result<std::vector<std::int32_t>> ReadEqual(const rd_kafka_topic_partition_list_s& list) const;
  [[nodiscard]] std::vector<runtime::LogId> ReadLogs(const rd_kafka_topic_partition_list_s& list) const;
  [[nodiscard]] std::int32_t CountOf(std::size_t input) const { return options_.each.empty() ? options_.partitions : options_.each[input]; }
  [[nodiscard]] Result<void> CheckCounts() const;
  [[nodiscard]] bool IsLasting();
  [[nodiscard]] std::optional<Error> FatalError() const;
  void Judge(const rd_kafka_message_s& message);
  Result<void> Stop(Error error);

  MembershipOptions options_;
  Listener* listener_;  // one of the two
  LogsListener* logs_listener_;
  std::unique_ptr<Handle> handle_;
  std::vector<Owned<rd_kafka_topic_s>> topics_;  // to ask their counts. Gone before the handle
  bool input_missing_ = false;                   // the library says so; the cluster has to be asked
  std::optional<std::chrono::steady_clock::time_point> wrong_since_;
  std::optional<Pending> pending_;  // an assignment that the listener does not know yet
  bool owning_ = false;             // the listener has an assignment
  bool left_ = false;
  std::optional<Error> failure_;
};

}  // namespace antiphon::kafka
