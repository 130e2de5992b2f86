#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/expression/value.h"

namespace antiphon::expression {

// Arena: the memory of the evaluations of one input. Allocation moves a pointer; Reset makes everything invalid and keeps the blocks, so
// that a steady state does not reach the system's allocator. Bounded: past `limit_bytes` nothing is given, and an evaluation ends in the
// error kTooLarge. Not thread-safe: one per thread. Movable; values stay where they are.
class Arena {
 public:
  static constexpr std::size_t kLimitBytesDefault = 16U << 20U;

  explicit Arena(std::size_t limit_bytes = kLimitBytesDefault) : limit_bytes_(limit_bytes) {}

  // Uninitialised memory, aligned to 8 bytes, or nullptr where the limit is met. O(1), except when a block is added.
  [[nodiscard]] void* Allocate(std::size_t bytes) {
    const std::size_t rounded = (bytes + (bytes == 0 ? 8U : 7U)) & ~std::size_t{7};  // nothing has a place too
    if (rounded >= bytes && rounded <= left_) [[likely]] {
      char* const result = next_;
      next_ += rounded;
      left_ -= rounded;
      return result;
    }
    return AllocateSlow(rounded < bytes ? limit_bytes_ + 1 : rounded);
  }

  // `count` items of a trivial type, not constructed; nullptr where the limit is met.
  template <typename T>
  [[nodiscard]] T* AllocateArray(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 8);
    if (count > limit_bytes_ / sizeof(T)) return nullptr;
    return static_cast<T*>(Allocate(count * sizeof(T)));
  }

  // Copies into the arena; the error kTooLarge where the limit is met.
  [[nodiscard]] Value CopyString(std::string_view text);
  [[nodiscard]] Value CopyBytes(std::string_view bytes);
  [[nodiscard]] Value CopyList(std::span<const Value> items);
  [[nodiscard]] Value CopyMap(std::span<const MapEntry> entries);
  [[nodiscard]] Value MakeOptional(const Value& value);

  // Everything allocated before becomes invalid. Keeps the memory.
  void Reset();

  [[nodiscard]] std::size_t limit_bytes() const { return limit_bytes_; }
  // The bytes of all blocks held.
  [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }

 private:
  struct Block {
    std::unique_ptr<char[]> memory;
    std::size_t size = 0;
  };

  void* AllocateSlow(std::size_t bytes);

  std::size_t limit_bytes_;
  std::size_t held_bytes_ = 0;
  std::vector<Block> blocks_;
  std::size_t current_ = 0;  // the block in use is blocks_[current_ - 1]; 0 before the first
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

[[nodiscard]] constexpr Value TooLarge() { return Value::Error(ErrorCode::kTooLarge, "the result is too large"); }

}  // namespace antiphon::expression
