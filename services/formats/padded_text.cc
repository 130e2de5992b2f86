#include "services/formats/padded_text.h"

#include <cstring>

namespace antiphon::formats {

PaddedText PaddedBuffer::Assign(std::string_view text) {
  if (!bytes_ || text.size() > capacity_) {
    capacity_ = text.size() + text.size() / 2;
    bytes_ = std::make_unique<char[]>(capacity_ + kTextPadding);  // zeroed: reading the padding is defined
  }
  if (!text.empty()) std::memcpy(bytes_.get(), text.data(), text.size());
  size_ = text.size();
  return padded();
}

PaddedText PaddedBuffer::padded() const {
  static constexpr char kNothing[kTextPadding] = {};
  return PaddedText::AssumePadded({bytes_ ? bytes_.get() : kNothing, size_});
}

}  // namespace antiphon::formats
