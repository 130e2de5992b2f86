#pragma once

#include <cstddef>
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

 private:
  std::vector<Entry> entries_;
  std::size_t oldest_ = 0;
};

}  // namespace antiphon::state
