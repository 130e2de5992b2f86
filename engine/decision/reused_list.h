#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace antiphon::decision {

// ReusedList: items in order, as a vector has them, but clear() keeps the items too, and Add() gives one of before, as new: with the memory
// of its texts and lists. So what is filled and cleared in each step allocates nothing once it has seen its largest step.
// Item: default-constructible and copyable; an item that was moved away costs its memory and nothing else. Value type, not thread-safe.
template <typename Item>
class ReusedList {
 public:
  using value_type = Item;
  using iterator = Item*;
  using const_iterator = const Item*;

  ReusedList() = default;
  ReusedList(const ReusedList& other) : items_(other.begin(), other.end()), size_(other.size_) {}
  ReusedList(ReusedList&& other) noexcept : items_(std::move(other.items_)), size_(std::exchange(other.size_, 0)) {}
  ReusedList& operator=(const ReusedList& other) {
    if (this == &other) return *this;
    clear();
    for (const Item& item : other) Add() = item;
    return *this;
  }
  ReusedList& operator=(ReusedList&& other) noexcept {
    items_ = std::move(other.items_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  ~ReusedList() = default;

  // A new item at the end, equal to Item(). References to other items are invalid afterwards.
  Item& Add() {
    if (size_ == items_.size()) {
      items_.emplace_back();
    } else {
      items_[size_] = kNew;  // a copy, not a move: strings and vectors keep their memory
    }
    return items_[size_++];
  }
  void clear() { size_ = 0; }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Item* begin() { return items_.data(); }
  [[nodiscard]] Item* end() { return items_.data() + size_; }
  [[nodiscard]] const Item* begin() const { return items_.data(); }
  [[nodiscard]] const Item* end() const { return items_.data() + size_; }
  // REQUIRES: position < size().
  [[nodiscard]] Item& operator[](std::size_t position) { return items_[position]; }
  [[nodiscard]] const Item& operator[](std::size_t position) const { return items_[position]; }
  // REQUIRES: not empty.
  [[nodiscard]] Item& back() { return items_[size_ - 1]; }
  [[nodiscard]] const Item& back() const { return items_[size_ - 1]; }

 private:
  static inline const Item kNew{};

  std::vector<Item> items_;  // those past size_ wait to be used again
  std::size_t size_ = 0;
};

}  // namespace antiphon::decision
