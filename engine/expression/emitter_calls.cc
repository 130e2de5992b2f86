// Calls: operators to opcodes, builtins with constant patterns and zones, declared functions.
#include <algorithm>
#include <array>
#include <utility>

#include "engine/expression/emitter.h"

namespace antiphon::expression {
namespace {

struct OperatorCode {
  std::string_view function;
  Op op;
  Comparison comparison = Comparison::kEqual;
};
constexpr std::array<OperatorCode, 19> kOperators = {{{"_+_", Op::kAdd},
                                                      {"_-_", Op::kSubtract},
                                                      {"_*_", Op::kMultiply},
                                                      {"_/_", Op::kDivide},
                                                      {"_%_", Op::kModulo},
                                                      {"_==_", Op::kEqual, Comparison::kEqual},
                                                      {"_!=_", Op::kNotEqual, Comparison::kNotEqual},
                                                      {"_<_", Op::kOrder, Comparison::kLess},
                                                      {"_<=_", Op::kOrder, Comparison::kLessEqual},
                                                      {"_>_", Op::kOrder, Comparison::kGreater},
                                                      {"_>=_", Op::kOrder, Comparison::kGreaterEqual},
                                                      {"@in", Op::kIn},
                                                      {"_[_]", Op::kIndex},
                                                      {"_[?_]", Op::kOptionalIndex},
                                                      {"!_", Op::kNot},
                                                      {"-_", Op::kNegate},
                                                      {"or", Op::kOptionalOr},
                                                      {"orValue", Op::kOptionalOrValue},
                                                      {"", Op::kConst}}};

// a < b is b > a.
Comparison Mirror(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess:
      return Comparison::kGreater;
    case Comparison::kLessEqual:
      return Comparison::kGreaterEqual;
    case Comparison::kGreater:
      return Comparison::kLess;
    case Comparison::kGreaterEqual:
      return Comparison::kLessEqual;
    default:
      return comparison;
  }
}

}  // namespace

Emitter::Emitted Emitter::EmitCall(ExprId id) {
  const Expr& expr = ast_[id];
  const Note& note = notes_[id];
  const std::vector<ExprId> args = ArgumentsOf(expr, note);
  if (note.target == Target::kBuiltin && note.builtin->function == nullptr) {
    const auto* const found = std::ranges::find(kOperators, std::string_view(expr.name), &OperatorCode::function);
    const bool unary = found->op == Op::kNot || found->op == Op::kNegate;
    if (args.size() != (unary ? 1U : 2U)) return ErrorConstant(ErrorCode::kNoOverload, NoOverload().error_message(), expr.place.offset);
    return EmitOperator(id, found->op, static_cast<std::uint8_t>(found->comparison));
  }
  if (note.target == Target::kUndeclared) return ErrorConstant(ErrorCode::kUndeclared, "an undeclared function", expr.place.offset);
  return EmitFunction(id, args);
}

Emitter::Emitted Emitter::EmitOperator(ExprId id, Op op, std::uint8_t detail) {
  const Expr& expr = ast_[id];
  const Mark mark = Here();
  const Emitted left = Emit(expr.args[0]);
  if (expr.args.size() == 1) return AddNode({.op = op, .a = left.node}, expr.place.offset, left);
  const Emitted right = Emit(expr.args[1]);
  const bool comparison = op == Op::kEqual || op == Op::kNotEqual || op == Op::kOrder;
  Emitted fused;
  if (comparison && Fuse(left, right, static_cast<Comparison>(detail), mark, fused)) return fused;
  if (comparison && Fuse(right, left, Mirror(static_cast<Comparison>(detail)), mark, fused)) return fused;
  if (op == Op::kIn) NoteComparison(left, right);
  return AddNode({.op = op, .detail = detail, .a = left.node, .b = right.node}, expr.place.offset, Combine(left, right));
}

void Emitter::NoteComparison(const Emitted& slot, const Emitted& constant) {
  const Value* const value = AsConstant(constant);
  if (value == nullptr || code_.nodes[slot.node].op != Op::kSlot) return;
  const HostSlot name(code_.nodes[slot.node].a);
  const auto note = [&](const Value& text) {
    if (text.is(Kind::kString)) code_.text_comparisons.push_back({name, std::string(text.as_text()), code_.places[constant.node]});
  };
  if (!value->is(Kind::kList)) return note(*value);
  for (const Value& item : value->as_list()) note(item);
}

// A slot compared with a constant is one node.
bool Emitter::Fuse(const Emitted& slot, const Emitted& constant, Comparison comparison, Mark mark, Emitted& result) {
  const Node node = code_.nodes[slot.node];
  if (node.op != Op::kSlot || AsConstant(constant) == nullptr) return false;
  NoteComparison(slot, constant);
  const std::uint32_t place = code_.places[slot.node];
  const std::uint32_t index = code_.nodes[constant.node].a;
  TakeBack(mark);
  result = AddNode({.op = Op::kSlotCompare, .detail = static_cast<std::uint8_t>(comparison), .a = node.a, .b = index}, place, slot);
  return true;
}

Emitter::Emitted Emitter::EmitFunction(ExprId id, const std::vector<ExprId>& args) {
  const Expr& expr = ast_[id];
  const Note& note = notes_[id];
  if (args.size() > Declarations::kParametersMax)
    return ErrorConstant(ErrorCode::kNoOverload, NoOverload().error_message(), expr.place.offset);
  std::vector<Emitted> emitted;
  std::vector<NodeId> links;
  Emitted about;
  for (const ExprId arg : args) {
    emitted.push_back(Emit(arg));
    links.push_back(emitted.back().node);
    about = Combine(about, emitted.back());
  }
  Emitted result;
  if (note.target == Target::kBuiltin) {
    const bool known_count = std::ranges::any_of(
        note.builtin->overloads, [&](const BuiltinOverload& overload) { return overload.parameters.size() == args.size(); });
    if (!known_count) return ErrorConstant(ErrorCode::kNoOverload, NoOverload().error_message(), expr.place.offset);
    if (EmitMatches(id, emitted, result) || EmitTimePart(id, emitted, result)) return result;
    code_.builtins.push_back(note.builtin->function);
    const auto index = static_cast<std::uint32_t>(code_.builtins.size() - 1);
    const std::uint32_t first = AddLinks(links);
    return AddNode({.op = Op::kBuiltin, .a = index, .b = first, .c = static_cast<std::uint32_t>(links.size())}, expr.place.offset, about);
  }
  const std::uint32_t first = AddLinks(links);
  return EmitHostCall(id, args, {.op = Op::kHostByKind, .b = first, .c = static_cast<std::uint32_t>(links.size())}, about);
}

Emitter::Emitted Emitter::EmitHostCall(ExprId id, const std::vector<ExprId>& args, Node call, Emitted about) {
  const Expr& expr = ast_[id];
  const Note& note = notes_[id];
  call.a = static_cast<std::uint32_t>(code_.host_calls.size());
  for (const FunctionOverload* const overload : note.overloads) {
    if (overload->parameters.size() != args.size() || call.detail == UINT8_MAX) continue;
    HostCall host_call{.function = overload->function, .kinds = {}};
    for (const Type& parameter : overload->parameters) host_call.kinds.push_back(KindOf(parameter));
    code_.host_calls.push_back(std::move(host_call));
    function_names_.try_emplace(overload->function, note.name);
    ++call.detail;
  }
  if (call.detail == 0) return ErrorConstant(ErrorCode::kNoOverload, NoOverload().error_message(), expr.place.offset);
  if (call.detail == 1) call.op = Op::kHost;
  about.pure = false;
  return AddNode(call, expr.place.offset, about);
}

bool Emitter::EmitMatches(ExprId id, const std::vector<Emitted>& args, Emitted& result) {
  if (notes_[id].builtin->name != "matches") return false;
  const Value* const pattern = AsConstant(args[1]);
  if (pattern == nullptr || !pattern->is(Kind::kString)) return false;
  Regex regex(pattern->as_text());
  if (const std::string error = regex.error(); !error.empty()) {
    if (options_.checking == Checking::kStrict)
      diagnostics_.Report(ast_[ast_[id].args[1]].span, "not a regular expression of RE2: " + error);
    return false;
  }
  code_.regexes.push_back(std::move(regex));
  const auto index = static_cast<std::uint32_t>(code_.regexes.size() - 1);
  result = AddNode({.op = Op::kMatches, .a = args[0].node, .b = index}, ast_[id].place.offset, args[0]);
  return true;
}

bool Emitter::EmitTimePart(ExprId id, const std::vector<Emitted>& args, Emitted& result) {
  const std::optional<TimePart> part = FindTimePart(notes_[id].builtin->name);
  if (!part || args.size() != 2) return false;
  const Value* const name = AsConstant(args[1]);
  if (name == nullptr || !name->is(Kind::kString)) return false;
  const std::optional<Zone> zone = Zone::Find(name->as_text());
  if (!zone) {
    if (options_.checking == Checking::kStrict)
      diagnostics_.Report(ast_[ast_[id].args[1]].span, "no such time zone '" + std::string(name->as_text()) + "'",
                          "write an IANA name as 'Europe/Prague' or an offset as '+01:00'");
    return false;
  }
  code_.zones.push_back(*zone);
  const auto index = static_cast<std::uint32_t>(code_.zones.size() - 1);
  result = AddNode({.op = Op::kTimePart, .detail = static_cast<std::uint8_t>(*part), .a = args[0].node, .b = index}, ast_[id].place.offset,
                   args[0]);
  return true;
}

}  // namespace antiphon::expression
