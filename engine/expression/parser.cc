#include "engine/expression/parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace antiphon::expression {
namespace {

struct BinaryOperator {
  std::string_view token;
  const char* function;
  int level;
};

// Level 0 binds loosest. All of them are left-associative.
constexpr std::array<BinaryOperator, 12> kBinaryOperators = {{
    {"<", "_<_", 0},
    {"<=", "_<=_", 0},
    {">", "_>_", 0},
    {">=", "_>=_", 0},
    {"==", "_==_", 0},
    {"!=", "_!=_", 0},
    {"in", "@in", 0},
    {"+", "_+_", 1},
    {"-", "_-_", 1},
    {"*", "_*_", 2},
    {"/", "_/_", 2},
    {"%", "_%_", 2},
}};
constexpr int kLevels = 3;

const BinaryOperator* FindBinary(const Token& token, int level) {
  for (const BinaryOperator& op : kBinaryOperators)
    if (op.level == level && (token.Is(op.token) || token.IsKeyword(op.token))) return &op;
  return nullptr;
}

}  // namespace

Parser::Parser(std::string_view text, std::uint32_t depth_max, DiagnosticsSink& diagnostics)
    : text_(text), depth_max_(depth_max), diagnostics_(diagnostics), tokens_(Tokenize(text, diagnostics)) {}

std::optional<Ast> Parser::Run() {
  ast_.root = ParseExpression();
  if (ast_.root != kNoExpr && Current().kind != TokenKind::kEnd)
    ast_.root = Fail(Current().span, "unexpected " + Describe(Current()) + " after the end of the expression");
  if (ast_.root == kNoExpr || !diagnostics_.empty()) return std::nullopt;
  return std::move(ast_);
}

ExprId Parser::ParseExpression() {
  if (depth_ >= depth_max_)
    return Fail(Current().span, "the expression is nested too deeply", "at most " + std::to_string(depth_max_) + " levels");
  ++depth_;
  const std::uint32_t start = Current().span.offset;
  ExprId result = ParseOr();
  if (result != kNoExpr && Current().Is("?")) {
    const Span place = Take().span;
    Expr conditional{.kind = ExprKind::kConditional, .place = place};
    const ExprId yes = ParseOr();
    const ExprId no = yes != kNoExpr && Expect(":") ? ParseExpression() : kNoExpr;
    if (no == kNoExpr) {
      result = kNoExpr;
    } else {
      conditional.args = {result, yes, no};
      conditional.span = SpanFrom(start);
      result = Add(std::move(conditional));
    }
  }
  --depth_;
  return result;
}

ExprId Parser::ParseChain(ExprKind kind, std::string_view op, ExprId (Parser::*operand)()) {
  const std::uint32_t start = Current().span.offset;
  const ExprId first = (this->*operand)();
  if (first == kNoExpr || !Current().Is(op)) return first;
  Expr chain{.kind = kind, .place = Current().span, .args = {first}};
  while (TakeIf(op)) {
    const ExprId next = (this->*operand)();
    if (next == kNoExpr) return kNoExpr;
    chain.args.push_back(next);
  }
  chain.span = SpanFrom(start);
  return Add(std::move(chain));
}

ExprId Parser::ParseOr() { return ParseChain(ExprKind::kOr, "||", &Parser::ParseAnd); }

ExprId Parser::ParseAnd() { return ParseChain(ExprKind::kAnd, "&&", &Parser::ParseRelation); }

ExprId Parser::ParseRelation() { return ParseBinary(0); }

ExprId Parser::ParseBinary(int level) {
  if (level == kLevels) return ParseUnary();
  const std::uint32_t start = Current().span.offset;
  ExprId left = ParseBinary(level + 1);
  while (left != kNoExpr) {
    const BinaryOperator* const op = FindBinary(Current(), level);
    if (op == nullptr) return left;
    const Span place = Take().span;
    const ExprId right = ParseBinary(level + 1);
    left = right == kNoExpr ? kNoExpr : Call(op->function, place, {left, right}, start);
  }
  return left;
}

ExprId Parser::ParseUnary() {
  const std::uint32_t start = Current().span.offset;
  std::vector<Span> operators;
  const bool negation = Current().Is("-");
  const std::string_view op = negation ? "-" : "!";
  while (Current().Is(op)) operators.push_back(Take().span);
  ExprId result = kNoExpr;
  const TokenKind kind = Current().kind;
  if (negation && (kind == TokenKind::kInt || kind == TokenKind::kDouble)) {
    const std::uint32_t sign = operators.back().offset;  // -9223372036854775808 is one literal
    operators.pop_back();
    result = ParseLiteral(true, sign);
    if (result != kNoExpr) result = ParseMember(result);
  } else {
    result = ParsePrimary();
    if (result != kNoExpr) result = ParseMember(result);
  }
  for (auto place = operators.rbegin(); place != operators.rend() && result != kNoExpr; ++place)
    result = Call(negation ? "-_" : "!_", *place, {result}, operators.empty() ? start : place->offset);
  return result;
}

ExprId Parser::ParseMember(ExprId base) {
  while (base != kNoExpr) {
    if (Current().Is(".")) {
      base = ParseSelection(base);
    } else if (Current().Is("[")) {
      base = ParseIndex(base);
    } else if (Current().Is("{") && (ast_[base].kind == ExprKind::kIdent || ast_[base].kind == ExprKind::kSelect)) {
      return Fail(Current().span, "messages cannot be built: there are no protobuf types here", "write a map: {'field': value}");
    } else {
      return base;
    }
  }
  return base;
}

ExprId Parser::ParseSelection(ExprId base) {
  const std::uint32_t start = ast_[base].span.offset;
  (void)Take();
  Expr select{.kind = ExprKind::kSelect, .optional = TakeIf("?"), .args = {base}};
  const Token name = Take();
  if (name.kind != TokenKind::kIdent && name.kind != TokenKind::kQuotedIdent)
    return Fail(name.span, "expected a field or function name after the dot, found " + Describe(name));
  if (Current().Is("(") && !select.optional && name.kind == TokenKind::kIdent) {
    std::vector<ExprId> args;
    if (!ParseArguments(args)) return kNoExpr;
    if (const std::optional<ExprId> macro = ExpandMember(base, name.text, name.span, args, start)) return *macro;
    args.insert(args.begin(), base);
    const ExprId call = Call(name.text, name.span, std::move(args), start);
    if (call != kNoExpr) ast_[call].is_member = true;
    return call;
  }
  select.place = name.span;
  select.name = name.text;
  select.quoted = name.kind == TokenKind::kQuotedIdent;
  select.span = SpanFrom(start);
  return Add(std::move(select));
}

ExprId Parser::ParseIndex(ExprId base) {
  const std::uint32_t start = ast_[base].span.offset;
  const Span place = Take().span;
  const bool optional = TakeIf("?");
  const ExprId index = ParseExpression();
  if (index == kNoExpr || !Expect("]")) return kNoExpr;
  return Call(optional ? "_[?_]" : "_[_]", place, {base, index}, start);
}

ExprId Parser::ParsePrimary() {
  const Token& token = Current();
  const std::uint32_t start = token.span.offset;
  switch (token.kind) {
    case TokenKind::kIdent:
      return ParseIdent(false, start);
    case TokenKind::kPunctuation:
      if (TakeIf("(")) {
        const ExprId inner = ParseExpression();
        return inner != kNoExpr && Expect(")") ? inner : kNoExpr;
      }
      if (token.Is("[")) return ParseList();
      if (token.Is("{")) return ParseMap();
      if (TakeIf(".")) return ParseIdent(true, start);
      break;
    case TokenKind::kKeyword:
      if (token.text != "in") return ParseLiteral(false, start);
      break;
    case TokenKind::kInt:
    case TokenKind::kUint:
    case TokenKind::kDouble:
    case TokenKind::kString:
    case TokenKind::kBytes:
      return ParseLiteral(false, start);
    case TokenKind::kEnd:
    case TokenKind::kQuotedIdent:
      break;
  }
  return Fail(token.span, "expected a value, found " + Describe(token));
}

ExprId Parser::ParseIdent(bool leading_dot, std::uint32_t start) {
  const Token name = Take();
  if (name.kind != TokenKind::kIdent) return Fail(name.span, "expected a name, found " + Describe(name));
  if (IsReservedWord(name.text)) return Fail(name.span, "'" + name.text + "' is a reserved word and cannot be a name");
  if (Current().Is("(")) {
    std::vector<ExprId> args;
    if (!ParseArguments(args)) return kNoExpr;
    if (!leading_dot)
      if (const std::optional<ExprId> macro = ExpandGlobal(name.text, args, start)) return *macro;
    const ExprId call = Call(name.text, name.span, std::move(args), start);
    if (call != kNoExpr) ast_[call].leading_dot = leading_dot;
    return call;
  }
  return Add({.kind = ExprKind::kIdent, .leading_dot = leading_dot, .span = SpanFrom(start), .place = name.span, .name = name.text});
}

bool Parser::ParseArguments(std::vector<ExprId>& args) {
  (void)Take();
  if (TakeIf(")")) return true;
  do {
    const ExprId arg = ParseExpression();
    if (arg == kNoExpr) return false;
    args.push_back(arg);
  } while (TakeIf(","));
  return Expect(")");
}

ExprId Parser::ParseList() {
  const Span place = Take().span;
  Expr list{.kind = ExprKind::kList, .place = place};
  while (!Current().Is("]")) {
    list.element_optional.push_back(TakeIf("?"));
    const ExprId item = ParseExpression();
    if (item == kNoExpr) return kNoExpr;
    list.args.push_back(item);
    if (!TakeIf(",")) break;
  }
  if (!Expect("]")) return kNoExpr;
  list.span = SpanFrom(place.offset);
  return Add(std::move(list));
}

ExprId Parser::ParseMap() {
  const Span place = Take().span;
  Expr map{.kind = ExprKind::kMap, .place = place};
  while (!Current().Is("}")) {
    map.element_optional.push_back(TakeIf("?"));
    const ExprId key = ParseExpression();
    if (key == kNoExpr || !Expect(":")) return kNoExpr;
    const ExprId value = ParseExpression();
    if (value == kNoExpr) return kNoExpr;
    map.args.push_back(key);
    map.args.push_back(value);
    if (!TakeIf(",")) break;
  }
  if (!Expect("}")) return kNoExpr;
  map.span = SpanFrom(place.offset);
  return Add(std::move(map));
}

ExprId Parser::ParseLiteral(bool negative, std::uint32_t start) {
  const Token token = Take();
  Expr literal{.kind = ExprKind::kLiteral, .span = SpanFrom(start), .place = token.span};
  const bool hex = token.text.starts_with("0x") || token.text.starts_with("0X");
  const char* const first = token.text.data() + (hex ? 2 : 0);
  const char* const last = token.text.data() + token.text.size();
  if (token.kind == TokenKind::kInt || token.kind == TokenKind::kUint) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(first, last, value, hex ? 16 : 10);
    const std::uint64_t most = token.kind == TokenKind::kUint ? UINT64_MAX : std::uint64_t{INT64_MAX} + (negative ? 1 : 0);
    if (error != std::errc() || end != last || value > most) return Fail(literal.span, "the number does not fit into 64 bits");
    literal.literal =
        token.kind == TokenKind::kUint ? Value::Uint(value) : Value::Int(static_cast<std::int64_t>(negative ? 0 - value : value));
  } else if (token.kind == TokenKind::kDouble) {
    const double value = std::strtod(token.text.c_str(), nullptr);  // overflows to infinity and underflows to 0, as IEEE 754 has it
    literal.literal = Value::Double(negative ? -value : value);
  } else if (token.kind == TokenKind::kString) {
    literal.literal = Value::String(ast_.Keep(token.text));
  } else if (token.kind == TokenKind::kBytes) {
    literal.literal = Value::Bytes(ast_.Keep(token.text));
  } else {
    literal.literal = token.text == "null" ? Value::Null() : Value::Bool(token.text == "true");
  }
  return Add(std::move(literal));
}

ExprId Parser::Call(std::string name, Span place, std::vector<ExprId> args, std::uint32_t start) {
  return Add({.kind = ExprKind::kCall, .span = SpanFrom(start), .place = place, .name = std::move(name), .args = std::move(args)});
}

ExprId Parser::Add(Expr expr) {
  for (const ExprId arg : expr.args)
    if (arg != kNoExpr) expr.depth = std::max(expr.depth, ast_[arg].depth + 1);
  if (expr.depth > depth_max_)
    return Fail(expr.place, "the expression is nested too deeply", "at most " + std::to_string(depth_max_) + " levels");
  return ast_.Add(std::move(expr));
}

ExprId Parser::Fail(Span span, std::string message, std::string remedy) {
  // A mistake of the lexer, reported already, explains the rest.
  if (diagnostics_.empty()) diagnostics_.Report(span, std::move(message), std::move(remedy));
  return kNoExpr;
}

bool Parser::TakeIf(std::string_view punctuation) {
  if (!Current().Is(punctuation)) return false;
  ++position_;
  return true;
}

bool Parser::Expect(std::string_view punctuation) {
  if (TakeIf(punctuation)) return true;
  (void)Fail(Current().span, "expected '" + std::string(punctuation) + "', found " + Describe(Current()));
  return false;
}

Span Parser::SpanFrom(std::uint32_t start) const {
  const std::uint32_t end = position_ == 0 ? start : tokens_[position_ - 1].span.end();
  return {start, end - start};
}

std::string Parser::Describe(const Token& token) const {
  if (token.kind == TokenKind::kEnd) return "the end of the expression";
  return "'" + std::string(text_.substr(token.span.offset, token.span.length)) + "'";
}

}  // namespace antiphon::expression
