#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "engine/expression/arena.h"

namespace antiphon::expression {

// TextBuilder: a text that grows in an arena. Where the arena's limit is met it goes on silently and Finish() says so.
class TextBuilder {
 public:
  explicit TextBuilder(Arena& arena) : arena_(arena) {}

  void Append(char c) { Append(std::string_view(&c, 1)); }
  void Append(std::string_view text) {
    if (text.empty() || !Reserve(text.size())) return;
    std::memcpy(data_ + size_, text.data(), text.size());
    size_ += text.size();
  }

  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] std::string_view text() const { return {data_, size_}; }
  // The text as a value, or the error kTooLarge.
  [[nodiscard]] Value Finish() const { return full_ ? TooLarge() : Value::String(text()); }

 private:
  bool Reserve(std::size_t more) {
    if (full_) return false;
    if (capacity_ - size_ >= more) return true;
    const std::size_t capacity = std::max({std::size_t{64}, capacity_ * 2, size_ + more});
    char* const data = arena_.AllocateArray<char>(capacity);
    if (data == nullptr) {
      full_ = true;
      return false;
    }
    if (size_ > 0) std::memcpy(data, data_, size_);
    data_ = data;
    capacity_ = capacity;
    return true;
  }

  Arena& arena_;
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool full_ = false;
};

}  // namespace antiphon::expression
