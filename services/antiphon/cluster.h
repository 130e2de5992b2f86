#pragma once

#include <memory>

#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"

namespace antiphon::command {

// The cluster of a process file, for commands that ask it: the one place where the adapter is chosen.
[[nodiscard]] Result<std::unique_ptr<runtime::LogDirectory>> OpenCluster(const process::ProcessConfig& config,
                                                                         std::shared_ptr<const process::TopicTable> table);

}  // namespace antiphon::command
