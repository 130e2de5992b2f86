#pragma once

#include <memory>
#include <span>

#include "services/runtime/partition_task.h"
#include "state/base/result.h"
#include "state/model/partition_state.h"
#include "state/store/dictionary.h"
#include "state/store/memory_store.h"

namespace antiphon::archive {

// A partition's state on the way to another version of the topology.
struct MovedState {
  std::unique_ptr<store::MemoryStore> store;
  state::PartitionState partition;
};

// What a live partition has that was closed under one topology and is opened under another: every record through its stored form, which
// loses what the other topology does not have. (A live one does so record by record, when each is next read.) O(state).
// REQUIRES: the task has committed.
[[nodiscard]] Result<MovedState> MoveState(runtime::PartitionTask& task, std::span<const store::SlotDefinition> from,
                                           std::span<const store::SlotDefinition> to);

}  // namespace antiphon::archive
