#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "state/model/customer_state.h"
#include "state/store/customer_table.h"
#include "state/store/state_store.h"

namespace antiphon::store {

// An event reads some thirty cache lines of its customer, each found by the one before: from a cold record, most of its time is waiting.
// The steps in which a record is brought nearer, each a while after the one before: what a step follows has then come.

// The record itself.
void PrefetchRecord(const state::CustomerState& customer, std::size_t bytes);
// What its members point to.
void PrefetchSections(const state::CustomerState& customer);
// What those point to.
void PrefetchParts(const state::CustomerState& customer);

// CustomerPrefetch: takes the steps for the customers that a caller names ahead of time, one step for each of the last few at each name.
// An entry that is erased, or another's with the same hash, costs no more than the lines that were brought in vain.
template <typename Entry>
class CustomerPrefetch {
 public:
  void Ask(const CustomerTable<Entry>& table, std::uint32_t hash) {
    table.PrefetchSlot(hash);
    asked_[next_ % kLength] = hash;
    if (const Entry* entry = table.Guess(Before(kStep)); entry != nullptr) PrefetchRecord(*entry, sizeof(Entry));
    if (const Entry* entry = table.Guess(Before(2 * kStep)); entry != nullptr) PrefetchSections(*entry);
    if (const Entry* entry = table.Guess(Before(3 * kStep)); entry != nullptr) PrefetchParts(*entry);
    ++next_;
  }

 private:
  static constexpr std::uint32_t kLength = StateStore::kPrefetchAhead;
  static constexpr std::uint32_t kStep = kLength / 4;  // names

  [[nodiscard]] std::uint32_t Before(std::uint32_t names) const { return asked_[(next_ - names) % kLength]; }

  std::array<std::uint32_t, kLength> asked_{};
  std::uint32_t next_ = 0;
};

// The same for a list of entries that is gone through in order: to be called before each one's turn.
template <typename Entry>
void PrefetchAhead(std::span<Entry* const> entries, std::size_t at) {
  constexpr std::size_t kStep = 3;
  if (at + 3 * kStep < entries.size()) PrefetchRecord(*entries[at + 3 * kStep], sizeof(Entry));
  if (at + 2 * kStep < entries.size()) PrefetchSections(*entries[at + 2 * kStep]);
  if (at + kStep < entries.size()) PrefetchParts(*entries[at + kStep]);
}

}  // namespace antiphon::store
