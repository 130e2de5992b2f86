#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/topology/diagnostic.h"
#include "services/process/process_config.h"
#include "services/process/topic_plan.h"
#include "services/process/topic_table.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"

namespace antiphon::process {

// Something of a topic that an operator should know or change. With an error a process does not start.
struct TopicFinding {
  topology::Severity severity = topology::Severity::kError;  // kNote: as it may well be; said so that nobody is surprised
  std::string topic;
  std::string code;       // "missing", "partitions", "cleanup", ..: stable, listed in docs/process-file.md
  std::string is;         // "cleanup.policy is delete"
  std::string should_be;  // "compact"; empty: a note
  std::string why;
  std::string mend;  // the command of Kafka's tools, or what to do where no command does it

  friend bool operator==(const TopicFinding&, const TopicFinding&) = default;
};

// "error: antiphon.state: cleanup.policy is delete, should be compact: ..", and the command in a line of its own.
[[nodiscard]] std::string ToString(const TopicFinding& finding);

struct TopicReport {
  std::optional<std::uint32_t> partitions;  // of the process; nothing: no topic says it
  std::string partitions_of;                // the topic that says it, or "--partitions"
  // By TopicTable's numbers; nothing: there is no such topic.
  std::vector<std::optional<runtime::TopicFacts>> facts;
  std::vector<TopicFinding> findings;  // by topic in the order of the table
  std::vector<TopicSpec> missing;      // kept topics that are to be made; empty while `partitions` is unknown

  [[nodiscard]] bool good() const;  // no error
};

struct TopicCheckOptions {
  std::optional<std::uint32_t> partitions = std::nullopt;   // where no input is keyed by the customer
  std::optional<std::uint32_t> replication = std::nullopt;  // of topics to be made; else that of the first input
};

// Asks the cluster for every topic of the table and judges what it says. Settings that the cluster does not tell count as Kafka's defaults.
// Fails only if the cluster does not answer, or refuses to. O(topics) calls. Source: docs/process-file.md, "Topics".
// REQUIRES: the table is of the configuration, which has an input.
[[nodiscard]] Result<TopicReport> CheckTopics(const TopicTable& table, const ProcessConfig& config, runtime::LogDirectory& directory,
                                              const TopicCheckOptions& options = {});

}  // namespace antiphon::process
