#include "services/formats/json_cursor.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <cstring>

#include "services/formats/decimal.h"

namespace antiphon::formats {
namespace {

// The first byte at or after `p` that ends a plain run of a string: a quote, a backslash or a control character. May pass the end of the
// text by less than its padding.
const char* FindSpecial(const char* p, const char* end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1F);
  for (; p < end; p += 16) {
    __m128i bytes;
    std::memcpy(&bytes, p, sizeof(bytes));
    const __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                                         _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
    const int mask = _mm_movemask_epi8(special);
    if (mask != 0) return p + std::countr_zero(static_cast<unsigned>(mask));
  }
  return end;
#else
  while (p < end && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) > 0x1F) ++p;
  return p;
#endif
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::uint32_t HexOf(const char* p) {
  std::uint32_t code = 0;
  for (int i = 0; i < 4; ++i) code = code * 16 + static_cast<std::uint32_t>(HexDigit(p[i]));
  return code;
}

bool IsHighSurrogate(std::uint32_t code) { return code >= 0xD800 && code <= 0xDBFF; }
bool IsLowSurrogate(std::uint32_t code) { return code >= 0xDC00 && code <= 0xDFFF; }

char* AppendUtf8(char* out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
  return out;
}

char EscapedChar(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

std::size_t Unescape(std::string_view raw, char* out) {
  char* const begin = out;
  const char* p = raw.data();
  const char* const end = p + raw.size();
  while (p < end) {
    if (*p != '\\') {
      *out++ = *p++;
    } else if (p[1] != 'u') {
      *out++ = EscapedChar(p[1]);
      p += 2;
    } else {
      std::uint32_t code = HexOf(p + 2);
      p += 6;
      if (IsHighSurrogate(code)) {
        code = 0x10000 + ((code - 0xD800) << 10U) + (HexOf(p + 2) - 0xDC00);
        p += 6;
      }
      out = AppendUtf8(out, code);
    }
  }
  return static_cast<std::size_t>(out - begin);
}

std::string Unescaped(std::string_view raw) {
  std::string text(raw.size(), '\0');
  text.resize(Unescape(raw, text.data()));
  return text;
}

bool JsonCursor::ReadHex(const char*& p, std::uint32_t& code) const {
  if (end_ - p < 4) return false;
  for (int i = 0; i < 4; ++i) {
    if (HexDigit(p[i]) < 0) return false;
  }
  code = HexOf(p);
  p += 4;
  return true;
}

// `p` is behind the backslash.
bool JsonCursor::ReadEscape(const char*& p) const {
  if (p >= end_) return false;
  const char c = *p++;
  if (c != 'u') return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't';
  std::uint32_t code = 0;
  if (!ReadHex(p, code) || IsLowSurrogate(code)) return false;
  if (!IsHighSurrogate(code)) return true;
  if (end_ - p < 2 || p[0] != '\\' || p[1] != 'u') return false;
  p += 2;
  return ReadHex(p, code) && IsLowSurrogate(code);
}

bool JsonCursor::ReadString(JsonString& out) {
  if (Peek() != '"') return false;
  const char* const begin = p_ + 1;
  const char* p = FindSpecial(begin, end_);
  out.escaped = false;
  while (p < end_ && *p == '\\') {
    out.escaped = true;
    ++p;
    if (!ReadEscape(p)) return false;
    p = FindSpecial(p, end_);
  }
  if (p >= end_ || *p != '"') return false;
  out.raw = {begin, static_cast<std::size_t>(p - begin)};
  p_ = p + 1;
  return true;
}

bool JsonCursor::ReadNumber(std::string_view& out) {
  if (Peek() == '\0') return false;
  const std::size_t length = NumberLength(p_, end_);
  out = {p_, length};
  p_ += length;
  return length != 0;
}

bool JsonCursor::SkipScalar() {
  JsonString text;
  std::string_view number;
  switch (Peek()) {
    case '"':
      return ReadString(text);
    case 't':
      return ReadWord("true");
    case 'f':
      return ReadWord("false");
    case 'n':
      return ReadWord("null");
    default:
      return ReadNumber(number);
  }
}

bool JsonCursor::SkipKey() {
  JsonString key;
  if (!ReadString(key) || Peek() != ':') return false;
  ++p_;
  return true;
}

bool JsonCursor::SkipOther() {
  objects_.clear();
  while (true) {
    const char c = Peek();
    if (c == '{' || c == '[') {
      ++p_;
      const bool object = c == '{';
      if (Peek() != (object ? '}' : ']')) {
        objects_.push_back(object);
        if (object && !SkipKey()) return false;
        continue;
      }
      ++p_;
    } else if (!SkipScalar()) {
      return false;
    }
    // Behind a value: close what ends here.
    while (!objects_.empty() && Peek() == (objects_.back() ? '}' : ']')) {
      ++p_;
      objects_.pop_back();
    }
    if (objects_.empty()) return true;
    if (Peek() != ',') return false;
    ++p_;
    if (objects_.back() && !SkipKey()) return false;
  }
}

}  // namespace antiphon::formats
