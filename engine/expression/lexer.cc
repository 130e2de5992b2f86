#include "engine/expression/lexer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/expression/text.h"

namespace antiphon::expression {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

class Lexer {
 public:
  Lexer(std::string_view text, DiagnosticsSink& diagnostics) : text_(text), diagnostics_(diagnostics) {}

  std::vector<Token> Run() {
    while (SkipSpace()) Next();
    tokens_.push_back({TokenKind::kEnd, {static_cast<std::uint32_t>(text_.size()), 0}, {}});
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char Peek(std::size_t ahead = 0) const { return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0'; }
  [[nodiscard]] Span SpanFrom(std::size_t start) const {
    return {static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(position_ - start)};
  }
  void Add(TokenKind kind, std::size_t start, std::string text) { tokens_.push_back({kind, SpanFrom(start), std::move(text)}); }

  // False at the end of the text. Comments go from // to the end of the line.
  bool SkipSpace() {
    while (position_ < text_.size()) {
      if (IsSpace(Peek())) {
        ++position_;
      } else if (Peek() == '/' && Peek(1) == '/') {
        while (position_ < text_.size() && Peek() != '\n') ++position_;
      } else {
        return true;
      }
    }
    return false;
  }

  void Next() {
    const char c = Peek();
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number();
    if (c == '"' || c == '\'') return Text(position_, false, false);
    if (c == '`') return QuotedIdent();
    if (IsLetter(c)) return Word();
    Punctuation();
  }

  void Word() {
    const std::size_t start = position_;
    if (StartsText()) return;
    while (IsLetter(Peek()) || IsDigit(Peek())) ++position_;
    std::string word(text_.substr(start, position_ - start));
    const bool keyword = word == "true" || word == "false" || word == "null" || word == "in";
    Add(keyword ? TokenKind::kKeyword : TokenKind::kIdent, start, std::move(word));
  }

  // r"..", b"..", rb"..", br"..", in either case.
  bool StartsText() {
    bool raw = false;
    bool bytes = false;
    std::size_t prefix = 0;
    for (; prefix < 2; ++prefix) {
      const char c = Peek(prefix);
      if ((c == 'r' || c == 'R') && !raw) {
        raw = true;
      } else if ((c == 'b' || c == 'B') && !bytes) {
        bytes = true;
      } else {
        break;
      }
    }
    if (prefix == 0 || (Peek(prefix) != '"' && Peek(prefix) != '\'')) return false;
    const std::size_t start = position_;
    position_ += prefix;
    Text(start, raw, bytes);
    return true;
  }

  void Text(std::size_t start, bool raw, bool bytes) {
    const char quote = Peek();
    const bool triple = Peek(1) == quote && Peek(2) == quote;
    position_ += triple ? 3 : 1;
    std::string content;
    while (true) {
      if (position_ >= text_.size() || (!triple && (Peek() == '\n' || Peek() == '\r'))) {
        diagnostics_.Report(SpanFrom(start), "the text has no closing quote");
        break;
      }
      const char c = Peek();
      if (c == quote && (!triple || (Peek(1) == quote && Peek(2) == quote))) {
        position_ += triple ? 3 : 1;
        break;
      }
      if (c == '\\' && !raw) {
        Escape(content, bytes);
        continue;
      }
      if (c == '\\' && position_ + 1 < text_.size()) {  // raw: the backslash stays and protects the quote
        content += c;
        ++position_;
      }
      content += Peek();
      ++position_;
    }
    Add(bytes ? TokenKind::kBytes : TokenKind::kString, start, std::move(content));
  }

  void Escape(std::string& content, bool bytes) {
    const std::size_t start = position_;
    ++position_;
    const char c = Peek();
    ++position_;
    static constexpr std::string_view kNames = "abfnrtv\\?\"'`";
    static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\?\"'`";
    if (const std::size_t known = kNames.find(c); known != std::string_view::npos && c != '\0') {
      content += kMeanings[known];
      return;
    }
    std::optional<std::uint32_t> code;
    bool unicode = false;
    if (c == 'x' || c == 'X') {
      code = Digits(2, 16);
    } else if (c >= '0' && c <= '3') {
      --position_;
      code = Digits(3, 8);
    } else if ((c == 'u' || c == 'U') && !bytes) {
      code = Digits(c == 'u' ? 4 : 8, 16);
      unicode = true;
    }
    position_ = std::min(position_, text_.size());
    if (!code || (unicode && !IsScalarValue(*code))) {
      diagnostics_.Report(SpanFrom(start), "unknown escape '" + std::string(text_.substr(start, position_ - start)) + "'",
                          "write \\\\ for a backslash, or r'..' for a text without escapes");
      return;
    }
    if (bytes) {
      content += static_cast<char>(*code);
    } else {
      AppendCodePoint(content, *code);
    }
  }

  // Exactly `count` digits.
  std::optional<std::uint32_t> Digits(int count, std::uint32_t base) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) {
      const int digit = HexDigit(Peek());
      if (digit < 0 || static_cast<std::uint32_t>(digit) >= base) return std::nullopt;
      value = value * base + static_cast<std::uint32_t>(digit);
      ++position_;
    }
    return value;
  }

  void QuotedIdent() {
    const std::size_t start = position_;
    ++position_;
    while (position_ < text_.size() &&
           (IsLetter(Peek()) || IsDigit(Peek()) || std::string_view("_.-/ ").find(Peek()) != std::string_view::npos))
      ++position_;
    const std::size_t length = position_ - start - 1;
    if (Peek() != '`' || length == 0) {
      diagnostics_.Report(SpanFrom(start), "a quoted field has letters, digits and _ . - / between its ` quotes");
      position_ = std::max(position_, start + 1);
      return;
    }
    ++position_;
    Add(TokenKind::kQuotedIdent, start, std::string(text_.substr(start + 1, length)));
  }

  void Number() {
    const std::size_t start = position_;
    TokenKind kind = TokenKind::kInt;
    if (Peek() == '0' && (Peek(1) == 'x' || Peek(1) == 'X')) {
      position_ += 2;
      while (HexDigit(Peek()) >= 0) ++position_;
    } else {
      while (IsDigit(Peek())) ++position_;
      if (Peek() == '.' && IsDigit(Peek(1))) {
        kind = TokenKind::kDouble;
        ++position_;
        while (IsDigit(Peek())) ++position_;
      }
      const std::size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 2 : 1;
      if ((Peek() == 'e' || Peek() == 'E') && IsDigit(Peek(sign))) {
        kind = TokenKind::kDouble;
        position_ += sign;
        while (IsDigit(Peek())) ++position_;
      }
    }
    std::string digits(text_.substr(start, position_ - start));
    if (kind == TokenKind::kInt && (Peek() == 'u' || Peek() == 'U')) {
      kind = TokenKind::kUint;
      ++position_;
    }
    if (IsLetter(Peek())) {
      while (IsLetter(Peek()) || IsDigit(Peek())) ++position_;
      diagnostics_.Report(SpanFrom(start), "'" + std::string(text_.substr(start, position_ - start)) + "' is neither a number nor a name");
      digits = "0";
    }
    Add(kind, start, std::move(digits));
  }

  void Punctuation() {
    static constexpr std::array<std::string_view, 6> kTwo = {"&&", "||", "==", "!=", "<=", ">="};
    static constexpr std::string_view kOne = "()[]{}.,?:+-*/%<>!";
    const std::size_t start = position_;
    if (std::ranges::find(kTwo, text_.substr(position_, 2)) != kTwo.end()) {
      position_ += 2;
    } else if (kOne.find(Peek()) != std::string_view::npos && Peek() != '\0') {
      ++position_;
    } else {
      (void)NextCodePoint(text_, position_);
      const std::string stray(text_.substr(start, position_ - start));
      std::string remedy;
      if (stray == "=") remedy = "write == to compare";
      if (stray == "&") remedy = "write && for and";
      if (stray == "|") remedy = "write || for or";
      std::string message("unexpected character '");
      message += IsUtf8(stray) ? std::string_view(stray) : "?";
      message += '\'';
      diagnostics_.Report(SpanFrom(start), std::move(message), std::move(remedy));
      return;
    }
    Add(TokenKind::kPunctuation, start, std::string(text_.substr(start, position_ - start)));
  }

  std::string_view text_;
  DiagnosticsSink& diagnostics_;
  std::size_t position_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view text, DiagnosticsSink& diagnostics) { return Lexer(text, diagnostics).Run(); }

bool IsReservedWord(std::string_view word) {
  static constexpr std::array<std::string_view, 18> kWords = {"as",        "break",  "const",  "continue", "else",  "for",
                                                              "function",  "if",     "import", "let",      "loop",  "package",
                                                              "namespace", "return", "var",    "void",     "while", "in"};
  return std::ranges::find(kWords, word) != kWords.end();
}

}  // namespace antiphon::expression
