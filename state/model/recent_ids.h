#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "state/base/hash.h"
#include "state/base/time.h"

namespace antiphon::state {

// RecentIds: the hashes of the last event ids of one customer, to apply a repeated event once. A ring: the oldest is overwritten.
// Value type. Invariant: at most `capacity` entries, in order of arrival starting at `oldest`.
class RecentIds {
 public:
  struct Entry {
    Hash128 id;       // of (source, id)
    EngineTime seen;  // engine time of the first arrival
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // True, and nothing changes, if `id` was seen in (now - horizon, now] and is still remembered. Otherwise remembers it. O(capacity).
  // REQUIRES: capacity > 0, `now` not before that of earlier calls.
  [[nodiscard]] bool SeenBefore(const Hash128& id, EngineTime now, std::size_t capacity, Milliseconds horizon);

  // Oldest first. For the codec.
  [[nodiscard]] std::vector<Entry> InOrder() const;
  [[nodiscard]] static RecentIds FromOrdered(std::vector<Entry> entries);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const Entry* data() const { return entries_.data(); }  // in no order
  [[nodiscard]] std::size_t capacity() const { return entries_.capacity(); }

  // The `position`-th oldest. REQUIRES: position < size().
  [[nodiscard]] const Entry& At(std::size_t position) const {
    const std::size_t place = oldest_ + position;
    return entries_[place < entries_.size() ? place : place - entries_.size()];
  }

  // Makes `count` entries, of no meaning until the caller fills them, oldest first; what was there is forgotten, its memory reused.
  [[nodiscard]] std::span<Entry> Refill(std::size_t count) {
    oldest_ = 0;
    entries_.resize(count);
    return entries_;
  }

  // Equal if they remember the same in the same order; where the ring begins is of no meaning.
  friend bool operator==(const RecentIds& left, const RecentIds& right) { return left.InOrder() == right.InOrder(); }

 private:
  std::vector<Entry> entries_;
  std::size_t oldest_ = 0;
};

}  // namespace antiphon::state
