#include "state/store/customer_prefetch.h"

#include <algorithm>
#include <string>
#include <vector>

namespace antiphon::store {
namespace {

constexpr std::size_t kLine = 64;

void PrefetchBytes(const void* from, std::size_t bytes) {
  const auto* begin = static_cast<const char*>(from);
  for (std::size_t at = 0; at < bytes; at += kLine) __builtin_prefetch(begin + at, 1);
}

// Up to `bytes_max` of it from its begin.
template <typename T>
void PrefetchVector(const std::vector<T>& entries, std::size_t bytes_max) {
  PrefetchBytes(entries.data(), std::min(entries.size() * sizeof(T), bytes_max));
}

}  // namespace

void PrefetchRecord(const state::CustomerState& customer, std::size_t bytes) { PrefetchBytes(&customer, bytes); }

void PrefetchSections(const state::CustomerState& customer) {
  constexpr std::size_t kMost = 8 * kLine;
  constexpr std::size_t kSome = 2 * kLine;
  if (customer.recent_ids.size() != 0) {
    const std::size_t bytes = customer.recent_ids.size() * sizeof(state::RecentIds::Entry);
    PrefetchBytes(customer.recent_ids.data(), std::min(bytes, kMost));
  }
  PrefetchVector(customer.features, kMost);
  PrefetchVector(customer.triggers, kMost);
  PrefetchVector(customer.timers, kSome);
  PrefetchVector(customer.contacts, kSome);
  PrefetchVector(customer.holdings, kSome);
  PrefetchVector(customer.profile, kSome);
  PrefetchVector(customer.page_views, kSome);
}

void PrefetchParts(const state::CustomerState& customer) {
  constexpr std::size_t kSome = 3 * kLine;
  for (const state::FeatureState& feature : customer.features) PrefetchVector(feature.buckets, kSome);
  for (const state::TriggerState& trigger : customer.triggers) PrefetchVector(trigger.runs.open, kSome);
}

}  // namespace antiphon::store
