#include "services/formats/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace antiphon::formats {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

unsigned char ByteAt(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

bool IsPlain(unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

// The UTF-8 sequence at `i`: its length if it is whole and shortest, else the length of the wrong part, negative (Unicode 15, 3.9, U+FFFD
// substitution of maximal subparts).
int SequenceAt(std::string_view text, std::size_t i) {
  const unsigned char lead = ByteAt(text, i);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return -1;
  const int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  for (int k = 1; k < length; ++k) {
    if (i + static_cast<std::size_t>(k) >= text.size()) return -k;
    const unsigned char next = ByteAt(text, i + static_cast<std::size_t>(k));
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (k == 1) {
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    }
    if (next < low || next > high) return -k;
  }
  return length;
}

void AppendEscaped(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out.append("\\u00").append(1, kHex[c >> 4U]).append(1, kHex[c & 0xFU]);
  }
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t begin = i;
    while (i < text.size() && IsPlain(ByteAt(text, i))) ++i;
    out.append(text.substr(begin, i - begin));
    if (i == text.size()) break;
    if (ByteAt(text, i) < 0x80) {
      AppendEscaped(out, ByteAt(text, i++));
      continue;
    }
    const int length = SequenceAt(text, i);
    if (length > 0) {
      out.append(text.substr(i, static_cast<std::size_t>(length)));
      i += static_cast<std::size_t>(length);
    } else {
      out += "\xEF\xBF\xBD";
      i += static_cast<std::size_t>(-length);
    }
  }
  out += '"';
}

void AppendDouble(std::string& out, double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

void AppendBase64(std::string& out, std::string_view bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8U | (k < count ? ByteAt(bytes, i + k) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? kDigits[group >> (18 - 6 * k) & 0x3FU] : '=';
  }
}

void JsonWriter::Key(std::string_view key) {
  Separate();
  out_ += '"';
  out_.append(key);
  out_ += "\":";
  comma_ = false;
}

void JsonWriter::Text(std::string_view text) {
  Separate();
  AppendJsonString(out_, text);
}

void JsonWriter::Int(std::int64_t value) {
  Separate();
  std::array<char, 24> text{};
  out_.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

void JsonWriter::Uint(std::uint64_t value) {
  Separate();
  std::array<char, 24> text{};
  out_.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

void JsonWriter::Id(const Hash128& id) {
  Separate();
  const std::array<char, 32> digits = HexDigits(id);
  out_ += '"';
  out_.append(digits.data(), digits.size());
  out_ += '"';
}

void JsonWriter::TimeAt(std::string_view key, EngineTime time) {
  Key(key);
  Separate();
  out_ += '"';
  AppendTime(out_, time);
  out_ += '"';
}

void JsonWriter::NumberIfAny(std::string_view key, const expression::Value& value) {
  if (value.is(expression::Kind::kInt)) {
    IntAt(key, value.as_int());
  } else if (value.is(expression::Kind::kDouble) && std::isfinite(value.as_double())) {
    Key(key);
    Separate();
    AppendDouble(out_, value.as_double());
  }
}

void JsonWriter::Base64At(std::string_view key, std::string_view bytes) {
  Key(key);
  Separate();
  out_ += '"';
  AppendBase64(out_, bytes);
  out_ += '"';
}

}  // namespace antiphon::formats
