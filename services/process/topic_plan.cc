#include "services/process/topic_plan.h"

#include <algorithm>

#include "state/base/check.h"

namespace antiphon::process {
namespace {

std::string Days(int days) { return std::to_string(std::int64_t{days} * 86'400'000); }

// How long what is not compacted is kept. An archive that reaches further back is made by `antiphon export`.
int RetentionDays(TopicRole role) {
  constexpr int kForReaders = 7;     // who reads them is at most a week behind
  constexpr int kForQuestions = 30;  // who asks afterwards: replays, auditors, operators
  return role == TopicRole::kOutbound ? kForReaders : kForQuestions;
}

// For a shell, where it needs it.
std::string Quoted(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:_-=/";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

bool IsKept(TopicRole role) { return role != TopicRole::kInput && role != TopicRole::kReplies; }

bool HasOnePartition(TopicRole role) { return role == TopicRole::kControl || role == TopicRole::kTopologies || role == TopicRole::kOwners; }

bool IsCompacted(TopicRole role) { return role == TopicRole::kState || role == TopicRole::kTopologies || role == TopicRole::kOwners; }

TopicSpec SpecOf(const Topic& topic, const TopicSizes& sizes) {
  ANTIPHON_CHECK(IsKept(topic.role));
  TopicSpec spec{.name = topic.name, .role = topic.role, .facts = {}};
  spec.facts.partitions = HasOnePartition(topic.role) ? 1 : static_cast<std::int32_t>(sizes.partitions);
  spec.facts.replication = static_cast<std::int32_t>(sizes.replication);
  spec.facts.settings["min.insync.replicas"] = sizes.replication >= 2 ? "2" : "1";
  spec.facts.settings["unclean.leader.election.enable"] = "false";
  if (IsCompacted(topic.role)) {
    constexpr int kTombstoneDays = 7;  // a store that was away for no longer than half of it can be used again
    spec.facts.settings["cleanup.policy"] = "compact";
    spec.facts.settings["delete.retention.ms"] = Days(kTombstoneDays);
  } else {
    spec.facts.settings["cleanup.policy"] = "delete";
    spec.facts.settings["retention.ms"] = Days(RetentionDays(topic.role));
  }
  return spec;
}

KafkaCommands::KafkaCommands(const ProcessConfig& config) {
  const auto brokers = config.kafka.find("bootstrap.servers");
  cluster_ = "--bootstrap-server " + (brokers == config.kafka.end() ? std::string("BROKERS") : Quoted(brokers->second.value));
  const auto protocol = config.kafka.find("security.protocol");
  if (protocol != config.kafka.end() && protocol->second.value != "plaintext" && protocol->second.value != "PLAINTEXT") {
    cluster_ += " --command-config client.properties";
  }
}

std::string KafkaCommands::Create(const TopicSpec& spec) const {
  std::string command = "kafka-topics.sh " + cluster_ + " --create --topic " + Quoted(spec.name) + " --partitions " +
                        std::to_string(spec.facts.partitions) + " --replication-factor " + std::to_string(spec.facts.replication);
  for (const auto& [name, value] : spec.facts.settings) {
    std::string config = name;
    config.append("=").append(value);
    command.append(" --config ").append(Quoted(config));
  }
  return command;
}

std::string KafkaCommands::Set(const std::string& topic, const std::string& setting, const std::string& value) const {
  return "kafka-configs.sh " + cluster_ + " --alter --entity-type topics --entity-name " + Quoted(topic) + " --add-config " +
         Quoted(setting + "=" + value);
}

std::string KafkaCommands::AddPartitions(const std::string& topic, std::uint32_t partitions) const {
  return "kafka-topics.sh " + cluster_ + " --alter --topic " + Quoted(topic) + " --partitions " + std::to_string(partitions);
}

std::string KafkaCommands::Delete(const std::string& topic) const {
  return "kafka-topics.sh " + cluster_ + " --delete --topic " + Quoted(topic);
}

}  // namespace antiphon::process
