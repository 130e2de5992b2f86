#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/runtime/partition_task.h"
#include "state/base/result.h"

namespace antiphon::replay {

// The state of all partitions in one file: what a run over the memory store leaves when it stops. Good for the topology that made it
// (records stand in their canonical form, state/store/digest.h); the caller keeps its version.
//   file  := "ANTSNAP1" block*                    one block per partition, in order; integers little-endian
//   block := size:u64 checksum:u64 bytes          checksum: XXH3-64 of the bytes
//   bytes := text partition_state | v customers | (text key | text record)*      v, text: state/store/wire.h; records: state/store/codec.h
[[nodiscard]] Result<void> WriteSnapshot(const std::string& path, const std::vector<std::unique_ptr<runtime::PartitionTask>>& tasks);

// REQUIRES: the tasks are new, their stores empty. After an Error they are to be dropped.
[[nodiscard]] Result<void> ReadSnapshot(const std::string& path, const std::vector<std::unique_ptr<runtime::PartitionTask>>& tasks);

}  // namespace antiphon::replay
