#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/ast.h"
#include "engine/expression/diagnostics_sink.h"

namespace antiphon::expression {

enum class TokenKind : std::uint8_t {
  kEnd,
  kIdent,        // text
  kQuotedIdent,  // `a-b`: text without the quotes; only after a dot
  kKeyword,      // true, false, null, in
  kInt,          // text as written
  kUint,         // text without the u
  kDouble,       //
  kString,       // text decoded
  kBytes,        //
  kPunctuation,  // text as written: "(", "&&", "<="
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
  std::string text;

  [[nodiscard]] bool Is(std::string_view punctuation) const { return kind == TokenKind::kPunctuation && text == punctuation; }
  [[nodiscard]] bool IsKeyword(std::string_view word) const { return kind == TokenKind::kKeyword && text == word; }
};

// Cuts an expression into tokens, the last of them kEnd. Every mistake (a text without an end, an unknown escape, a stray character) is
// reported; reading goes on behind it. Source: CEL's language definition, "Syntax".
[[nodiscard]] std::vector<Token> Tokenize(std::string_view text, DiagnosticsSink& diagnostics);

// Words that the language keeps for itself: no variable or function may have such a name, a field may.
[[nodiscard]] bool IsReservedWord(std::string_view word);

}  // namespace antiphon::expression
