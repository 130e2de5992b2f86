#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/kafka/client.h"
#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"

namespace antiphon::live {

// What the adapter of services/kafka is told of a process.
[[nodiscard]] kafka::ClientOptions ClientOf(const process::ProcessConfig& config);
[[nodiscard]] std::vector<std::string> TopicNamesOf(const process::TopicTable& table);

// The cluster of a process file, for whoever asks it about its topics.
[[nodiscard]] Result<std::unique_ptr<runtime::LogDirectory>> OpenCluster(const process::ProcessConfig& config,
                                                                         std::shared_ptr<const process::TopicTable> table);

}  // namespace antiphon::live
