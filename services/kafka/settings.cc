#include "services/kafka/settings.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>

namespace antiphon::kafka {
namespace {

// What this room alone decides: with another value of any of these an event could be lost, doubled, or read before it is committed.
constexpr std::array kOurs = {
    std::string_view{"acks"},
    std::string_view{"allow.auto.create.topics"},
    std::string_view{"auto.offset.reset"},
    std::string_view{"check.crcs"},
    std::string_view{"client.id"},
    std::string_view{"client.rack"},
    std::string_view{"delivery.report.only.error"},
    std::string_view{"enable.auto.commit"},
    std::string_view{"enable.auto.offset.store"},
    std::string_view{"enable.gapless.guarantee"},
    std::string_view{"enable.idempotence"},
    std::string_view{"enable.partition.eof"},
    std::string_view{"group.id"},
    std::string_view{"group.instance.id"},
    std::string_view{"group.protocol.type"},
    std::string_view{"isolation.level"},
    std::string_view{"message.timeout.ms"},
    std::string_view{"delivery.timeout.ms"},
    std::string_view{"partition.assignment.strategy"},
    std::string_view{"partitioner"},
    std::string_view{"request.required.acks"},
    std::string_view{"transactional.id"},
    std::string_view{"transaction.timeout.ms"},
};

bool IsOurs(std::string_view name) { return std::ranges::find(kOurs, name) != kOurs.end(); }

// By name: a setting that is added to librdkafka later should not have to be listed here first.
bool IsSecret(std::string_view name) {
  constexpr std::array kWords = {"password", "secret", ".key", "pem", "oauthbearer.config", "token", "kinit.cmd"};
  const bool named = std::ranges::any_of(kWords, [&](const char* word) { return name.find(word) != std::string_view::npos; });
  return named && !name.ends_with(".location");
}

Result<void> Set(rd_kafka_conf_t* conf, std::string_view name, const std::string& value) {
  const std::string text(name);
  // The library's own words quote the value, so they are not repeated.
  std::array<char, 512> words{};
  switch (rd_kafka_conf_set(conf, text.c_str(), value.c_str(), words.data(), words.size())) {
    case RD_KAFKA_CONF_OK:
      return {};
    case RD_KAFKA_CONF_UNKNOWN:
      return Fail(Recovery::kStopProcess,
                  "kafka setting \"" + text + "\": librdkafka " + rd_kafka_version_str() + " knows no such setting");
    default:
      return Fail(Recovery::kStopProcess, "kafka setting \"" + text + "\": librdkafka " + rd_kafka_version_str() +
                                              " does not accept its value; what it may be is said in librdkafka's CONFIGURATION.md");
  }
}

}  // namespace

Result<Owned<rd_kafka_conf_s>> MakeConf(const ClientOptions& options, const HandleSettings& settings) {
  Owned<rd_kafka_conf_s> conf(rd_kafka_conf_new());
  for (const auto& [name, value] : settings.defaults) {
    if (Result<void> set = Set(conf.get(), name, value); !set) return std::unexpected(set.error());
  }
  for (const auto& [name, value] : options.settings) {
    if (IsOurs(name)) {
      return Fail(Recovery::kStopProcess, "kafka setting \"" + name + "\": Antiphon sets it itself, exactly once rests on it; remove it");
    }
    if (Result<void> set = Set(conf.get(), name, value); !set) return std::unexpected(set.error());
  }
  if (!options.settings.contains("bootstrap.servers") && !options.settings.contains("metadata.broker.list")) {
    return Fail(Recovery::kStopProcess, "kafka setting \"bootstrap.servers\": missing; it names the brokers that are asked first");
  }
  if (!options.client_id.empty()) {
    if (Result<void> set = Set(conf.get(), "client.id", options.client_id); !set) return std::unexpected(set.error());
  }
  for (const auto& [name, value] : settings.fixed) {
    if (Result<void> set = Set(conf.get(), name, value); !set) return std::unexpected(set.error());
  }
  return conf;
}

Result<void> CheckSettings(const ClientOptions& options) {
  const Result<Owned<rd_kafka_conf_s>> conf = MakeConf(options, {});
  if (!conf) return std::unexpected(conf.error());
  return {};
}

std::vector<std::string> SecretsOf(const ClientOptions& options) {
  std::vector<std::string> secrets;
  for (const auto& [name, value] : options.settings) {
    if (IsSecret(name) && !value.empty()) secrets.push_back(value);
  }
  return secrets;
}

std::string WithoutSecrets(std::string_view text, const std::vector<std::string>& secrets) {
  std::string clean(text);
  for (const std::string& secret : secrets) {
    for (std::size_t at = clean.find(secret); at != std::string::npos; at = clean.find(secret, at + 3)) {
      clean.replace(at, secret.size(), "***");
    }
  }
  return clean;
}

}  // namespace antiphon::kafka
