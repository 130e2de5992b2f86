#include "services/kafka/event_source.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "state/base/check.h"

namespace antiphon::kafka {

using runtime::LogId;
using runtime::LogPosition;
using runtime::LogRecord;

// What ends a Wait. The library's threads set it through the queues' callbacks.
struct KafkaEventSource::Signal {
  std::mutex mutex;
  std::condition_variable changed;
  bool arrived = false;             // something came into a queue that was empty
  bool woken = false;               // Wake() was called
  std::atomic<bool> client = true;  // the client's own queue may hold something

  void Arrived() {
    {
      const std::lock_guard lock(mutex);
      arrived = true;
    }
    changed.notify_one();
  }
};

// One log that is read.
struct KafkaEventSource::Lane {
  LogId log;
  std::int64_t position = 0;
  std::atomic<bool> at_hand = true;  // its queue may hold something; false only after it was found empty
  bool left = false;                 // a Wait has ended for it, and nobody has taken from it since
  std::optional<Error> failure;
  Signal* signal = nullptr;
  Owned<rd_kafka_queue_s> queue;
};

namespace {

HandleSettings SourceSettings(const std::string& group) {
  HandleSettings settings;
  AddConsumerSettings(settings, group);
  settings.fixed.insert(settings.fixed.end(), {{"isolation.level", "read_committed"}, {"enable.partition.eof", "true"}});
  settings.defaults.insert(settings.defaults.end(), {
                                                        {"fetch.error.backoff.ms", "50"},
                                                        // How late a log that was just assigned, or the end of one, is seen.
                                                        {"fetch.wait.max.ms", "100"},
                                                        // A second's traffic of one log: below it the library stalls for a second.
                                                        {"queued.min.messages", "100000"},
                                                        {"queued.max.messages.kbytes", "16384"},
                                                        {"topic.metadata.refresh.interval.ms", "60000"},
                                                    });
  return settings;
}

std::string_view BytesOf(const void* data, std::size_t size) { return {static_cast<const char*>(data), size}; }

}  // namespace

KafkaEventSource::KafkaEventSource(EventSourceOptions options)
    : options_(std::move(options)), signal_(std::make_unique<Signal>()), lanes_(options_.topics.size()) {}

Result<std::unique_ptr<KafkaEventSource>> KafkaEventSource::Create(EventSourceOptions options) {
  std::unique_ptr<KafkaEventSource> source(new KafkaEventSource(std::move(options)));
  HandleSettings settings = SourceSettings(source->options_.group);
  settings.on_error = [self = source.get()](int code, std::string_view reason) {
    if (self->looked_at_ != nullptr) self->Fail(*self->looked_at_, code, reason);
  };
  Result<std::unique_ptr<Handle>> handle = Handle::Open(Handle::Kind::kConsumer, source->options_.client, settings, source.get());
  if (!handle) return std::unexpected(handle.error());
  source->handle_ = std::move(*handle);
  const HandleSettings asking = SourceSettings(source->options_.group);
  Result<std::unique_ptr<Handle>> second = Handle::Open(Handle::Kind::kConsumer, source->options_.client, asking, nullptr);
  if (!second) return std::unexpected(second.error());
  source->asking_ = std::move(*second);
  source->client_queue_.reset(rd_kafka_queue_get_consumer(source->handle_->get()));
  rd_kafka_queue_cb_event_enable(
      source->client_queue_.get(),
      [](rd_kafka_t*, void* opaque) {
        auto* signal = static_cast<Signal*>(opaque);
        signal->client = true;
        signal->Arrived();
      },
      source->signal_.get());
  return source;
}

KafkaEventSource::~KafkaEventSource() {
  lent_.reset();
  std::vector<LogId> logs;
  for (const auto& partitions : lanes_) {
    for (const auto& lane : partitions) {
      if (lane) logs.push_back(lane->log);
    }
  }
  KafkaEventSource::Unassign(logs);
  rd_kafka_queue_cb_event_enable(client_queue_.get(), nullptr, nullptr);
}

KafkaEventSource::Lane* KafkaEventSource::Find(LogId log) const {
  const auto& partitions = lanes_.at(log.topic);
  const auto index = static_cast<std::size_t>(log.partition);
  return index < partitions.size() ? partitions[index].get() : nullptr;
}

Result<void> KafkaEventSource::Assign(std::span<const LogPosition> from) {
  if (from.empty()) return {};
  std::vector<LogId> logs;
  for (const LogPosition& position : from) {
    ANTIPHON_CHECK(position.next >= 0 && position.log.partition >= 0 && Find(position.log) == nullptr);
    auto lane = std::make_unique<Lane>();
    lane->log = position.log;
    lane->position = position.next;
    lane->signal = signal_.get();
    lane->queue.reset(rd_kafka_queue_get_partition(handle_->get(), options_.topics.at(position.log.topic).c_str(), position.log.partition));
    ANTIPHON_CHECK(lane->queue != nullptr);
    // Before the log is assigned: afterwards its records would go to the queue that all share.
    rd_kafka_queue_forward(lane->queue.get(), nullptr);
    rd_kafka_queue_cb_event_enable(
        lane->queue.get(),
        [](rd_kafka_t*, void* opaque) {
          auto* filled = static_cast<Lane*>(opaque);
          filled->at_hand.store(true);
          filled->signal->Arrived();
        },
        lane.get());
    auto& partitions = lanes_.at(position.log.topic);
    const auto index = static_cast<std::size_t>(position.log.partition);
    if (partitions.size() <= index) partitions.resize(index + 1);
    partitions[index] = std::move(lane);
    logs.push_back(position.log);
  }
  const Owned<rd_kafka_topic_partition_list_s> list = ListOf(options_.topics, from);
  const Owned<rd_kafka_error_s> error(rd_kafka_incremental_assign(handle_->get(), list.get()));
  if (error == nullptr) return {};
  const Recovery recovery = rd_kafka_error_is_fatal(error.get()) != 0 ? Recovery::kStopProcess : Recovery::kRestartTask;
  std::string message = Named(options_.topics, logs.front()) + ": cannot be assigned: " + rd_kafka_error_string(error.get());
  Unassign(logs);
  return antiphon::Fail(recovery, std::move(message));
}

void KafkaEventSource::Unassign(std::span<const LogId> logs) {
  lent_.reset();
  std::vector<LogId> read;
  for (const LogId log : logs) {
    if (Lane* lane = Find(log); lane != nullptr) {
      rd_kafka_queue_cb_event_enable(lane->queue.get(), nullptr, nullptr);  // no callback runs once this has returned
      read.push_back(log);
    }
  }
  if (read.empty()) return;
  const Owned<rd_kafka_topic_partition_list_s> list = ListOf(options_.topics, std::span<const LogId>(read));
  if (const Owned<rd_kafka_error_s> error(rd_kafka_incremental_unassign(handle_->get(), list.get())); error != nullptr) {
    handle_->Say(LogLevel::kWarning, std::string("unassigning: ") + rd_kafka_error_string(error.get()));
  }
  for (const LogId log : read) lanes_[log.topic][static_cast<std::size_t>(log.partition)].reset();
}

Result<std::optional<LogRecord>> KafkaEventSource::Take(LogId log) {
  lent_.reset();
  Lane* lane = Find(log);
  ANTIPHON_CHECK(lane != nullptr);
  lane->left = false;
  if (signal_->client.load(std::memory_order_relaxed)) {
    if (Result<void> served = ServeClient(); !served) return std::unexpected(served.error());
  }
  if (lane->failure) return std::unexpected(*lane->failure);
  for (;;) {
    Owned<rd_kafka_message_s> message = Next(*lane);
    if (lane->failure) return std::unexpected(*lane->failure);
    if (message == nullptr) return std::nullopt;
    Result<std::optional<LogRecord>> accepted = Accept(*lane, std::move(message));
    if (!accepted || accepted->has_value()) return accepted;
  }
}

// The next message of a log's queue, or nothing. That a topic is gone comes as none, but through the callback for errors.
Owned<rd_kafka_message_s> KafkaEventSource::Next(Lane& lane) {
  looked_at_ = &lane;
  Owned<rd_kafka_message_s> message(rd_kafka_consume_queue(lane.queue.get(), 0));
  if (message == nullptr && lane.at_hand.load()) {
    lane.at_hand.store(false);  // and look once more: something may have come between the look and this line
    message.reset(rd_kafka_consume_queue(lane.queue.get(), 0));
    if (message != nullptr) lane.at_hand.store(true);
  }
  looked_at_ = nullptr;
  return message;
}

// Nothing: the message was none that counts, the next one has to be looked at.
Result<std::optional<LogRecord>> KafkaEventSource::Accept(Lane& lane, Owned<rd_kafka_message_s> message) {
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    lane.position = std::max(lane.position, message->offset);
    return std::nullopt;
  }
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    // Whatever it is: after some of them the library goes on behind what it could not read.
    Fail(lane, message->err, rd_kafka_message_errstr(message.get()));
    return std::unexpected(*lane.failure);
  }
  if (message->offset < lane.position) return std::nullopt;
  lane.position = message->offset + 1;
  LogRecord record;
  record.offset = message->offset;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t timestamp = rd_kafka_message_timestamp(message.get(), &type);
  record.timestamp = FromEpochMs(type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || timestamp < 0 ? 0 : timestamp);
  if (message->key != nullptr) record.key = BytesOf(message->key, message->key_len);
  if (message->payload != nullptr) record.value = BytesOf(message->payload, message->len);
  lent_ = std::move(message);
  if (!options_.with_headers.empty() && options_.with_headers.contains(lane.log.topic)) FillHeaders(record);
  return record;
}

void KafkaEventSource::FillHeaders(LogRecord& record) const {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(lent_.get(), &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    record.headers.push_back({.name = name, .value = value == nullptr ? std::string_view() : BytesOf(value, size)});
  }
}

std::int64_t KafkaEventSource::Position(LogId log) const {
  const Lane* lane = Find(log);
  ANTIPHON_CHECK(lane != nullptr);
  return lane->position;
}

Result<std::vector<std::int64_t>> KafkaEventSource::StableEnds(std::span<const LogId> logs) {
  return EdgesOf(*asking_, options_.topics, logs, LogEdge::kEnd, options_.ends_within);
}

void KafkaEventSource::Fail(Lane& lane, int code, std::string_view reason) const {
  lane.failure = Error{Recovery::kRestartTask, Named(options_.topics, lane.log) + " at offset " + std::to_string(lane.position) + ": " +
                                                   ErrorWords(code) + ": " + std::string(reason)};
}

// Errors of no log. The library repairs all of them by itself but the fatal one.
Result<void> KafkaEventSource::ServeClient() {
  signal_->client = false;
  for (;;) {
    const Owned<rd_kafka_message_s> message(rd_kafka_consumer_poll(handle_->get(), 0));
    if (message == nullptr) break;
    ANTIPHON_CHECK(message->err != RD_KAFKA_RESP_ERR_NO_ERROR);  // a record here would be missing in its log
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) continue;
    handle_->Say(LogLevel::kWarning, ErrorWords(message->err) + ": " + rd_kafka_message_errstr(message.get()));
  }
  if (const auto fatal = handle_->Fatal()) {
    signal_->client = true;  // it stays so
    return antiphon::Fail(Recovery::kStopProcess, "the reading client of group " + options_.group + " cannot go on: " + fatal->second);
  }
  return {};
}

void KafkaEventSource::Wait(Milliseconds at_most) {
  {
    const std::lock_guard lock(signal_->mutex);
    signal_->arrived = false;
  }
  if (signal_->client.load() && !ServeClient()) return;  // the next Take says it
  // What nobody took from after the last Wait is of no interest now: it must not end this one, too, and so every one.
  bool ready = false;
  for (const auto& partitions : lanes_) {
    for (const auto& lane : partitions) {
      if (lane == nullptr || !(lane->at_hand.load() || lane->failure)) continue;
      ready = ready || !lane->left;
      lane->left = true;
    }
  }
  std::unique_lock lock(signal_->mutex);
  if (!ready) signal_->changed.wait_for(lock, at_most, [this] { return signal_->arrived || signal_->woken; });
  signal_->woken = false;
}

void KafkaEventSource::Wake() {
  {
    const std::lock_guard lock(signal_->mutex);
    signal_->woken = true;
  }
  signal_->changed.notify_one();
}

}  // namespace antiphon::kafka
