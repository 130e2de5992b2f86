#include "state/model/recent_ids.h"

#include <algorithm>
#include <utility>

namespace antiphon::state {

bool RecentIds::SeenBefore(const Hash128& id, EngineTime now, std::size_t capacity, Milliseconds horizon) {
  for (const Entry& entry : entries_) {
    if (entry.id == id && entry.seen > now - horizon) return true;
  }
  if (entries_.size() > capacity) *this = FromOrdered(InOrder());  // a topology with a smaller capacity took over
  if (entries_.size() > capacity) entries_.erase(entries_.begin(), entries_.end() - static_cast<std::ptrdiff_t>(capacity));
  // An entry beyond the horizon can never answer again: its place is used first, so that a quiet customer stays small.
  if (!entries_.empty() && (entries_.size() == capacity || entries_[oldest_].seen <= now - horizon)) {
    entries_[oldest_] = {.id = id, .seen = now};
    oldest_ = (oldest_ + 1) % entries_.size();
    return false;
  }
  if (oldest_ != 0) {
    std::rotate(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(oldest_), entries_.end());
    oldest_ = 0;
  }
  entries_.push_back({.id = id, .seen = now});
  return false;
}

std::vector<RecentIds::Entry> RecentIds::InOrder() const {
  std::vector<Entry> ordered;
  ordered.reserve(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) ordered.push_back(entries_[(oldest_ + i) % entries_.size()]);
  return ordered;
}

RecentIds RecentIds::FromOrdered(std::vector<Entry> entries) {
  RecentIds ids;
  ids.entries_ = std::move(entries);
  return ids;
}

}  // namespace antiphon::state
