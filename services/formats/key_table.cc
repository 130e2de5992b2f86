#include "services/formats/key_table.h"

#include <utility>

#include "services/formats/padded_text.h"

namespace antiphon::formats {

void KeyTable::Add(std::string_view key, std::uint32_t value) {
  if ((size_ + 1) * 4 > slots_.size()) {
    std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (Slot& slot : old) {
      if (slot.value != kNone) Insert(std::move(slot));
    }
  }
  const PaddedBuffer padded(key);
  Insert({.print = PrintOf(padded.padded().text()), .value = value, .key = std::string(key)});
  ++size_;
}

void KeyTable::Insert(Slot slot) {
  std::size_t i = IndexOf(slot.print);
  while (slots_[i].value != kNone) i = (i + 1) & mask_;
  slots_[i] = std::move(slot);
}

}  // namespace antiphon::formats
