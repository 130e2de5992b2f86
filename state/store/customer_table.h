#pragma once

#include <sys/mman.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

#include "state/base/check.h"
#include "state/base/hash.h"

namespace antiphon::store {

// The part of a key's hash that the table keeps. XXH3: no key set of an outsider can be expected to be kind.
[[nodiscard]] inline std::uint32_t CustomerHash(std::string_view customer) {
  return static_cast<std::uint32_t>(HashBytes64(customer) >> 32U);
}

// CustomerTable: customer -> Entry at a stable address. An open-addressing table of (32 bits of the hash, number of the entry), 8 bytes a
// slot, at most 3/4 full, over a pool of entries in blocks of 2 MiB (advised to be huge pages: a look-up is two cache misses, and small
// pages would add two of the TLB). An erased entry is used again, its memory kept. Not thread-safe.
// Entry: default-constructible, with the members `customer` (the key, a std::string) and `pool_index` (u32, the table's).
template <typename Entry>
class CustomerTable {
 public:
  CustomerTable() { Rehash(kSlotsMin); }
  CustomerTable(const CustomerTable&) = delete;
  CustomerTable& operator=(const CustomerTable&) = delete;
  ~CustomerTable() {
    for (std::uint32_t i = 0; i < made_; ++i) std::destroy_at(&At(i));
  }

  [[nodiscard]] Entry* Find(std::string_view customer, std::uint32_t hash) {
    for (std::size_t place = hash & mask_;; place = (place + 1) & mask_) {
      const Slot slot = slots_[place];
      if (slot.number == 0) return nullptr;
      if (slot.hash != hash) continue;
      Entry& entry = At(slot.number - 1);
      if (entry.customer == customer) return &entry;
    }
  }

  // For customer_prefetch.h: where Find will look first; and the entry that it most likely finds, without a look at the entry.
  void PrefetchSlot(std::uint32_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }
  [[nodiscard]] const Entry* Guess(std::uint32_t hash) const {
    for (std::size_t place = hash & mask_;; place = (place + 1) & mask_) {
      const Slot slot = slots_[place];
      if (slot.number == 0) return nullptr;
      if (slot.hash == hash) return &At(slot.number - 1);
    }
  }

  // The new entry; all but its key is as it was made or as Erase left it. REQUIRES: Find(customer, hash) is null.
  Entry& Insert(std::string_view customer, std::uint32_t hash) {
    if ((size_ + 1) * 4 > slots_.size() * 3) Rehash(slots_.size() * 2);
    const std::uint32_t index = NewEntry();
    Entry& entry = At(index);
    entry.customer.assign(customer);
    entry.pool_index = index;
    std::size_t place = hash & mask_;
    while (slots_[place].number != 0) place = (place + 1) & mask_;
    slots_[place] = {.hash = hash, .number = index + 1};
    ++size_;
    return entry;
  }

  // Takes the entry out. Linear probing without tombstones: what follows moves back.
  void Erase(Entry& entry) {
    std::size_t hole = CustomerHash(entry.customer) & mask_;
    while (slots_[hole].number != entry.pool_index + 1) {
      ANTIPHON_CHECK(slots_[hole].number != 0);
      hole = (hole + 1) & mask_;
    }
    for (std::size_t place = (hole + 1) & mask_; slots_[place].number != 0; place = (place + 1) & mask_) {
      const std::size_t home = slots_[place].hash & mask_;
      if (((place - home) & mask_) < ((place - hole) & mask_)) continue;
      slots_[hole] = slots_[place];
      hole = place;
    }
    slots_[hole] = {};
    free_.push_back(entry.pool_index);
    --size_;
  }

  // Numbers below made() are entries, of which erased ones are to be told by the caller.
  [[nodiscard]] Entry& At(std::uint32_t index) { return *EntryAt(index); }
  [[nodiscard]] const Entry& At(std::uint32_t index) const { return *EntryAt(index); }
  [[nodiscard]] std::uint32_t made() const { return made_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t BytesOfTable() const { return slots_.size() * sizeof(Slot) + free_.capacity() * sizeof(std::uint32_t); }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  // of the entry, from 1; 0: free
  };
  struct BlockDeleter {
    void operator()(void* block) const { std::free(block); }
  };

  static constexpr std::size_t kSlotsMin = 64;
  static constexpr std::size_t kBlockBytes = std::size_t{2} << 20U;
  static constexpr std::uint32_t kPerBlock = std::bit_floor(static_cast<std::uint32_t>(kBlockBytes / sizeof(Entry)));
  static constexpr std::uint32_t kBlockShift = static_cast<std::uint32_t>(std::countr_zero(kPerBlock));

  [[nodiscard]] Entry* EntryAt(std::uint32_t index) const {
    return static_cast<Entry*>(blocks_[index >> kBlockShift].get()) + (index & (kPerBlock - 1));
  }

  std::uint32_t NewEntry() {
    if (!free_.empty()) {
      const std::uint32_t index = free_.back();
      free_.pop_back();
      return index;
    }
    if (made_ == blocks_.size() << kBlockShift) {
      void* block = std::aligned_alloc(kBlockBytes, kBlockBytes);
      if (block == nullptr) throw std::bad_alloc();
      madvise(block, kBlockBytes, MADV_HUGEPAGE);  // advice: where it is refused, small pages do
      blocks_.emplace_back(block);
    }
    const std::uint32_t index = made_++;
    std::construct_at(EntryAt(index));
    return index;
  }

  void Rehash(std::size_t slots) {
    std::vector<Slot> old(slots);
    old.swap(slots_);
    mask_ = slots - 1;
    for (const Slot& slot : old) {
      if (slot.number == 0) continue;
      std::size_t place = slot.hash & mask_;
      while (slots_[place].number != 0) place = (place + 1) & mask_;
      slots_[place] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
  std::uint32_t made_ = 0;
  std::vector<std::unique_ptr<void, BlockDeleter>> blocks_;
  std::vector<std::uint32_t> free_;
};

}  // namespace antiphon::store
