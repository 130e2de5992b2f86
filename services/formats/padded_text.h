#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace antiphon::formats {

// Bytes behind a text that may be read (not written, and whatever they hold): the scanner reads 16 bytes at a time.
inline constexpr std::size_t kTextPadding = 64;

// PaddedText: a text of which kTextPadding further bytes may be read. Owns nothing. Lines of a LogReader are such texts; other
// callers copy into a PaddedBuffer.
class PaddedText {
 public:
  PaddedText() = default;
  // REQUIRES: [text.data(), text.data() + text.size() + kTextPadding) is readable memory.
  [[nodiscard]] static PaddedText AssumePadded(std::string_view text) { return PaddedText(text); }

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::size_t size() const { return text_.size(); }

 private:
  explicit PaddedText(std::string_view text) : text_(text) {}
  std::string_view text_;
};

// PaddedBuffer: an owned copy of a text with its padding. Reused: Assign keeps the memory.
class PaddedBuffer {
 public:
  PaddedBuffer() = default;
  explicit PaddedBuffer(std::string_view text) { (void)Assign(text); }

  // The result lives until the next Assign.
  PaddedText Assign(std::string_view text);
  [[nodiscard]] PaddedText padded() const;

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

}  // namespace antiphon::formats
