#include <algorithm>
#include <optional>
#include <utility>

#include "engine/expression/diagnostic.h"
#include "services/process/kafka_settings.h"
#include "services/process/reading.h"

namespace antiphon::process {
namespace {

using topology::Severity;
using topology::YamlEntry;
using topology::YamlNode;

constexpr const char* kBrokers = "bootstrap.servers";

std::string Quoted(std::string_view what) { return "`" + std::string(what) + "`"; }

// Where a setting stands, for complaints about settings that do not go together.
const YamlNode* PlaceOf(const YamlNode* kafka, std::string_view name) {
  for (const YamlEntry& entry : kafka->entries) {
    if (entry.key.text == name) return &entry.key;
  }
  return kafka;
}

void ReadSetting(Reading& reading, const YamlEntry& entry, ProcessConfig& config) {
  const std::string& name = entry.key.text;
  const KafkaSetting* const setting = FindKafkaSetting(name);
  if (setting == nullptr) {
    const std::string nearest = expression::NearestName(name, KafkaSettingNames());
    reading.loading().Error(entry.key, "unknown_setting", "librdkafka has no setting '" + name + "' that may be given here",
                            nearest.empty() ? "docs/process-file.md lists them" : "did you mean '" + nearest + "'?");
    return;
  }
  if (setting->kind == SettingKind::kRefused) {
    reading.loading().Error(entry.key, "refused_setting", Quoted(name) + " cannot be given: " + std::string(setting->why), "leave it out");
    return;
  }
  const bool secret = setting->kind == SettingKind::kSecret;
  if (secret && entry.value.is_scalar()) {
    reading.Silent(Severity::kError, entry.value, "literal_secret", Quoted(name) + " is a secret and must not be written here",
                   "write {env: NAME} or {file: PATH}, and change the secret if this file was ever shared");
    return;
  }
  if (entry.value.is_null()) {
    reading.loading().Error(entry.key, "missing_value", Quoted(name) + " has no value", "write one, or leave the setting out");
    return;
  }
  auto given = reading.ReadGiven(entry.value, name, secret ? Secrecy::kSecret : Secrecy::kPublic);
  if (!given) return;
  if (given->text.empty() && name == kBrokers) {
    reading.loading().Error(entry.value, "missing_value", "`bootstrap.servers` is empty", "the brokers to begin with");
  }
  if (setting->kind == SettingKind::kPath) given->text = reading.Absolute(given->text).string();
  const bool printed = given->literal || name == kBrokers;
  config.kafka[name] = {.value = std::move(given->text), .secret = secret || !printed};
}

const std::string* ValueOf(const ProcessConfig& config, std::string_view name) {
  const auto found = config.kafka.find(name);
  return found == config.kafka.end() ? nullptr : &found->second.value;
}

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

class SecurityCheck {
 public:
  SecurityCheck(Reading& reading, const YamlNode& kafka, const ProcessConfig& config) : reading_(reading), kafka_(kafka), config_(config) {}

  void Run() {
    const std::string* const protocol = ValueOf(config_, "security.protocol");
    const YamlNode* const written = kafka_.Find("security.protocol");
    if (written != nullptr && protocol == nullptr) return;    // reported
    if (written != nullptr && !written->is_scalar()) return;  // of the surroundings: as it is there
    const std::string word = protocol == nullptr ? "plaintext" : Lower(*protocol);
    static const std::vector<std::string> kWords = {"plaintext", "sasl_plaintext", "sasl_ssl", "ssl"};
    if (!std::ranges::binary_search(kWords, word)) {
      reading_.loading().Error(*written, "unknown_word", "`security.protocol` cannot be '" + word + "'", topology::Suggest(word, kWords));
      return;
    }
    const bool sasl = word.starts_with("sasl");
    const bool tls = word.ends_with("ssl");
    for (const YamlEntry& entry : kafka_.entries) {
      if (!config_.kafka.contains(entry.key.text)) continue;
      if (!sasl && entry.key.text.starts_with("sasl.")) Unused(entry.key, word, "sasl_ssl");
      if (!tls && entry.key.text.starts_with("ssl.")) Unused(entry.key, word, sasl ? "sasl_ssl" : "ssl");
    }
    if (word == "sasl_plaintext") {
      reading_.loading().Warn(*PlaceOf(&kafka_, "security.protocol"), "unencrypted", "credentials and customers' data travel unencrypted",
                              "write `security.protocol: sasl_ssl`");
    }
    if (const std::string* verify = ValueOf(config_, "enable.ssl.certificate.verification"); verify != nullptr && *verify == "false") {
      reading_.loading().Warn(*PlaceOf(&kafka_, "enable.ssl.certificate.verification"), "unverified", "anybody can pass for a broker",
                              "give the broker's authority as `ssl.ca.location`");
    }
    if (sasl) CheckMechanism();
  }

 private:
  void Unused(const YamlNode& key, const std::string& word, const char* remedy) {
    reading_.loading().Error(key, "unused_setting", Quoted(key.text) + " has no effect while `security.protocol` is " + word,
                             std::string("write `security.protocol: ") + remedy + "`, or leave the setting out");
  }

  void CheckMechanism() {
    const YamlNode& place = *PlaceOf(&kafka_, "security.protocol");
    const YamlNode* const written = kafka_.Find("sasl.mechanism");
    if (written == nullptr) {
      reading_.loading().Error(place, "missing_key", "this `security.protocol` needs `sasl.mechanism`",
                               "SCRAM-SHA-512, SCRAM-SHA-256, PLAIN or GSSAPI");
      return;
    }
    const std::string* const mechanism = ValueOf(config_, "sasl.mechanism");
    if (mechanism == nullptr || !written->is_scalar()) return;
    static const std::vector<std::string> kWords = {"GSSAPI", "OAUTHBEARER", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"};
    if (!std::ranges::binary_search(kWords, *mechanism)) {
      reading_.loading().Error(*written, "unknown_word", "`sasl.mechanism` cannot be '" + *mechanism + "'",
                               topology::Suggest(*mechanism, kWords));
    } else if (*mechanism == "OAUTHBEARER") {
      reading_.loading().Warn(*written, "no_oidc",
                              "Debian's librdkafka fetches no OAuth tokens: only unsecured ones of a test cluster work",
                              "use SCRAM-SHA-512 or GSSAPI");
    } else if (*mechanism != "GSSAPI") {
      for (const char* const needed : {"sasl.username", "sasl.password"}) {
        if (kafka_.Find(needed) == nullptr) {
          reading_.loading().Error(*written, "missing_key", "the mechanism " + *mechanism + " needs " + Quoted(needed));
        }
      }
    }
  }

  Reading& reading_;
  const YamlNode& kafka_;
  const ProcessConfig& config_;
};

}  // namespace

void ReadKafka(Reading& reading, const YamlNode* node, ProcessConfig& config) {
  if (node == nullptr) return;  // reported
  if (!node->is_map()) {
    reading.Silent(Severity::kError, *node, "wrong_type", "`kafka` is written as a map of librdkafka's settings",
                   "kafka: {bootstrap.servers: \"kafka:9092\"}");
    return;
  }
  for (const YamlEntry& entry : node->entries) ReadSetting(reading, entry, config);
  if (node->Find(kBrokers) == nullptr && node->Find("metadata.broker.list") == nullptr) {
    reading.loading().Error(*node, "missing_key", "`kafka` needs `bootstrap.servers`",
                            "the brokers to begin with: \"kafka-1:9092,kafka-2:9092\"");
  }
  if (const auto both = {"compression.codec", "compression.type"};
      std::ranges::all_of(both, [&](const char* name) { return config.kafka.contains(name); })) {
    reading.loading().Error(*PlaceOf(node, "compression.type"), "contradiction",
                            "`compression.type` and `compression.codec` are one setting", "keep one of them");
  }
  SecurityCheck(reading, *node, config).Run();
}

}  // namespace antiphon::process
