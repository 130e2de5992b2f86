#pragma once

#include "services/tools/customer_log.h"

namespace CLI {
class App;
}  // namespace CLI

namespace antiphon::command {

// The arguments that name the logs of one question: LOG..., --replay, --partitions. `logs` must live as long as the application.
void AddLogArguments(CLI::App& command, tools::LogOptions& logs);

}  // namespace antiphon::command
