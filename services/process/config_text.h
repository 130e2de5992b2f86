#pragma once

#include <string>

#include "services/process/process_config.h"

namespace antiphon::process {

// The configuration for logs and reports: one JSON object, keys as in the process file. "(secret)" stands for every setting that is one.
[[nodiscard]] std::string ToJson(const ProcessConfig& config);

// The words of the process file.
[[nodiscard]] const char* ToString(Payload payload);
[[nodiscard]] const char* ToString(Envelope envelope);
[[nodiscard]] const char* ToString(KeyedBy keyed_by);
[[nodiscard]] const char* ToString(StartAt start);
[[nodiscard]] const char* ToString(ClockKind clock);

}  // namespace antiphon::process
