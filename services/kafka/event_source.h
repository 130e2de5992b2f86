#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "services/kafka/client.h"
#include "services/kafka/logs.h"
#include "services/runtime/event_source.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::kafka {

struct EventSourceOptions {
  ClientOptions client;
  std::string group;                     // never joined: only named, so that the cluster's own tools show who reads
  TopicNames topics;                     // runtime::LogId counts in it
  std::set<std::uint32_t> with_headers;  // the topics whose records' headers are wanted
  Milliseconds ends_within{5'000};       // the bound of StableEnds
};

// KafkaEventSource: EventSource on a cluster. One consumer that is assigned logs and never subscribes, so that no rebalance of the group
// touches what it has fetched; each log has a queue of its own, so that one that is not taken from holds up no other. Memory: up to
// queued.max.messages.kbytes per log. A record before the position is dropped, whatever the library does; nothing is ever paused.
// Errors: any error of a log but its end is kRestartTask, and stays until the log is unassigned.
// Source: docs/live.md, "Reading"; services/kafka/README.md.
class KafkaEventSource : public runtime::EventSource {
 public:
  // kStopProcess: a bad setting. The cluster need not be there.
  [[nodiscard]] static Result<std::unique_ptr<KafkaEventSource>> Create(EventSourceOptions options);
  ~KafkaEventSource() override;

  [[nodiscard]] Result<void> Assign(std::span<const runtime::LogPosition> from) override;  // REQUIRES: none of them is read already
  void Unassign(std::span<const runtime::LogId> logs) override;                            // those that are not read are passed over
  [[nodiscard]] Result<std::optional<runtime::LogRecord>> Take(runtime::LogId log) override;
  [[nodiscard]] std::int64_t Position(runtime::LogId log) const override;
  [[nodiscard]] Result<std::vector<std::int64_t>> StableEnds(std::span<const runtime::LogId> logs) override;
  void Wait(Milliseconds at_most) override;
  void Wake() override;

 private:
  struct Signal;
  struct Lane;

  explicit KafkaEventSource(EventSourceOptions options);
  [[nodiscard]] Lane* Find(runtime::LogId log) const;
  [[nodiscard]] Result<void> ServeClient();
  [[nodiscard]] Result<std::optional<runtime::LogRecord>> Accept(Lane& lane, Owned<rd_kafka_message_s> message);
  [[nodiscard]] Owned<rd_kafka_message_s> Next(Lane& lane);
  void Fail(Lane& lane, int code, std::string_view reason) const;
  void FillHeaders(runtime::LogRecord& record) const;

  EventSourceOptions options_;
  std::unique_ptr<Signal> signal_;
  std::unique_ptr<Handle> handle_;
  std::unique_ptr<Handle> asking_;        // for ends: a broker answers a connection in order, and would first wait for records to fetch
  Owned<rd_kafka_queue_s> client_queue_;  // what concerns no log
  std::vector<std::vector<std::unique_ptr<Lane>>> lanes_;  // by topic, by partition
  Lane* looked_at_ = nullptr;                              // whose queue is being served
  Owned<rd_kafka_message_s> lent_;                         // the record that the caller looks at
};

}  // namespace antiphon::kafka
