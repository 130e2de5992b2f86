#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/store/customer_prefetch.h"
#include "state/store/customer_table.h"
#include "state/store/dictionary.h"
#include "state/store/state_store.h"

namespace antiphon::store {

// MemoryStore: the StateStore whose records live as objects until it is dropped; for replay, simulation and tests. Nothing survives it,
// no call fails, and pointers to records are valid as long as the store, beyond Commit. Load and Find are O(1): two cache misses.
//
// The due index is a binary heap of (due, record). An item is stale if its record's first timer is due at another time; stale items are
// dropped when they reach the top, and all at once when they outnumber the others.
class MemoryStore final : public StateStore {
 public:
  // `map` is for ForEachChange alone.
  explicit MemoryStore(SlotMap map = SlotMap::Identity()) : map_(std::move(map)) {}

  [[nodiscard]] Result<state::CustomerState*> Load(std::string_view customer) override;
  [[nodiscard]] Result<state::CustomerState*> Find(std::string_view customer) override;
  void Prefetch(std::string_view customer) override { prefetch_.Ask(table_, CustomerHash(customer)); }
  void Touch(state::CustomerState& customer) override;
  [[nodiscard]] Result<std::optional<DueEntry>> NextDue() override;
  [[nodiscard]] Result<void> ForEachChange(const ChangeVisitor& visitor) override;
  [[nodiscard]] Result<void> Commit(const CommitMeta& meta) override;
  [[nodiscard]] Result<std::optional<std::string>> ReadMeta(std::string_view name) override;
  [[nodiscard]] Result<void> ForEach(const CustomerVisitor& visitor) override;
  [[nodiscard]] StoreFigures Figures() override;

 private:
  struct alignas(64) Entry : state::CustomerState {
    std::uint32_t pool_index = 0;
    std::uint32_t changed_in = 0;  // the commit, counted from 1, that will write its last change
    EngineTime due = kNeverDue;    // where the due index has it
  };
  struct DueItem {
    EngineTime due;
    const Entry* entry;
  };
  static constexpr EngineTime kNeverDue = EngineTime::max();

  static bool Later(const DueItem& left, const DueItem& right);
  [[nodiscard]] static bool IsStale(const DueItem& item) { return item.due != item.entry->due; }
  void DropStale();

  SlotMap map_;
  CustomerTable<Entry> table_;
  CustomerPrefetch<Entry> prefetch_;
  std::vector<DueItem> dues_;
  std::size_t dues_live_ = 0;  // records with a timer
  std::vector<Entry*> changed_;
  std::uint32_t commit_ = 1;
  std::uint64_t loads_ = 0;
  CommitMeta meta_;
};

}  // namespace antiphon::store
