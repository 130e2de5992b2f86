#include "services/live/cluster.h"

#include <utility>

#include "services/kafka/log_directory.h"
#include "services/live/logging.h"

namespace antiphon::live {

kafka::ClientOptions ClientOf(const process::ProcessConfig& config) {
  kafka::ClientOptions options;
  for (const auto& [name, setting] : config.kafka) options.settings.emplace(name, setting.value);
  options.client_id = "antiphon-" + config.node;
  options.log = KafkaLog();
  return options;
}

std::vector<std::string> TopicNamesOf(const process::TopicTable& table) {
  std::vector<std::string> names;
  for (const process::Topic& topic : table.topics()) names.push_back(topic.name);
  return names;
}

Result<std::unique_ptr<runtime::LogDirectory>> OpenCluster(const process::ProcessConfig& config,
                                                           std::shared_ptr<const process::TopicTable> table) {
  auto made = kafka::KafkaLogDirectory::Create({.client = ClientOf(config), .group = config.group, .topics = TopicNamesOf(*table)});
  if (!made) return std::unexpected(std::move(made.error()));
  return *std::move(made);
}

}  // namespace antiphon::live
