#include "services/kafka/feed_producer.h"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <utility>

#include "services/kafka/handle.h"
#include "services/kafka/records.h"
#include "state/base/check.h"

namespace antiphon::kafka {

using runtime::LogId;

namespace {

HandleSettings SettingsOf(const FeedProducerOptions& options) {
  const std::string within = std::to_string(options.within.count());
  HandleSettings settings;
  AddCommonSettings(settings);
  settings.fixed = {{"acks", "all"},
                    {"enable.idempotence", "true"},
                    {"message.timeout.ms", within},
                    {"partitioner", "murmur2_random"},
                    // With more, librdkafka 2.0.2 can end in a fatal error where connections break.
                    {"max.in.flight", "1"}};
  if (!options.transactional_id.empty()) {
    settings.fixed.emplace_back("transactional.id", options.transactional_id);
    settings.fixed.emplace_back("transaction.timeout.ms", within);
  }
  settings.defaults.insert(settings.defaults.end(), {{"linger.ms", "5"},
                                                     {"compression.codec", "lz4"},
                                                     {"queue.buffering.max.messages", "200000"},
                                                     {"queue.buffering.max.kbytes", "131072"}});
  return settings;
}

Error ErrorOf(const rd_kafka_error_t* error, const std::string& doing) {
  return {Recovery::kRestartTask, doing + ": " + rd_kafka_error_string(error)};
}

bool IsFinal(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct KafkaFeedProducer::Callbacks {
  static void Delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto* self = static_cast<KafkaFeedProducer*>(Handle::OwnerOf(opaque));
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++self->delivered_;
    } else if (!self->failed_) {
      const auto topic = static_cast<const std::string*>(message->_private) - self->options_.topics.data();
      const LogId log{.topic = static_cast<std::uint32_t>(topic), .partition = message->partition};
      self->failed_ = self->SendError(message->err, log, message->len);
    }
  }
};

KafkaFeedProducer::~KafkaFeedProducer() = default;

Result<std::unique_ptr<KafkaFeedProducer>> KafkaFeedProducer::Create(FeedProducerOptions options) {
  std::unique_ptr<KafkaFeedProducer> self(new KafkaFeedProducer(std::move(options)));
  HandleSettings settings = SettingsOf(self->options_);
  settings.prepare = [](rd_kafka_conf_t* conf) { rd_kafka_conf_set_dr_msg_cb(conf, Callbacks::Delivered); };
  Result<std::unique_ptr<Handle>> handle = Handle::Open(Handle::Kind::kProducer, self->options_.client, settings, self.get());
  if (!handle) return std::unexpected(handle.error());
  self->handle_ = std::move(*handle);
  for (const std::string& topic : self->options_.topics) {
    self->topics_.emplace_back(rd_kafka_topic_new(self->handle_->get(), topic.c_str(), nullptr));
    ANTIPHON_CHECK(self->topics_.back() != nullptr);
  }
  if (!self->transactional()) return self;
  const Owned<rd_kafka_error_s> error(rd_kafka_init_transactions(self->handle_->get(), static_cast<int>(self->options_.within.count())));
  if (error == nullptr) return self;
  Error said = ErrorOf(error.get(), self->options_.transactional_id + ": transactions cannot be begun");
  if (IsTransient(rd_kafka_error_code(error.get()))) said.recovery = Recovery::kRetry;
  return std::unexpected(said);
}

Error KafkaFeedProducer::SendError(int code, LogId log, std::size_t bytes) const {
  const std::string place = log.partition < 0 ? options_.topics.at(log.topic) : Named(options_.topics, log);
  return {IsFinal(code) ? Recovery::kStopProcess : Recovery::kRestartTask,
          place + ": a record of " + std::to_string(bytes) + " bytes was not delivered: " + ErrorWords(code)};
}

Result<void> KafkaFeedProducer::Begin() {
  const Owned<rd_kafka_error_s> error(rd_kafka_begin_transaction(handle_->get()));
  if (error != nullptr) return std::unexpected(ErrorOf(error.get(), "a transaction cannot be begun"));
  open_ = true;
  return {};
}

Result<void> KafkaFeedProducer::Send(LogId log, std::optional<std::string_view> key, std::optional<std::string_view> value,
                                     std::span<const runtime::Header> headers) {
  using Clock = std::chrono::steady_clock;
  if (transactional() && !open_) {
    if (Result<void> begun = Begin(); !begun) return begun;
  }
  std::optional<Clock::time_point> until;
  for (;;) {
    if (failed_) return std::unexpected(*failed_);
    const int code =
        HandRecord(handle_->get(), topics_.at(log.topic).get(), log.partition, key, value, headers, &options_.topics[log.topic]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    if (!until) until = Clock::now() + options_.within;
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || Clock::now() > *until) {
      return std::unexpected(SendError(code, log, value ? value->size() : 0));
    }
    constexpr int kPollMs = 20;
    rd_kafka_poll(handle_->get(), kPollMs);
  }
  rd_kafka_poll(handle_->get(), 0);
  return {};
}

Result<void> KafkaFeedProducer::Flush() {
  if (transactional()) return open_ ? Commit() : Result<void>{};
  // Each record has its own bound; a second more for its report.
  constexpr Milliseconds kReports{1'000};
  const rd_kafka_resp_err_t code = rd_kafka_flush(handle_->get(), static_cast<int>((options_.within + kReports).count()));
  if (failed_) return std::unexpected(*failed_);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return Fail(Recovery::kRestartTask,
              std::to_string(rd_kafka_outq_len(handle_->get())) + " records were not confirmed: " + ErrorWords(code));
}

Result<void> KafkaFeedProducer::Commit() {
  constexpr int kForEver = -1;  // any other bound can leave the client in a state that is not the cluster's
  open_ = false;
  const Owned<rd_kafka_error_s> error(rd_kafka_commit_transaction(handle_->get(), kForEver));
  if (error == nullptr) {
    committed_ = delivered_;
    return {};
  }
  Error said = ErrorOf(error.get(), "a transaction was not committed, or nobody knows");
  if (failed_) said.message += "; " + failed_->message;
  return std::unexpected(said);
}

}  // namespace antiphon::kafka
