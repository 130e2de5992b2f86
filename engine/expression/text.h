#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// UTF-8, as CEL's strings are: sequences of code points.
namespace antiphon::expression {

inline constexpr char32_t kNoCodePoint = 0xFFFFFFFF;

// The code point at `position`, which is moved behind it; kNoCodePoint (and one byte further) if the bytes are not UTF-8.
// REQUIRES: position < text.size().
[[nodiscard]] char32_t NextCodePoint(std::string_view text, std::size_t& position);

[[nodiscard]] bool IsUtf8(std::string_view text);

// Code points of a UTF-8 text. O(bytes).
[[nodiscard]] std::size_t CountCodePoints(std::string_view text);

// The byte offset of code point `index` (the size if it is the count); text.size() + 1 where the text is shorter.
[[nodiscard]] std::size_t OffsetOfCodePoint(std::string_view text, std::size_t index);

// Writes 1 to 4 bytes to `out`. REQUIRES: a scalar value (no surrogate, at most 0x10FFFF).
std::size_t EncodeCodePoint(char32_t code_point, char* out);
void AppendCodePoint(std::string& out, char32_t code_point);

[[nodiscard]] constexpr bool IsScalarValue(char32_t code_point) {
  return code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
}

}  // namespace antiphon::expression
