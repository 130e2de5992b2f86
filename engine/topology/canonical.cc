#include "engine/topology/canonical.h"

#include <bit>

namespace antiphon::topology {
namespace {

bool IsWord(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; }

bool IsSign(char c) { return std::string_view("+-*/%<>=!&|?").contains(c); }

// The length of the text literal that begins at `at`, quotes included. `raw`: backslashes mean nothing.
std::size_t LiteralLength(std::string_view text, std::size_t at, bool raw) {
  const std::string_view quote = text.substr(at, 1);
  const bool triple = text.substr(at, 3) == std::string(3, quote[0]);
  const std::size_t width = triple ? 3 : 1;
  for (std::size_t i = at + width; i < text.size(); ++i) {
    if (text[i] == '\\' && !raw) {
      ++i;
    } else if (text[i] == quote[0] && (!triple || text.substr(i, 3) == text.substr(at, 3))) {
      return i + width - at;
    }
  }
  return text.size() - at;
}

}  // namespace

std::string CanonicalExpression(std::string_view text) {
  std::string out;
  bool gap = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      gap = true;
      ++i;
    } else if (c == '/' && text.substr(i, 2) == "//") {
      gap = true;
      while (i < text.size() && text[i] != '\n') ++i;
    } else {
      // Between two words, or two signs that might be read as one (`- -1`), the gap stays.
      if (gap && !out.empty() && ((IsWord(out.back()) && IsWord(c)) || (IsSign(out.back()) && IsSign(c)))) out += ' ';
      gap = false;
      std::size_t length = 1;
      if (c == '"' || c == '\'') {
        const bool raw = !out.empty() && (out.back() == 'r' || out.back() == 'R') && (out.size() < 2 || !IsWord(out[out.size() - 2]));
        length = LiteralLength(text, i, raw);
      } else if (c == '`') {
        const std::size_t end = text.find('`', i + 1);
        length = end == std::string_view::npos ? text.size() - i : end + 1 - i;
      }
      out += text.substr(i, length);
      i += length;
    }
  }
  return out;
}

std::string_view PeriodName(const calendar::PeriodGrid& grid) {
  const Milliseconds length = grid.Start(1) - grid.Start(0);
  if (length < std::chrono::days{2}) return "day";
  if (length < std::chrono::days{8}) return "week";
  return length < std::chrono::days{32} ? "month" : "year";
}

CanonicalText& CanonicalText::Expression(const expression::Program& program) { return Text(CanonicalExpression(program.text())); }

CanonicalText& CanonicalText::Expression(const std::optional<expression::Program>& program) {
  Flag(program.has_value());
  return program ? Expression(*program) : *this;
}

CanonicalText& CanonicalText::Period(const std::optional<calendar::PeriodGrid>& grid) {
  return Text(grid ? PeriodName(*grid) : std::string_view{});
}

CanonicalText& CanonicalText::Value(const state::Scalar& value) {
  Number(static_cast<std::int64_t>(value.index()));
  if (const auto* flag = std::get_if<bool>(&value)) Flag(*flag);
  if (const auto* number = std::get_if<std::int64_t>(&value)) Number(*number);
  if (const auto* number = std::get_if<double>(&value)) Number(std::bit_cast<std::int64_t>(*number));
  if (const auto* text = std::get_if<std::string>(&value)) Text(*text);
  if (const auto* time = std::get_if<EngineTime>(&value)) Number(ToEpochMs(*time));
  if (const auto* length = std::get_if<Milliseconds>(&value)) Length(*length);
  return *this;
}

}  // namespace antiphon::topology
