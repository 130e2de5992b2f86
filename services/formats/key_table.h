#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::formats {

// KeyTable: from a text to a number, for a few hundred texts at most that are known beforehand. A key of up to 16 bytes is compared
// without a loop: by its length, its first and its last 8 bytes. Immutable after the last Add.
class KeyTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // REQUIRES: `key` was not added before.
  void Add(std::string_view key, std::uint32_t value);

  // kNone: not there. REQUIRES: `key` is padded (PaddedText).
  [[nodiscard]] std::uint32_t Find(std::string_view key) const {
    if (slots_.empty()) return kNone;
    const Print print = PrintOf(key);
    for (std::size_t i = IndexOf(print);; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.value == kNone) return kNone;
      if (slot.print == print && (print.length <= 16 || slot.key == key)) return slot.value;
    }
  }

 private:
  struct Print {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t length = 0;
    friend bool operator==(const Print&, const Print&) = default;
  };
  struct Slot {
    Print print;
    std::uint32_t value = kNone;
    std::string key;
  };

  static std::uint64_t Load(const char* p) {
    std::uint64_t bytes = 0;
    __builtin_memcpy(&bytes, p, sizeof(bytes));
    return bytes;
  }
  static Print PrintOf(std::string_view key) {
    Print print{.first = 0, .last = 0, .length = key.size()};
    if (key.empty()) return print;
    print.first = Load(key.data());  // NOLINT(bugprone-suspicious-stringview-data-usage): padded
    if (key.size() < 8) {
      print.first &= ~std::uint64_t{0} >> (64 - 8 * key.size());
    } else {
      print.last = Load(key.data() + key.size() - 8);
    }
    return print;
  }
  [[nodiscard]] std::size_t IndexOf(const Print& print) const {
    const std::uint64_t mixed = (print.first ^ (print.last << 7U | print.last >> 57U) ^ print.length) * 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>(mixed >> 32U) & mask_;
  }
  void Insert(Slot slot);

  std::vector<Slot> slots_;  // at most a quarter is taken
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace antiphon::formats
