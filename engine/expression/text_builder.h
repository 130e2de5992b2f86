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
    if (text.empty()) return;
    char* const end = Reserve(text.size());
    if (end == nullptr) return;
    std::memcpy(end, text.data(), text.size());
    size_ += text.size();
  }

  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] std::string_view text() const { return {data_, size_}; }
  // The text as a value, or the error kTooLarge.
  [[nodiscard]] Value Finish() const { return full_ ? TooLarge() : Value::String(text()); }

 private:
  // Where `more` bytes can be written, or nullptr.
  char* Reserve(std::size_t more) {
    if (full_) return nullptr;
    if (capacity_ - size_ >= more) return data_ + size_;
    const std::size_t capacity = std::max({std::size_t{64}, capacity_ * 2, size_ + more});
    char* const data = arena_.AllocateArray<char>(capacity);
    full_ = data == nullptr;
    if (full_) return nullptr;
    if (size_ > 0) std::memcpy(data, data_, size_);
    data_ = data;
    capacity_ = capacity;
    return data_ + size_;
  }

  Arena& arena_;
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool full_ = false;
};

}  // namespace antiphon::expression
