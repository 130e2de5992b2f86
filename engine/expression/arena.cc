#include "engine/expression/arena.h"

#include <algorithm>
#include <cstring>

namespace antiphon::expression {

void* Arena::AllocateSlow(std::size_t bytes) {
  constexpr std::size_t kBlockBytes = 16U << 10U;
  while (current_ < blocks_.size()) {  // a block kept by Reset
    const Block& block = blocks_[current_++];
    next_ = block.memory.get();
    left_ = block.size;
    if (bytes <= left_) return Allocate(bytes);
  }
  if (bytes > limit_bytes_ || held_bytes_ > limit_bytes_ - bytes) return nullptr;
  // Blocks grow, so that few of them hold much; the last one takes what is left of the limit.
  const std::size_t size = std::clamp(std::max(kBlockBytes, held_bytes_), bytes, std::max(bytes, limit_bytes_ - held_bytes_));
  blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
  current_ = blocks_.size();
  held_bytes_ += size;
  next_ = blocks_.back().memory.get();
  left_ = size;
  return Allocate(bytes);
}

void Arena::Reset() {
  current_ = 0;
  next_ = nullptr;
  left_ = 0;
  if (blocks_.empty()) return;
  current_ = 1;
  next_ = blocks_.front().memory.get();
  left_ = blocks_.front().size;
}

Value Arena::CopyString(std::string_view text) {
  char* const copy = AllocateArray<char>(text.size());
  if (copy == nullptr) return TooLarge();
  if (!text.empty()) std::memcpy(copy, text.data(), text.size());
  return Value::String({copy, text.size()});
}

Value Arena::CopyBytes(std::string_view bytes) {
  const Value copy = CopyString(bytes);
  return copy.is_error() ? copy : Value::Bytes(copy.as_text());
}

Value Arena::CopyList(std::span<const Value> items) {
  Value* const copy = AllocateArray<Value>(items.size());
  if (copy == nullptr) return TooLarge();
  std::ranges::copy(items, copy);
  return Value::List({copy, items.size()});
}

Value Arena::CopyMap(std::span<const MapEntry> entries) {
  MapEntry* const copy = AllocateArray<MapEntry>(entries.size());
  if (copy == nullptr) return TooLarge();
  std::ranges::copy(entries, copy);
  return Value::Map({copy, entries.size()});
}

Value Arena::MakeOptional(const Value& value) {
  Value* const copy = AllocateArray<Value>(1);
  if (copy == nullptr) return TooLarge();
  *copy = value;
  return Value::Optional(copy);
}

}  // namespace antiphon::expression
