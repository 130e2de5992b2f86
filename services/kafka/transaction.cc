#include "services/kafka/transaction.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <tuple>

#include "services/kafka/records.h"
#include "state/base/check.h"

namespace antiphon::kafka {

using runtime::CommitOutcome;
using runtime::CommitReport;
using runtime::LogId;
using runtime::LogPosition;

namespace {

// The library then asks the partitioner of ProducerSettings, which is the Java client's.
static_assert(runtime::kByKey == RD_KAFKA_PARTITION_UA);

// Ends of logs that have none.
constexpr std::int64_t kNone = -1;    // nothing was written to it
constexpr std::int64_t kUntold = -2;  // a record was delivered, but its offset was not told (a second delivery of the same)

// Kafka's numbers of requests.
constexpr int kProduceRequest = 0;
constexpr int kAddPartitionsRequest = 24;
constexpr int kAddOffsetsRequest = 25;
constexpr int kEndTransactionRequest = 26;
constexpr int kCommitOffsetsRequest = 28;

bool OfTransaction(int request) {
  return request == kProduceRequest || request == kAddPartitionsRequest || request == kAddOffsetsRequest ||
         request == kEndTransactionRequest || request == kCommitOffsetsRequest;
}

// What comes again however often it is tried: somebody has to change a right or a setting.
bool NeedsOperator(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return true;
    default:
      return false;
  }
}

// The words for an owner of before: the cluster knows another, or a later one.
bool IsRefusedMember(int code) {
  return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
         code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

Error ErrorOf(const rd_kafka_error_t* error, std::string_view doing) {
  const int code = rd_kafka_error_code(error);
  return {NeedsOperator(code) ? Recovery::kStopProcess : Recovery::kRestartTask,
          std::string(doing) + ": " + rd_kafka_error_name(error) + ": " + rd_kafka_error_string(error)};
}

HandleSettings ProducerSettings(const OutputSinkOptions& options, std::uint32_t worker) {
  const std::string timeout = std::to_string(options.transaction_timeout.count());
  HandleSettings settings;
  AddCommonSettings(settings);
  settings.fixed = {
      {"transactional.id", TransactionalId(options, worker)},
      {"transaction.timeout.ms", timeout},
      {"message.timeout.ms", timeout},  // bounds how long a record that is stuck can hold up the end of a transaction
      {"acks", "all"},
      {"enable.idempotence", "true"},
      {"partitioner", "murmur2_random"},
  };
  settings.defaults.insert(settings.defaults.end(), {
                                                        {"max.in.flight", "5"},
                                                        {"linger.ms", "2"},
                                                        {"compression.codec", "lz4"},
                                                        {"queue.buffering.max.messages", "500000"},
                                                        {"queue.buffering.max.kbytes", "262144"},
                                                    });
  // The socket's timeout has to stay below the transaction's; a short transaction takes it with it.
  const Milliseconds socket = std::min(Milliseconds(5'000), options.transaction_timeout / 2);
  settings.defaults.emplace_back("socket.timeout.ms", std::to_string(socket.count()));
  return settings;
}

}  // namespace

// What librdkafka calls. It would be private members, did the header know its types.
struct TransactionalProducer::Callbacks {
  static void Delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto* self = static_cast<TransactionalProducer*>(Handle::OwnerOf(opaque));
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (!self->first_failure_ && message->err != RD_KAFKA_RESP_ERR__PURGE_QUEUE && message->err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
        self->first_failure_ = Error{NeedsOperator(message->err) ? Recovery::kStopProcess : Recovery::kRestartTask,
                                     std::string(rd_kafka_topic_name(message->rkt)) + " [" + std::to_string(message->partition) +
                                         "]: a record of " + std::to_string(message->len) + " bytes: " + ErrorWords(message->err)};
      }
      return;
    }
    ++self->delivered_;
    auto& partitions = *static_cast<std::vector<std::int64_t>*>(message->_private);
    const auto index = static_cast<std::size_t>(message->partition);
    if (partitions.size() <= index) partitions.resize(index + 1, kNone);
    std::int64_t& end = partitions[index];
    if (message->offset < 0 || end == kUntold) {
      end = kUntold;
    } else {
      end = std::max(end, message->offset + 1);
    }
  }

  static rd_kafka_resp_err_t Sent(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t request, std::int16_t, std::int32_t,
                                  std::size_t, void* requests) {
    if (request == kEndTransactionRequest) ++static_cast<Requests*>(requests)->ends_sent;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  // Also called for requests that are given up, with an error.
  static rd_kafka_resp_err_t Answered(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t request, std::int16_t, std::int32_t,
                                      std::size_t, std::int64_t, rd_kafka_resp_err_t error, void* requests) {
    auto* counts = static_cast<Requests*>(requests);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && OfTransaction(request)) ++counts->lost;
    if (request == kAddPartitionsRequest) ++counts->adds_answered;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  static rd_kafka_resp_err_t Made(rd_kafka_t* client, const rd_kafka_conf_t*, void* requests, char*, std::size_t) {
    rd_kafka_interceptor_add_on_request_sent(client, "antiphon", Sent, requests);
    rd_kafka_interceptor_add_on_response_received(client, "antiphon", Answered, requests);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
};

TransactionalProducer::TransactionalProducer(const OutputSinkOptions& options)
    : options_(options), ends_(options.topics.size()), requests_(std::make_shared<Requests>()), topics_(options.topics.size()) {}

Result<std::unique_ptr<TransactionalProducer>> TransactionalProducer::Open(const OutputSinkOptions& options, std::uint32_t worker) {
  std::unique_ptr<TransactionalProducer> producer(new TransactionalProducer(options));
  HandleSettings settings = ProducerSettings(options, worker);
  settings.kept = producer->requests_;
  settings.prepare = [&](rd_kafka_conf_t* conf) {
    // Without it the end of a transaction is polled for in steps of 10 ms.
    rd_kafka_conf_set_dr_msg_cb(conf, Callbacks::Delivered);
    rd_kafka_conf_interceptor_add_on_new(conf, "antiphon", Callbacks::Made, producer->requests_.get());
  };
  Result<std::unique_ptr<Handle>> handle = Handle::Open(Handle::Kind::kProducer, options.client, settings, producer.get());
  if (!handle) return std::unexpected(handle.error());
  producer->handle_ = std::move(*handle);

  // A topic that the client does not know when its first record comes costs a second.
  for (const std::uint32_t topic : options.outputs) {
    producer->topics_.at(topic).reset(rd_kafka_topic_new(producer->handle_->get(), options.topics.at(topic).c_str(), nullptr));
    ANTIPHON_CHECK(producer->topics_[topic] != nullptr);
  }
  const Owned<rd_kafka_error_s> error(
      rd_kafka_init_transactions(producer->handle_->get(), static_cast<int>(options.transaction_timeout.count())));
  if (error == nullptr) return producer;
  Error said = ErrorOf(error.get(), TransactionalId(options, worker) + ": transactions cannot be begun");
  if (said.recovery != Recovery::kStopProcess) said.recovery = Recovery::kRetry;
  return std::unexpected(said);
}

TransactionalProducer::~TransactionalProducer() {
  if (to_abort_ && !handle_->Fatal()) {
    constexpr int kWithinMs = 2'000;
    const Owned<rd_kafka_error_s> error(rd_kafka_abort_transaction(handle_->get(), kWithinMs));
  }
}

Result<void> TransactionalProducer::Begin() {
  ANTIPHON_CHECK(state_ == State::kIdle);
  held_.Begin();
  handed_ = delivered_ = 0;
  committed_ = false;
  for (auto& partitions : ends_) std::ranges::fill(partitions, kNone);
  first_failure_.reset();
  requests_->ends_sent = 0;
  requests_->lost = 0;
  requests_->adds_answered = 0;
  const Owned<rd_kafka_error_s> error(rd_kafka_begin_transaction(handle_->get()));
  if (error != nullptr) {
    state_ = State::kSpent;
    return std::unexpected(ErrorOf(error.get(), "a transaction cannot be begun"));
  }
  state_ = State::kOpen;
  to_abort_ = true;
  return {};
}

Result<void> TransactionalProducer::Produce(const HeldRecords::Record& record) {
  const auto [topic, partition] = record.log;
  ANTIPHON_CHECK(state_ == State::kOpen && (partition >= 0 || partition == runtime::kByKey) && topic < topics_.size() &&
                 topics_[topic] != nullptr);
  held_.Add(record);
  constexpr std::size_t kHeldMax = 8U << 20U;
  if (held_.bytes() < kHeldMax) return {};
  return HandHeld();
}

Result<void> TransactionalProducer::HandHeld() {
  auto handed = held_.ForEach([this](const HeldRecords::Record& record) { return Hand(record); });
  held_.Clear();
  return handed;
}

Result<void> TransactionalProducer::Hand(const HeldRecords::Record& record) {
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> until;
  const auto [topic, partition] = record.log;
  void* opaque = &ends_[topic];  // for the delivery report
  for (;;) {
    const int code = HandRecord(handle_->get(), topics_[topic].get(), partition, record.key, record.value, record.headers, opaque);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    if (!until) until = Clock::now() + options_.transaction_timeout;
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || Clock::now() > *until) return std::unexpected(ProduceError(code, record));
    constexpr int kPollMs = 20;
    rd_kafka_poll(handle_->get(), kPollMs);
  }
  constexpr std::uint64_t kReportsEvery = 256;
  if (++handed_ % kReportsEvery == 0) rd_kafka_poll(handle_->get(), 0);
  return {};
}

Error TransactionalProducer::ProduceError(int code, const HeldRecords::Record& record) const {
  const std::size_t bytes = record.key.value_or("").size() + record.value.value_or("").size();
  const std::string what = Named(options_.topics, record.log) + ": a record of " + std::to_string(bytes) + " bytes: " + ErrorWords(code);
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return {Recovery::kStopProcess, what + "; raise kafka's message.max.bytes here, and max.message.bytes of the topic"};
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return {Recovery::kStopProcess, what};
    default:
      return WithFirstFailure({Recovery::kRestartTask, what});
  }
}

// What a call says of a transaction that a record has failed may be no more than that it has failed.
Error TransactionalProducer::WithFirstFailure(Error error) const {
  if (!first_failure_) return error;
  error.message += "; " + first_failure_->message;
  if (first_failure_->recovery == Recovery::kStopProcess) error.recovery = Recovery::kStopProcess;
  return error;
}

CommitReport TransactionalProducer::Commit(std::span<const LogPosition> positions, const runtime::MemberToken& member) {
  ANTIPHON_CHECK(state_ == State::kOpen && !positions.empty());
  // The cluster takes offsets without a member from anybody, whoever owns the partitions. So there always is one.
  ANTIPHON_CHECK(member.generation() >= 0 && !member.member_id().empty());
  for (const LogPosition& position : positions) ANTIPHON_CHECK(position.next >= 0);  // others would be left out in silence

  const bool adds = held_.HasFirsts();
  const int answered_before = requests_->adds_answered;
  if (auto handed = HandHeld(); !handed) {
    state_ = State::kSpent;
    return {.outcome = CommitOutcome::kUnknown, .why = std::move(handed.error()), .ends = {}};
  }
  if (adds) AwaitAdded(answered_before);
  const Owned<rd_kafka_topic_partition_list_s> offsets = ListOf(options_.topics, positions);
  const Owned<rd_kafka_consumer_group_metadata_s> metadata(rd_kafka_consumer_group_metadata_new_with_genid(
      options_.group.c_str(), member.generation(), member.member_id().c_str(), options_.node.c_str()));
  if (Owned<rd_kafka_error_s> error(rd_kafka_send_offsets_to_transaction(handle_->get(), offsets.get(), metadata.get(),
                                                                         static_cast<int>(options_.transaction_timeout.count())));
      error != nullptr) {
    return Refused(std::move(error));
  }
  to_abort_ = false;  // from here on nobody but the cluster knows
  if (const Owned<rd_kafka_error_s> error = Finish(rd_kafka_commit_transaction); error != nullptr) {
    state_ = State::kSpent;
    return {
        .outcome = CommitOutcome::kUnknown, .why = WithFirstFailure(ErrorOf(error.get(), "a commit did not come to its end")), .ends = {}};
  }
  state_ = State::kIdle;
  committed_ = true;
  rd_kafka_poll(handle_->get(), 0);
  return {.outcome = CommitOutcome::kCommitted, .why = {}, .ends = Ends()};
}

// While the cluster adds logs to a transaction it answers whatever else is asked of it that it is busy, and the client tries again after
// 20 ms. So the positions, which are added by a request of their own, wait for that answer; not for ever, since nothing depends on it.
void TransactionalProducer::AwaitAdded(int answered_before) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + std::chrono::milliseconds(50);
  constexpr int kPollMs = 1;  // and it ends early with the first delivery report
  while (requests_->adds_answered == answered_before && Clock::now() < until) rd_kafka_poll(handle_->get(), kPollMs);
}

// Ends the transaction one way or the other; nothing if it has ended. A retriable error means that the call goes on where it was.
Owned<rd_kafka_error_s> TransactionalProducer::Finish(rd_kafka_error_s* (*how)(rd_kafka_s*, int)) {
  constexpr int kForEver = -1;  // any other bound can leave the client in a state that is not the cluster's
  constexpr int kAttempts = 10;
  Owned<rd_kafka_error_s> error;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    error.reset(how(handle_->get(), kForEver));
    if (error == nullptr || rd_kafka_error_is_retriable(error.get()) == 0) break;
  }
  return error;
}

// The positions were not taken. Only where the cluster's word was about the member is it certain that nothing will ever be committed.
CommitReport TransactionalProducer::Refused(Owned<rd_kafka_error_s> error) {
  state_ = State::kSpent;
  CommitReport report;
  rd_kafka_poll(handle_->get(), 0);  // a record that failed may be why
  report.why = WithFirstFailure(ErrorOf(error.get(), "the group's positions were refused"));
  const bool refused = IsRefusedMember(rd_kafka_error_code(error.get())) && rd_kafka_error_txn_requires_abort(error.get()) != 0;
  if (!refused) return report;
  to_abort_ = false;
  if (const Owned<rd_kafka_error_s> aborting = Finish(rd_kafka_abort_transaction); aborting != nullptr) {
    report.why.message += std::string("; aborting: ") + rd_kafka_error_string(aborting.get());
    return report;
  }
  report.outcome = CommitOutcome::kNotCommitted;
  return report;
}

std::vector<LogPosition> TransactionalProducer::Ends() const {
  std::vector<LogPosition> ends;
  if (delivered_ != handed_) return ends;  // a report is missing, and with it whichever log's
  for (std::uint32_t topic = 0; topic < ends_.size(); ++topic) {
    for (std::size_t partition = 0; partition < ends_[topic].size(); ++partition) {
      const std::int64_t end = ends_[topic][partition];
      if (end >= 0) ends.push_back({.log = {.topic = topic, .partition = static_cast<std::int32_t>(partition)}, .next = end});
    }
  }
  return ends;
}

}  // namespace antiphon::kafka
