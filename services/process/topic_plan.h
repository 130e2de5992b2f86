#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "services/runtime/log_directory.h"

namespace antiphon::process {

// Does Antiphon keep topics of this role? The others are the bank's: never made or changed by us.
[[nodiscard]] bool IsKept(TopicRole role);
// Of one partition, whatever the process has.
[[nodiscard]] bool HasOnePartition(TopicRole role);
// Must be compacted: the last record of a key is all that is read.
[[nodiscard]] bool IsCompacted(TopicRole role);

// A topic as `antiphon topics --create` makes it.
struct TopicSpec {
  std::string name;
  TopicRole role = TopicRole::kState;
  runtime::TopicFacts facts;
};

struct TopicSizes {
  std::uint32_t partitions = 1;   // of the process
  std::uint32_t replication = 1;  // of every topic
};

// min.insync.replicas is 2 where there are two replicas. REQUIRES: IsKept(topic.role). Source: docs/process-file.md, "Topics".
[[nodiscard]] TopicSpec SpecOf(const Topic& topic, const TopicSizes& sizes);

// KafkaCommands: the commands of Apache Kafka's own tools, for an operator to read, change and run. They hold no secrets: of a cluster with
// security they name a file client.properties that the operator has.
class KafkaCommands {
 public:
  explicit KafkaCommands(const ProcessConfig& config);

  [[nodiscard]] std::string Create(const TopicSpec& spec) const;
  [[nodiscard]] std::string Set(const std::string& topic, const std::string& setting, const std::string& value) const;
  [[nodiscard]] std::string AddPartitions(const std::string& topic, std::uint32_t partitions) const;
  [[nodiscard]] std::string Delete(const std::string& topic) const;

 private:
  std::string cluster_;  // --bootstrap-server ..
};

}  // namespace antiphon::process
