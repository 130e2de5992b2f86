#include "services/kafka/handle.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <chrono>
#include <cstring>
#include <future>
#include <mutex>
#include <thread>
#include <tuple>

#include "services/kafka/settings.h"

namespace antiphon::kafka {

void Release::operator()(rd_kafka_s* client) const {
  // For producers the flag means nothing. Closing a consumer can block without end; it is done where there is a group to leave.
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}
void Release::operator()(rd_kafka_conf_s* conf) const { rd_kafka_conf_destroy(conf); }
void Release::operator()(rd_kafka_topic_s* topic) const { rd_kafka_topic_destroy(topic); }
void Release::operator()(rd_kafka_queue_s* queue) const { rd_kafka_queue_destroy(queue); }
void Release::operator()(rd_kafka_error_s* error) const { rd_kafka_error_destroy(error); }
void Release::operator()(rd_kafka_message_s* message) const { rd_kafka_message_destroy(message); }
void Release::operator()(rd_kafka_headers_s* headers) const { rd_kafka_headers_destroy(headers); }
void Release::operator()(rd_kafka_topic_partition_list_s* list) const { rd_kafka_topic_partition_list_destroy(list); }
void Release::operator()(rd_kafka_consumer_group_metadata_s* metadata) const { rd_kafka_consumer_group_metadata_destroy(metadata); }

struct Handle::Context {
  Log log;
  std::vector<std::string> secrets;
  void* owner = nullptr;
  std::function<void(int code, std::string_view reason)> on_error;
  std::shared_ptr<void> kept;
  mutable std::mutex mutex;  // of the log, which ends before the library's threads may

  void Say(LogLevel level, std::string_view text) const {
    const std::lock_guard lock(mutex);
    if (log) log(level, WithoutSecrets(text, secrets));
  }
  void Silence() {
    const std::lock_guard lock(mutex);
    log = nullptr;
  }
};

namespace {

LogLevel LevelOf(int syslog_level) {
  if (syslog_level <= 3) return LogLevel::kError;
  if (syslog_level == 4) return LogLevel::kWarning;
  return syslog_level <= 6 ? LogLevel::kInfo : LogLevel::kDebug;
}

void OnLog(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  if (client == nullptr) return;
  const auto* context = static_cast<const Handle::Context*>(rd_kafka_opaque(client));
  // A producer is given the consumer's settings too, and the other way round: one list serves all clients, and nobody has to hear of it.
  const bool noise = std::strcmp(facility, "CONFWARN") == 0;
  context->Say(noise ? LogLevel::kDebug : LevelOf(level), std::string(facility) + ": " + text);
}

void OnError(rd_kafka_t*, int code, const char* reason, void* opaque) {
  const auto* context = static_cast<const Handle::Context*>(opaque);
  const bool fatal = code == RD_KAFKA_RESP_ERR__FATAL;
  const std::string_view text = reason == nullptr ? "" : reason;
  context->Say(fatal ? LogLevel::kError : LogLevel::kWarning, ErrorWords(code) + ": " + std::string(text));
  if (context->on_error) context->on_error(code, text);
}

}  // namespace

Handle::Handle(std::unique_ptr<Context> context) : context_(std::move(context)) {}

Handle::~Handle() {
  if (client_ == nullptr) return;
  auto ended = std::make_shared<std::promise<void>>();
  const std::future<void> end = ended->get_future();
  const std::shared_ptr<Context> context = std::move(context_);
  // The context goes with the client: the library's threads refer to it.
  std::thread ending([client = client_.release(), context, ended] {
    Release()(client);
    ended->set_value();
  });
  constexpr std::chrono::seconds kPatience(3);
  if (end.wait_for(kPatience) == std::future_status::ready) {
    ending.join();
    return;
  }
  context->Say(LogLevel::kError, "a client does not end within 3 s; its threads are left behind");
  context->Silence();
  ending.detach();
}

Result<std::unique_ptr<Handle>> Handle::Open(Kind kind, const ClientOptions& options, const HandleSettings& settings, void* owner) {
  Result<Owned<rd_kafka_conf_s>> conf = MakeConf(options, settings);
  if (!conf) return std::unexpected(conf.error());

  auto context = std::make_unique<Context>();
  context->log = options.log;
  context->secrets = SecretsOf(options);
  context->owner = owner;
  context->on_error = settings.on_error;
  context->kept = settings.kept;
  rd_kafka_conf_set_opaque(conf->get(), context.get());
  rd_kafka_conf_set_log_cb(conf->get(), OnLog);
  rd_kafka_conf_set_error_cb(conf->get(), OnError);
  if (settings.prepare) settings.prepare(conf->get());

  std::unique_ptr<Handle> handle(new Handle(std::move(context)));
  std::array<char, 512> words{};
  const rd_kafka_type_t type = kind == Kind::kProducer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
  handle->client_.reset(rd_kafka_new(type, conf->get(), words.data(), words.size()));
  if (handle->client_ == nullptr) {
    return Fail(Recovery::kStopProcess, "kafka client cannot be made: " + WithoutSecrets(words.data(), handle->context_->secrets));
  }
  std::ignore = conf->release();  // the client's now
  if (kind == Kind::kConsumer) rd_kafka_poll_set_consumer(handle->get());
  return handle;
}

std::optional<std::pair<int, std::string>> Handle::Fatal() const {
  std::array<char, 512> words{};
  const rd_kafka_resp_err_t code = rd_kafka_fatal_error(get(), words.data(), words.size());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return std::pair<int, std::string>(code, words.data());
}

void Handle::Say(LogLevel level, std::string_view text) const { context_->Say(level, text); }

void* Handle::OwnerOf(void* opaque) { return static_cast<Context*>(opaque)->owner; }

// Why these values: services/kafka/README.md, "Settings".
void AddCommonSettings(HandleSettings& settings) {
  settings.defaults.insert(settings.defaults.end(), {
                                                        {"socket.nagle.disable", "true"},
                                                        {"socket.keepalive.enable", "true"},
                                                        {"reconnect.backoff.ms", "50"},
                                                        {"reconnect.backoff.max.ms", "500"},
                                                        {"retry.backoff.ms", "20"},
                                                        {"socket.timeout.ms", "5000"},
                                                    });
}

void AddConsumerSettings(HandleSettings& settings, const std::string& group) {
  AddCommonSettings(settings);
  settings.fixed.insert(settings.fixed.end(), {
                                                  {"group.id", group},
                                                  {"enable.auto.commit", "false"},
                                                  {"enable.auto.offset.store", "false"},
                                                  {"auto.offset.reset", "error"},
                                                  {"allow.auto.create.topics", "false"},
                                                  {"check.crcs", "true"},
                                              });
}

std::string ErrorWords(int code) { return rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code)); }

bool IsTransient(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__WAIT_CACHE:
    case RD_KAFKA_RESP_ERR__RETRY:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
      return true;
    default:
      return false;
  }
}

}  // namespace antiphon::kafka
