#include "engine/expression/text.h"

namespace antiphon::expression {
namespace {

std::uint8_t ByteAt(std::string_view text, std::size_t position) { return static_cast<std::uint8_t>(text[position]); }

}  // namespace

char32_t NextCodePoint(std::string_view text, std::size_t& position) {
  const std::uint8_t first = ByteAt(text, position);
  ++position;
  if (first < 0x80) return first;
  std::size_t more = 0;
  char32_t result = 0;
  char32_t least = 0;
  if (first >= 0xC2 && first < 0xE0) {
    more = 1;
    result = first & 0x1FU;
    least = 0x80;
  } else if (first >= 0xE0 && first < 0xF0) {
    more = 2;
    result = first & 0x0FU;
    least = 0x800;
  } else if (first >= 0xF0 && first < 0xF5) {
    more = 3;
    result = first & 0x07U;
    least = 0x10000;
  } else {
    return kNoCodePoint;
  }
  if (text.size() - position < more) return kNoCodePoint;
  for (std::size_t i = 0; i < more; ++i) {
    const std::uint8_t next = ByteAt(text, position + i);
    if ((next & 0xC0U) != 0x80) return kNoCodePoint;
    result = (result << 6U) | (next & 0x3FU);
  }
  if (result < least || !IsScalarValue(result)) return kNoCodePoint;
  position += more;
  return result;
}

bool IsUtf8(std::string_view text) {
  std::size_t position = 0;
  while (position < text.size())
    if (NextCodePoint(text, position) == kNoCodePoint) return false;
  return true;
}

std::size_t CountCodePoints(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<std::uint8_t>(c) & 0xC0U) != 0x80 ? 1U : 0U;
  return count;
}

std::size_t OffsetOfCodePoint(std::string_view text, std::size_t index) {
  std::size_t position = 0;
  for (; index > 0 && position < text.size(); --index) (void)NextCodePoint(text, position);
  return index > 0 ? text.size() + 1 : position;
}

std::size_t EncodeCodePoint(char32_t code_point, char* out) {
  const auto low6 = [&](unsigned shift) { return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) {
    out[0] = static_cast<char>(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    out[0] = static_cast<char>(0xC0U | (code_point >> 6U));
    out[1] = low6(0);
    return 2;
  }
  if (code_point < 0x10000) {
    out[0] = static_cast<char>(0xE0U | (code_point >> 12U));
    out[1] = low6(6);
    out[2] = low6(0);
    return 3;
  }
  out[0] = static_cast<char>(0xF0U | (code_point >> 18U));
  out[1] = low6(12);
  out[2] = low6(6);
  out[3] = low6(0);
  return 4;
}

void AppendCodePoint(std::string& out, char32_t code_point) {
  char bytes[4];
  out.append(bytes, EncodeCodePoint(code_point, bytes));
}

}  // namespace antiphon::expression
