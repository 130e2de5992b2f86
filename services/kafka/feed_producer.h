#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/kafka/client.h"
#include "services/kafka/logs.h"
#include "services/runtime/record_producer.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::kafka {

struct FeedProducerOptions {
  ClientOptions client;
  TopicNames topics;  // runtime::LogId counts in it; all are written
  // Empty: records are delivered one by one. Else what is sent between two flushes is one transaction, and whoever used the id before is
  // fenced off first.
  std::string transactional_id;
  Milliseconds within{30'000};  // the bound of a record's delivery, a full buffer, a flush, a transaction
};

// KafkaFeedProducer: RecordProducer on a cluster. Idempotent: no record twice and none out of order, whatever is sent again on the way.
// Partitions as Java's client chooses them (murmur2). One life: after an Error make a new one.
class KafkaFeedProducer final : public runtime::RecordProducer {
 public:
  // kStopProcess: a bad setting. With a transactional id it asks the cluster: kRetry if there was no answer, kRestartTask or kStopProcess
  // if it refused.
  [[nodiscard]] static Result<std::unique_ptr<KafkaFeedProducer>> Create(FeedProducerOptions options);
  // What is not flushed may be lost; an open transaction is aborted by the cluster in its time.
  ~KafkaFeedProducer() override;

  [[nodiscard]] Result<void> Send(runtime::LogId log, std::optional<std::string_view> key, std::optional<std::string_view> value,
                                  std::span<const runtime::Header> headers = {}) override;
  [[nodiscard]] Result<void> Flush() override;
  [[nodiscard]] std::uint64_t delivered() const override { return transactional() ? committed_ : delivered_; }

 private:
  struct Callbacks;

  explicit KafkaFeedProducer(FeedProducerOptions options) : options_(std::move(options)) {}
  [[nodiscard]] bool transactional() const { return !options_.transactional_id.empty(); }
  [[nodiscard]] Result<void> Begin();
  [[nodiscard]] Result<void> Commit();
  [[nodiscard]] Error SendError(int code, runtime::LogId log, std::size_t bytes) const;

  FeedProducerOptions options_;
  std::uint64_t delivered_ = 0;
  std::uint64_t committed_ = 0;
  bool open_ = false;            // a transaction
  std::optional<Error> failed_;  // the first record that was not delivered
  std::unique_ptr<Handle> handle_;
  std::vector<Owned<rd_kafka_topic_s>> topics_;  // gone before the handle
};

}  // namespace antiphon::kafka
