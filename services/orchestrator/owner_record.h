#pragma once

#include <cstdint>
#include <string>

#include "services/process/process_config.h"

namespace antiphon::orchestrator {

// What a partition's record in antiphon.owners says: written with its owner's first transaction, and so fenced like it. The key is the
// partition's number as text; the topic is compacted. For people, with the tools that they have: JSON, keys in this order:
//   {"partition":3,"group":"bank","node":"antiphon-0","generation":7,"sequence":4711,"http":"0.0.0.0:9404"}
// `sequence` is that of the transaction; `http` is what the owner listens on, left out if nothing.
[[nodiscard]] std::string OwnerRecord(const process::ProcessConfig& config, std::int32_t partition, std::int32_t generation,
                                      std::uint64_t sequence);

}  // namespace antiphon::orchestrator
