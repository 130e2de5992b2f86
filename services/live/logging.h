#pragma once

#include "services/kafka/client.h"
#include "services/process/process_config.h"

namespace antiphon::live {

// Where the process logs: standard error, plain lines or one JSON object a line, from the level of the process file on. Logs hold no data
// of customers: topics, partitions, offsets, counts. To be called once, before threads.
void SetUpLogging(const process::ProcessConfig& config);

// The client library's words, in the same log.
[[nodiscard]] kafka::Log KafkaLog();

}  // namespace antiphon::live
