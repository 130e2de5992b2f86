#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/kafka/handle.h"
#include "services/kafka/held_records.h"
#include "services/kafka/output_sink.h"
#include "services/kafka/owned.h"
#include "services/runtime/output_sink.h"
#include "state/base/result.h"

namespace antiphon::kafka {

// TransactionalProducer: one life of a producer under a transactional id, from init_transactions to destruction. It has at most one
// transaction open; after one that was not committed it is of no use any more. Used by the worker's thread; the library's threads only
// count requests.
//
//            Begin              Commit
//   kIdle ----------> kOpen ------------> kIdle
//                       | anything else
//                       v
//                     kSpent
class TransactionalProducer {
 public:
  // Fences who used the id before and ends what he left open; blocks up to the transaction timeout, then kRetry.
  [[nodiscard]] static Result<std::unique_ptr<TransactionalProducer>> Open(const OutputSinkOptions& options, std::uint32_t worker);
  TransactionalProducer(const TransactionalProducer&) = delete;
  TransactionalProducer& operator=(const TransactionalProducer&) = delete;
  // Aborts what is open if the cluster answers within two seconds; who comes next under the id does it otherwise.
  ~TransactionalProducer();

  // REQUIRES: kIdle.
  [[nodiscard]] Result<void> Begin();
  // Copies; what is wrong with a record may be told by a later call. REQUIRES: kOpen.
  [[nodiscard]] Result<void> Produce(const HeldRecords::Record& record);
  // REQUIRES: kOpen, positions are not empty.
  [[nodiscard]] runtime::CommitReport Commit(std::span<const runtime::LogPosition> positions, const runtime::MemberToken& member);

  [[nodiscard]] bool open() const { return state_ == State::kOpen; }
  // Whether a copy of a request of the last transaction may still be on its way.
  [[nodiscard]] bool in_doubt() const { return requests_->ends_sent != (committed_ ? 1 : 0) || requests_->lost != 0; }
  void Say(LogLevel level, std::string_view text) const { handle_->Say(level, text); }

 private:
  enum class State : std::uint8_t { kIdle, kOpen, kSpent };
  struct Callbacks;
  // Of the transaction under way, or of the last one. Counted by the library's threads.
  struct Requests {
    std::atomic<int> ends_sent = 0;      // those that end a transaction
    std::atomic<int> lost = 0;           // those of a transaction whose answer did not come
    std::atomic<int> adds_answered = 0;  // those that add logs to the transaction
  };

  explicit TransactionalProducer(const OutputSinkOptions& options);
  [[nodiscard]] Result<void> HandHeld();
  void AwaitAdded(int answered_before);
  [[nodiscard]] Result<void> Hand(const HeldRecords::Record& record);
  [[nodiscard]] Error ProduceError(int code, const HeldRecords::Record& record) const;
  [[nodiscard]] runtime::CommitReport Refused(Owned<rd_kafka_error_s> error);
  [[nodiscard]] Owned<rd_kafka_error_s> Finish(rd_kafka_error_s* (*how)(rd_kafka_s*, int));
  [[nodiscard]] std::vector<runtime::LogPosition> Ends() const;
  [[nodiscard]] Error WithFirstFailure(Error error) const;

  const OutputSinkOptions& options_;
  State state_ = State::kIdle;

  HeldRecords held_;  // of the transaction under way
  // Of the transaction under way, or of the last one. Delivery reports come within calls of this thread.
  std::uint64_t handed_ = 0;
  std::uint64_t delivered_ = 0;
  bool committed_ = false;
  bool to_abort_ = false;                        // it was begun, and neither end was asked for
  std::vector<std::vector<std::int64_t>> ends_;  // by topic, by partition; see kNone, kUntold
  std::optional<Error> first_failure_;           // of a record

  std::shared_ptr<Requests> requests_;
  std::unique_ptr<Handle> handle_;
  std::vector<Owned<rd_kafka_topic_s>> topics_;  // by topic; only outputs. Gone before the handle
};

}  // namespace antiphon::kafka
