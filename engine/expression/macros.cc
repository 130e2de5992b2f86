// The macros: has, the comprehensions, cel.bind, optMap and optFlatMap, math.greatest and math.least.
#include <algorithm>
#include <array>

#include "engine/expression/parser.h"

namespace antiphon::expression {
namespace {

struct ComprehensionMacro {
  std::string_view name;
  Macro macro;
  std::size_t args_min;
  std::size_t args_max;
};

// The number of arguments decides between one and two variables, and whether there is a filter; see ExpandComprehension.
constexpr std::array<ComprehensionMacro, 9> kComprehensions = {{
    {"all", Macro::kAll, 2, 3},
    {"exists", Macro::kExists, 2, 3},
    {"exists_one", Macro::kExistsOne, 2, 3},
    {"existsOne", Macro::kExistsOne, 2, 3},
    {"map", Macro::kMap, 2, 3},
    {"filter", Macro::kFilter, 2, 2},
    {"transformList", Macro::kTransformList, 3, 4},
    {"transformMap", Macro::kTransformMap, 3, 4},
    {"transformMapEntry", Macro::kTransformMapEntry, 3, 4},
}};

bool IsName(const Expr& expr, std::string_view name) { return expr.kind == ExprKind::kIdent && expr.name == name && !expr.leading_dot; }

}  // namespace

std::optional<ExprId> Parser::ExpandGlobal(const std::string& name, const std::vector<ExprId>& args, std::uint32_t start) {
  if (name != "has" || args.size() != 1) return std::nullopt;
  const Expr& arg = ast_[args[0]];
  if (arg.kind != ExprKind::kSelect) return Fail(arg.span, "has() asks for a field", "write has(event.amount)");
  return Add({.kind = ExprKind::kHas,
              .optional = arg.optional,
              .quoted = arg.quoted,
              .span = SpanFrom(start),
              .place = arg.place,
              .name = arg.name,
              .args = arg.args});
}

std::optional<ExprId> Parser::ExpandMember(ExprId target, const std::string& name, Span place, const std::vector<ExprId>& args,
                                           std::uint32_t start) {
  for (const ComprehensionMacro& macro : kComprehensions)
    if (name == macro.name && args.size() >= macro.args_min && args.size() <= macro.args_max)
      return ExpandComprehension(macro.macro, target, place, args, start);
  if (name == "bind" && args.size() == 3 && IsName(ast_[target], "cel")) {
    const std::optional<std::string> variable = VariableName(args[0]);
    if (!variable) return kNoExpr;
    return Add({.kind = ExprKind::kBind, .span = SpanFrom(start), .place = place, .name = *variable, .args = {args[1], args[2]}});
  }
  if ((name == "optMap" || name == "optFlatMap") && args.size() == 2) {
    const std::optional<std::string> variable = VariableName(args[0]);
    if (!variable) return kNoExpr;
    const ExprKind kind = name == "optMap" ? ExprKind::kOptMap : ExprKind::kOptFlatMap;
    return Add({.kind = kind, .span = SpanFrom(start), .place = place, .name = *variable, .args = {target, args[1]}});
  }
  if ((name == "greatest" || name == "least") && IsName(ast_[target], "math")) return ExpandExtreme("math." + name, place, args, start);
  return std::nullopt;
}

std::optional<ExprId> Parser::ExpandComprehension(Macro macro, ExprId target, Span place, const std::vector<ExprId>& args,
                                                  std::uint32_t start) {
  // .map(x, f, t) has a filter; .all(i, x, p) two variables.
  const bool two_variables = macro != Macro::kMap && args.size() >= 3;
  const bool filter = (macro == Macro::kMap && args.size() == 3) || args.size() == 4;
  const std::optional<std::string> first = VariableName(args[0]);
  const std::optional<std::string> second = two_variables ? VariableName(args[1]) : std::string();
  if (!first || !second) return kNoExpr;
  if (two_variables && *first == *second) return Fail(ast_[args[1]].span, "the two variables need different names");
  return Add({.kind = ExprKind::kComprehension,
              .macro = macro,
              .span = SpanFrom(start),
              .place = place,
              .name = *first,
              .second_name = *second,
              .args = {target, filter ? args[args.size() - 2] : kNoExpr, args.back()}});
}

// Any number of arguments: three and more are compared as a list.
std::optional<ExprId> Parser::ExpandExtreme(const std::string& name, Span place, const std::vector<ExprId>& args, std::uint32_t start) {
  if (args.empty()) return Fail(place, name + "() needs at least one number");
  if (args.size() <= 2) return Call(name, place, args, start);
  const std::uint32_t first = ast_[args.front()].span.offset;
  const Span whole{first, ast_[args.back()].span.end() - first};
  const ExprId list = Add({.kind = ExprKind::kList,
                           .span = whole,
                           .place = ast_[args.front()].span,
                           .args = args,
                           .element_optional = std::vector<bool>(args.size(), false)});
  if (list == kNoExpr) return kNoExpr;
  return Call(name, place, {list}, start);
}

std::optional<std::string> Parser::VariableName(ExprId arg) {
  const Expr& expr = ast_[arg];
  if (expr.kind == ExprKind::kIdent && !expr.leading_dot) return expr.name;
  (void)Fail(expr.span, "expected the name of a new variable");
  return std::nullopt;
}

}  // namespace antiphon::expression
