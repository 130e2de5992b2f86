#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/expression/ast.h"
#include "engine/expression/diagnostics_sink.h"
#include "engine/expression/lexer.h"

namespace antiphon::expression {

// Parser: the text of one expression to its syntax tree, by recursive descent with precedence climbing; macros are expanded on the way
// (macros.cc). Stops at the first mistake of syntax. Bounded: no tree is deeper than `depth_max`, whatever the text.
// Source: CEL's language definition, "Syntax" and "Macros".
class Parser {
 public:
  Parser(std::string_view text, std::uint32_t depth_max, DiagnosticsSink& diagnostics);

  // Nothing if a mistake was reported.
  [[nodiscard]] std::optional<Ast> Run();

 private:
  // kNoExpr stands for a mistake that was reported; the callers only pass it on.
  ExprId ParseExpression();
  ExprId ParseOr();
  ExprId ParseAnd();
  ExprId ParseRelation();
  ExprId ParseBinary(int level);
  ExprId ParseUnary();
  ExprId ParseMember(ExprId base);
  ExprId ParsePrimary();
  ExprId ParseIdent(bool leading_dot, std::uint32_t start);
  ExprId ParseSelection(ExprId base);
  ExprId ParseIndex(ExprId base);
  ExprId ParseList();
  ExprId ParseMap();
  ExprId ParseLiteral(bool negative, std::uint32_t start);
  ExprId ParseChain(ExprKind kind, std::string_view op, ExprId (Parser::*operand)());
  bool ParseArguments(std::vector<ExprId>& args);

  ExprId Call(std::string name, Span place, std::vector<ExprId> args, std::uint32_t start);
  ExprId Add(Expr expr);
  ExprId Fail(Span span, std::string message, std::string remedy = {});

  // macros.cc. Nothing: the call is not a macro.
  std::optional<ExprId> ExpandGlobal(const std::string& name, const std::vector<ExprId>& args, std::uint32_t start);
  std::optional<ExprId> ExpandMember(ExprId target, const std::string& name, Span place, const std::vector<ExprId>& args,
                                     std::uint32_t start);
  std::optional<ExprId> ExpandComprehension(Macro macro, ExprId target, Span place, const std::vector<ExprId>& args, std::uint32_t start);
  std::optional<ExprId> ExpandExtreme(const std::string& name, Span place, const std::vector<ExprId>& args, std::uint32_t start);
  std::optional<std::string> VariableName(ExprId arg);

  [[nodiscard]] const Token& Current() const { return tokens_[position_]; }
  Token Take() { return tokens_[position_].kind == TokenKind::kEnd ? tokens_[position_] : tokens_[position_++]; }
  bool TakeIf(std::string_view punctuation);
  bool Expect(std::string_view punctuation);
  [[nodiscard]] Span SpanFrom(std::uint32_t start) const;
  // What stands here, for messages.
  [[nodiscard]] std::string Describe(const Token& token) const;

  std::string_view text_;
  std::uint32_t depth_max_;
  DiagnosticsSink& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  std::uint32_t depth_ = 0;  // of the descent
  Ast ast_;
};

}  // namespace antiphon::expression
