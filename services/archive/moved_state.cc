#include "services/archive/moved_state.h"

#include <string>
#include <utility>

#include "state/store/codec.h"

namespace antiphon::archive {

Result<MovedState> MoveState(runtime::PartitionTask& task, std::span<const store::SlotDefinition> from,
                             std::span<const store::SlotDefinition> to) {
  const auto before = store::PlanSlots({}, from);
  if (!before) return std::unexpected(before.error());
  const auto after = store::PlanSlots(before->dictionary, to);
  if (!after) return std::unexpected(after.error());
  MovedState moved{.store = std::make_unique<store::MemoryStore>(), .partition = {}};
  Result<void> status;
  std::string bytes;
  const auto move = [&](const state::CustomerState& customer) {
    if (!status) return;
    bytes.clear();
    store::EncodeCustomer(customer, before->map, bytes);
    auto loaded = moved.store->Load(customer.customer);
    if (!loaded) {
      status = std::unexpected(std::move(loaded.error()));
      return;
    }
    if (const auto read = store::DecodeCustomerInto(bytes, after->map, **loaded); !read) status = std::unexpected(read.error());
    moved.store->Touch(**loaded);
  };
  if (auto visited = task.store().ForEach(move); !visited) return std::unexpected(std::move(visited.error()));
  if (!status) return std::unexpected(std::move(status.error()));
  if (auto committed = moved.store->Commit({}); !committed) return std::unexpected(std::move(committed.error()));
  bytes.clear();
  store::EncodePartition(task.partition_state(), before->map, bytes);
  auto partition = store::DecodePartition(bytes, after->map);
  if (!partition) return std::unexpected(std::move(partition.error()));
  moved.partition = *std::move(partition);
  return moved;
}

}  // namespace antiphon::archive
