#include "services/process/kafka_settings.h"

#include <algorithm>
#include <iterator>

namespace antiphon::process {
namespace {

constexpr std::string_view kExactlyOnce = "Antiphon sets it: exactly once depends on it";
constexpr std::string_view kPositions = "Antiphon sets it: positions are committed with the transaction that they belong to";
constexpr std::string_view kTransactions = "Antiphon sets it: it goes with the length of a transaction";
constexpr std::string_view kMembership = "Antiphon sets it: which partitions a process owns depends on it";
constexpr std::string_view kOidc = "Debian's librdkafka is built without OIDC";
constexpr std::string_view kCode = "it would load code into the process";

using enum SettingKind;
constexpr SettingUse kP = SettingUse::kProducer;
constexpr SettingUse kC = SettingUse::kConsumer;
constexpr SettingUse kAll = SettingUse::kBoth;

// Sorted by name.
constexpr KafkaSetting kSettings[] = {
    {"acks", kP, kRefused, kExactlyOnce},
    {"allow.auto.create.topics", kC, kRefused, "topics are made by `antiphon topics --create`, never by reading them"},
    {"auto.commit.enable", kC, kRefused, kPositions},
    {"auto.commit.interval.ms", kC, kRefused, kPositions},
    {"auto.offset.reset", kC, kRefused, "a position that is gone must stop the process; where an input begins is its `start`"},
    {"batch.num.messages", kP, kPlain, {}},
    {"batch.size", kP, kPlain, {}},
    {"bootstrap.servers", kAll, kPlain, {}},
    {"broker.address.family", kAll, kPlain, {}},
    {"broker.address.ttl", kAll, kPlain, {}},
    {"check.crcs", kC, kRefused, "Antiphon sets it: damaged records must be seen"},
    {"client.id", kAll, kPlain, {}},
    {"client.rack", kAll, kRefused, "reading from followers is not safe with librdkafka 2.0.2"},
    {"compression.codec", kP, kPlain, {}},
    {"compression.level", kP, kPlain, {}},
    {"compression.type", kP, kPlain, {}},
    {"connections.max.idle.ms", kAll, kPlain, {}},
    {"debug", kAll, kPlain, {}},
    {"delivery.report.only.error", kP, kRefused, kExactlyOnce},
    {"delivery.timeout.ms", kP, kRefused, kTransactions},
    {"enable.auto.commit", kC, kRefused, kPositions},
    {"enable.auto.offset.store", kC, kRefused, kPositions},
    {"enable.gapless.guarantee", kP, kRefused, kExactlyOnce},
    {"enable.idempotence", kP, kRefused, kExactlyOnce},
    {"enable.partition.eof", kC, kRefused, "Antiphon sets it: it must know when a topic is read to its end"},
    {"enable.sasl.oauthbearer.unsecure.jwt", kAll, kPlain, {}},
    {"enable.ssl.certificate.verification", kAll, kPlain, {}},
    {"fetch.error.backoff.ms", kC, kPlain, {}},
    {"fetch.max.bytes", kC, kPlain, {}},
    {"fetch.message.max.bytes", kC, kPlain, {}},
    {"fetch.min.bytes", kC, kPlain, {}},
    {"fetch.wait.max.ms", kC, kPlain, {}},
    {"group.id", kC, kRefused, "it is the process's `group`"},
    {"group.instance.id", kC, kRefused, "it is the process's `node`"},
    {"group.protocol.type", kC, kRefused, kMembership},
    {"heartbeat.interval.ms", kC, kPlain, {}},
    {"interceptors", kAll, kRefused, kCode},
    {"isolation.level", kC, kRefused, "Antiphon reads committed records only"},
    {"linger.ms", kP, kPlain, {}},
    {"log.connection.close", kAll, kPlain, {}},
    {"log.queue", kAll, kRefused, "Antiphon sets it"},
    {"log_level", kAll, kRefused, "it is `log: {level: ..}`"},
    {"max.in.flight", kP, kRefused, kExactlyOnce},
    {"max.in.flight.requests.per.connection", kP, kRefused, kExactlyOnce},
    {"max.partition.fetch.bytes", kC, kPlain, {}},
    {"max.poll.interval.ms", kC, kRefused, kMembership},
    {"message.max.bytes", kAll, kPlain, {}},
    {"message.send.max.retries", kP, kRefused, kExactlyOnce},
    {"message.timeout.ms", kP, kRefused, kTransactions},
    {"metadata.broker.list", kAll, kRefused, "write `bootstrap.servers`"},
    {"metadata.max.age.ms", kAll, kPlain, {}},
    {"offset.store.method", kC, kRefused, kPositions},
    {"partition.assignment.strategy", kC, kRefused, "Antiphon sets it: all inputs of a customer must go to one owner"},
    {"partitioner", kP, kRefused, "Antiphon names the partition of every record itself"},
    {"plugin.library.paths", kAll, kRefused, kCode},
    {"produce.offset.report", kP, kRefused, kExactlyOnce},
    {"queue.buffering.max.kbytes", kP, kPlain, {}},
    {"queue.buffering.max.messages", kP, kPlain, {}},
    {"queue.buffering.max.ms", kP, kPlain, {}},
    {"queued.max.messages.kbytes", kC, kRefused, "Antiphon sizes what is read ahead: too little stalls reading for a second at a time"},
    {"queued.min.messages", kC, kRefused, "Antiphon sizes what is read ahead: too little stalls reading for a second at a time"},
    {"queuing.strategy", kP, kRefused, kExactlyOnce},
    {"receive.message.max.bytes", kAll, kPlain, {}},
    {"reconnect.backoff.max.ms", kAll, kPlain, {}},
    {"reconnect.backoff.ms", kAll, kPlain, {}},
    {"request.required.acks", kP, kRefused, kExactlyOnce},
    {"request.timeout.ms", kP, kRefused, kTransactions},
    {"retries", kP, kRefused, kExactlyOnce},
    {"retry.backoff.ms", kP, kRefused, kTransactions},
    {"sasl.jaas.config", kAll, kRefused, "it is a setting of the Java client; write `sasl.mechanism`, `sasl.username` and `sasl.password`"},
    {"sasl.kerberos.keytab", kAll, kPath, {}},
    {"sasl.kerberos.kinit.cmd", kAll, kPlain, {}},
    {"sasl.kerberos.min.time.before.relogin", kAll, kPlain, {}},
    {"sasl.kerberos.principal", kAll, kPlain, {}},
    {"sasl.kerberos.service.name", kAll, kPlain, {}},
    {"sasl.mechanism", kAll, kPlain, {}},
    {"sasl.mechanisms", kAll, kRefused, "write `sasl.mechanism`"},
    {"sasl.oauthbearer.client.id", kAll, kRefused, kOidc},
    {"sasl.oauthbearer.client.secret", kAll, kRefused, kOidc},
    {"sasl.oauthbearer.config", kAll, kSecret, {}},
    {"sasl.oauthbearer.extensions", kAll, kRefused, kOidc},
    {"sasl.oauthbearer.method", kAll, kRefused, kOidc},
    {"sasl.oauthbearer.scope", kAll, kRefused, kOidc},
    {"sasl.oauthbearer.token.endpoint.url", kAll, kRefused, kOidc},
    {"sasl.password", kAll, kSecret, {}},
    {"sasl.username", kAll, kPlain, {}},
    {"security.protocol", kAll, kPlain, {}},
    {"session.timeout.ms", kC, kPlain, {}},
    {"socket.blocking.max.ms", kAll, kRefused, "librdkafka does not use it any more"},
    {"socket.connection.setup.timeout.ms", kAll, kPlain, {}},
    {"socket.keepalive.enable", kAll, kPlain, {}},
    {"socket.max.fails", kAll, kPlain, {}},
    {"socket.nagle.disable", kAll, kPlain, {}},
    {"socket.receive.buffer.bytes", kAll, kPlain, {}},
    {"socket.send.buffer.bytes", kAll, kPlain, {}},
    {"socket.timeout.ms", kAll, kRefused, kTransactions},
    {"ssl.ca.location", kAll, kPath, {}},
    {"ssl.ca.pem", kAll, kPlain, {}},
    {"ssl.certificate.location", kAll, kPath, {}},
    {"ssl.certificate.pem", kAll, kPlain, {}},
    {"ssl.cipher.suites", kAll, kPlain, {}},
    {"ssl.crl.location", kAll, kPath, {}},
    {"ssl.curves.list", kAll, kPlain, {}},
    {"ssl.endpoint.identification.algorithm", kAll, kPlain, {}},
    {"ssl.engine.id", kAll, kRefused, kCode},
    {"ssl.engine.location", kAll, kRefused, kCode},
    {"ssl.key.location", kAll, kPath, {}},
    {"ssl.key.password", kAll, kSecret, {}},
    {"ssl.key.pem", kAll, kSecret, {}},
    {"ssl.keystore.location", kAll, kPath, {}},
    {"ssl.keystore.password", kAll, kSecret, {}},
    {"ssl.providers", kAll, kPlain, {}},
    {"ssl.sigalgs.list", kAll, kPlain, {}},
    {"ssl.truststore.location", kAll, kRefused, "it is a setting of the Java client; write `ssl.ca.location`, a file of PEM certificates"},
    {"ssl.truststore.password", kAll, kRefused, "it is a setting of the Java client; write `ssl.ca.location`, a file of PEM certificates"},
    {"statistics.interval.ms", kAll, kRefused, "Antiphon sets it for its metrics"},
    {"sticky.partitioning.linger.ms", kP, kRefused, "Antiphon names the partition of every record itself"},
    {"topic.metadata.propagation.max.ms", kAll, kPlain, {}},
    {"topic.metadata.refresh.fast.interval.ms", kAll, kPlain, {}},
    {"topic.metadata.refresh.interval.ms", kAll, kPlain, {}},
    {"transaction.timeout.ms", kP, kRefused, kTransactions},
    {"transactional.id", kP, kRefused, "it is made of `group`, `node` and the worker's number"},
};
static_assert(std::ranges::is_sorted(kSettings, {}, &KafkaSetting::name));

}  // namespace

const KafkaSetting* FindKafkaSetting(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(kSettings, name, {}, &KafkaSetting::name);
  return found == std::end(kSettings) || found->name != name ? nullptr : found;
}

const std::vector<std::string>& KafkaSettingNames() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const KafkaSetting& setting : kSettings) {
      if (setting.kind != kRefused) names.emplace_back(setting.name);
    }
    return names;
  }();
  return kNames;
}

}  // namespace antiphon::process
