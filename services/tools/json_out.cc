#include "services/tools/json_out.h"

#include <array>
#include <charconv>
#include <cmath>

#include "services/formats/json_writer.h"

namespace antiphon::tools {

std::string QuotedJson(std::string_view text) {
  std::string out;
  formats::AppendJsonString(out, text);
  return out;
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
