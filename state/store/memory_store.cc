#include "state/store/memory_store.h"

#include <algorithm>

#include "state/store/footprint.h"
#include "state/store/stored_row.h"

namespace antiphon::store {
namespace {

constexpr std::size_t kStaleMin = 1024;  // below it a heap is not worth cleaning
constexpr std::uint32_t kFootprintSamples = 4096;

}  // namespace

Result<state::CustomerState*> MemoryStore::Load(std::string_view customer) {
  ++loads_;
  const std::uint32_t hash = CustomerHash(customer);
  Entry* entry = table_.Find(customer, hash);
  if (entry == nullptr) [[unlikely]] {
    entry = &table_.Insert(customer, hash);
    Touch(*entry);
  }
  return entry;
}

Result<state::CustomerState*> MemoryStore::Find(std::string_view customer) { return table_.Find(customer, CustomerHash(customer)); }

void MemoryStore::Touch(state::CustomerState& customer) {
  auto& entry = static_cast<Entry&>(customer);
  if (entry.changed_in != commit_) {
    entry.changed_in = commit_;
    changed_.push_back(&entry);
  }
  const EngineTime due = entry.timers.empty() ? kNeverDue : entry.timers.front().due;
  if (due == entry.due) return;
  if (entry.due == kNeverDue) ++dues_live_;
  entry.due = due;
  if (due == kNeverDue) {
    --dues_live_;
    return;
  }
  dues_.push_back({.due = due, .entry = &entry});
  std::ranges::push_heap(dues_, Later);
  if (dues_.size() > 2 * dues_live_ + kStaleMin) DropStale();
}

// The heap's order: the greatest is the one that comes first.
bool MemoryStore::Later(const DueItem& left, const DueItem& right) {
  if (left.due != right.due) return left.due > right.due;
  return left.entry->customer > right.entry->customer;
}

// A record that went back to an earlier due has two items that are not stale, hence the search for equals.
void MemoryStore::DropStale() {
  std::erase_if(dues_, IsStale);
  std::ranges::sort(dues_, [](const DueItem& left, const DueItem& right) { return Later(right, left); });
  const auto repeated = std::ranges::unique(dues_, {}, &DueItem::entry);
  dues_.erase(repeated.begin(), repeated.end());
  std::ranges::make_heap(dues_, Later);
}

Result<std::optional<DueEntry>> MemoryStore::NextDue() {
  while (!dues_.empty() && IsStale(dues_.front())) {
    std::ranges::pop_heap(dues_, Later);
    dues_.pop_back();
  }
  if (dues_.empty()) return std::nullopt;
  return DueEntry{.due = dues_.front().due, .customer = dues_.front().entry->customer};
}

Result<void> MemoryStore::ForEachChange(const ChangeVisitor& visitor) {
  std::string row;
  for (const Entry* entry : changed_) {
    row.clear();
    EncodeRow(*entry, map_, row);
    visitor(entry->customer, row);
  }
  return {};
}

Result<void> MemoryStore::Commit(const CommitMeta& meta) {
  for (const auto& [name, bytes] : meta) meta_.insert_or_assign(name, bytes);
  changed_.clear();
  ++commit_;
  return {};
}

Result<std::optional<std::string>> MemoryStore::ReadMeta(std::string_view name) {
  const auto found = meta_.find(name);
  if (found == meta_.end()) return std::nullopt;
  return found->second;
}

Result<void> MemoryStore::ForEach(const CustomerVisitor& visitor) {
  for (std::uint32_t i = 0; i < table_.made(); ++i) visitor(table_.At(i));
  return {};
}

StoreFigures MemoryStore::Figures() {
  const std::uint32_t step = std::max(1U, table_.made() / kFootprintSamples);
  std::uint64_t sampled = 0;
  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; i < table_.made(); i += step, ++sampled) bytes += sizeof(Entry) + HeapBytes(table_.At(i));
  if (sampled != 0) bytes = bytes * table_.made() / sampled;
  bytes += table_.BytesOfTable() + dues_.capacity() * sizeof(DueItem);
  return {.customers = table_.size(), .bytes_at_rest = bytes, .bytes_in_memory = bytes, .cache_hits = loads_, .cache_misses = 0};
}

}  // namespace antiphon::store
