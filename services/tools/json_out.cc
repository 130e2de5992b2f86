#include "services/tools/json_out.h"

#include <array>
#include <charconv>
#include <cmath>

#include "engine/expression/text.h"

namespace antiphon::tools {
namespace {

void AppendEscaped(std::string& out, char32_t code_point) {
  switch (code_point) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
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
      break;
  }
  if (code_point >= 0x20) {
    expression::AppendCodePoint(out, code_point);
    return;
  }
  static constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u00";
  out += kDigits[code_point >> 4U];
  out += kDigits[code_point & 0xFU];
}

}  // namespace

std::string QuotedJson(std::string_view text) {
  static constexpr char32_t kReplacement = 0xFFFD;
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code_point = expression::NextCodePoint(text, at);
    AppendEscaped(out, code_point == expression::kNoCodePoint ? kReplacement : code_point);
  }
  return out += '"';
}

void JsonOut::Separate() {
  if (!first_ && !after_key_) out_ += ',';
  first_ = false;
  after_key_ = false;
}

void JsonOut::Open(char bracket) {
  Separate();
  out_ += bracket;
  first_ = true;
}

void JsonOut::Close(char bracket) {
  out_ += bracket;
  first_ = false;
}

void JsonOut::Key(std::string_view key) {
  Separate();
  out_ += QuotedJson(key);
  out_ += ':';
  after_key_ = true;
}

void JsonOut::String(std::string_view text) { Raw(QuotedJson(text)); }
void JsonOut::Int(std::int64_t value) { Raw(std::to_string(value)); }
void JsonOut::Bool(bool value) { Raw(value ? "true" : "false"); }

void JsonOut::Double(double value) {
  if (!std::isfinite(value)) {
    Raw("null");
    return;
  }
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  Raw({digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
}

void JsonOut::Raw(std::string_view json) {
  Separate();
  out_ += json;
}

}  // namespace antiphon::tools
