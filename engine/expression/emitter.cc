#include "engine/expression/emitter.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace antiphon::expression {
namespace {

constexpr std::uint64_t kFoldStepsMax = 10'000;

// For folding: nothing constant asks it.
class NoHost final : public Host {
 public:
  [[nodiscard]] Value Load(HostSlot /*slot*/) const override { return Value::Absent(); }
  [[nodiscard]] Value Call(HostFunction /*function*/, std::span<const Value> /*args*/, Arena& /*arena*/) const override {
    return Value::Absent();
  }
};

}  // namespace

Emitter::Emitter(const Ast& ast, const std::vector<Note>& notes, const CompileOptions& options, DiagnosticsSink& diagnostics, Code& code)
    : ast_(ast), notes_(notes), options_(options), diagnostics_(diagnostics), code_(code) {}

void Emitter::Run() {
  code_.root = Emit(ast_.root).node;
  CollectUses(code_.root);
}

void Emitter::TakeBack(Mark mark) {
  code_.nodes.resize(mark.nodes);
  code_.places.resize(mark.nodes);
  code_.links.resize(mark.links);
}

Emitter::Emitted Emitter::AddNode(Node node, std::uint32_t place, Emitted about) {
  code_.nodes.push_back(node);
  code_.places.push_back(place);
  about.node = static_cast<NodeId>(code_.nodes.size() - 1);
  return about;
}

Emitter::Emitted Emitter::Constant(const Value& value, std::uint32_t place) {
  code_.constants.push_back(value);
  return AddNode({.op = Op::kConst, .a = static_cast<std::uint32_t>(code_.constants.size() - 1)}, place, {});
}

Emitter::Emitted Emitter::ErrorConstant(ErrorCode code, const char* message, std::uint32_t place) {
  Emitted result = Constant(Value::Error(code, message), place);
  result.pure = false;
  return result;
}

const Value* Emitter::AsConstant(const Emitted& emitted) const {
  const Node& node = code_.nodes[emitted.node];
  if (node.op != Op::kConst || code_.constants[node.a].is_error()) return nullptr;
  return &code_.constants[node.a];
}

Emitter::Emitted Emitter::Combine(const Emitted& left, const Emitted& right) {
  return {kNoNode, left.pure && right.pure, std::min(left.lowest_local, right.lowest_local)};
}

std::uint32_t Emitter::AddLinks(const std::vector<NodeId>& nodes) {
  const auto first = static_cast<std::uint32_t>(code_.links.size());
  code_.links.insert(code_.links.end(), nodes.begin(), nodes.end());
  return first;
}

Value Emitter::KeepLiteral(const Value& value) {
  if (value.is(Kind::kString)) return code_.literal_arena.CopyString(value.as_text());
  if (value.is(Kind::kBytes)) return code_.literal_arena.CopyBytes(value.as_text());
  return value;
}

Emitter::Emitted Emitter::Fold(ExprId id, Mark mark, Emitted emitted) {
  if (!emitted.pure || emitted.lowest_local < locals_ || AsConstant(emitted) != nullptr) return emitted;
  const Value value = expression::Run(code_, emitted.node, NoHost(), code_.constant_arena, kFoldStepsMax);
  if (!value.is_error()) {
    TakeBack(mark);
    return Constant(value, ast_[id].place.offset);
  }
  const Note& note = notes_[id];
  const bool time = note.builtin != nullptr && (note.builtin->name == "timestamp" || note.builtin->name == "duration");
  if (time && options_.checking == Checking::kStrict) diagnostics_.Report(ast_[id].span, value.error_message());
  emitted.pure = false;  // what contains it cannot be folded either
  return emitted;
}

Emitter::Emitted Emitter::Emit(ExprId id) {
  const Mark mark = Here();
  const Expr& expr = ast_[id];
  switch (expr.kind) {
    case ExprKind::kLiteral:
      return Constant(KeepLiteral(expr.literal), expr.place.offset);
    case ExprKind::kIdent:
      return EmitName(id);
    case ExprKind::kSelect:
    case ExprKind::kHas:
      return Fold(id, mark, EmitSelect(id));
    case ExprKind::kCall:
      return Fold(id, mark, EmitCall(id));
    case ExprKind::kAnd:
    case ExprKind::kOr:
      return EmitLogic(id);
    case ExprKind::kConditional:
      return EmitConditional(id);
    case ExprKind::kList:
      return Fold(id, mark, EmitList(id));
    case ExprKind::kMap:
      return Fold(id, mark, EmitMap(id));
    case ExprKind::kComprehension:
      return Fold(id, mark, EmitComprehension(id));
    case ExprKind::kBind:
    case ExprKind::kOptMap:
    case ExprKind::kOptFlatMap:
      break;
  }
  return Fold(id, mark, EmitBinding(id));
}

// Also a chain a.b.c that is one name.
Emitter::Emitted Emitter::EmitName(ExprId id) {
  const Note& note = notes_[id];
  const std::uint32_t place = ast_[id].span.offset;
  switch (note.target) {
    case Target::kLocal:
      return AddNode({.op = Op::kLocal, .a = note.local}, place, {kNoNode, true, note.local});
    case Target::kSlot: {
      const Op op = ast_[id].kind == ExprKind::kHas ? Op::kHasSlot : Op::kSlot;
      slot_names_.try_emplace(note.variable->slot, note.name);
      return AddNode({.op = op, .a = note.variable->slot.value()}, place, {kNoNode, false, UINT32_MAX});
    }
    case Target::kTypeName:
      return Constant(Value::TypeName(code_.literal_arena.CopyString(note.name).as_text()), place);
    default:
      return ErrorConstant(ErrorCode::kUndeclared, "an undeclared name", place);
  }
}

Emitter::Emitted Emitter::EmitSelect(ExprId id) {
  const Expr& expr = ast_[id];
  if (notes_[id].target != Target::kNone) return EmitName(id);
  const Emitted operand = Emit(expr.args[0]);
  code_.constants.push_back(code_.literal_arena.CopyString(expr.name));
  Op op = expr.optional ? Op::kOptionalSelect : Op::kSelect;
  if (expr.kind == ExprKind::kHas) op = Op::kHasField;
  return AddNode({.op = op, .a = operand.node, .b = static_cast<std::uint32_t>(code_.constants.size() - 1)}, expr.place.offset, operand);
}

// Constants that stop the chain decide it, wherever they stand (errors before them are absorbed); those that do not are left out.
Emitter::Emitted Emitter::EmitLogic(ExprId id) {
  const Expr& expr = ast_[id];
  const Mark mark = Here();
  const bool stop = expr.kind == ExprKind::kOr;
  std::vector<NodeId> links;
  Emitted about;
  for (const ExprId arg : expr.args) {
    const Mark before = Here();
    const Emitted emitted = Emit(arg);
    const Value* const constant = AsConstant(emitted);
    if (constant != nullptr && constant->is(Kind::kBool)) {
      const bool value = constant->as_bool();
      TakeBack(value == stop ? mark : before);
      if (value == stop) return Constant(Value::Bool(stop), expr.place.offset);
      continue;
    }
    about = Combine(about, emitted);
    links.push_back(emitted.node);
  }
  if (links.empty()) return Constant(Value::Bool(!stop), expr.place.offset);
  const std::uint32_t first = AddLinks(links);
  return AddNode({.op = stop ? Op::kOr : Op::kAnd, .b = first, .c = static_cast<std::uint32_t>(links.size())}, expr.place.offset, about);
}

Emitter::Emitted Emitter::EmitConditional(ExprId id) {
  const Expr& expr = ast_[id];
  const Mark mark = Here();
  const Emitted condition = Emit(expr.args[0]);
  const Value* const constant = AsConstant(condition);
  if (constant != nullptr && constant->is(Kind::kBool)) {
    const bool value = constant->as_bool();
    TakeBack(mark);
    return Emit(expr.args[value ? 1 : 2]);
  }
  const Emitted yes = Emit(expr.args[1]);
  const Emitted no = Emit(expr.args[2]);
  return AddNode({.op = Op::kConditional, .a = condition.node, .b = yes.node, .c = no.node}, expr.place.offset,
                 Combine(condition, Combine(yes, no)));
}

Emitter::Emitted Emitter::EmitList(ExprId id) {
  const Expr& expr = ast_[id];
  std::vector<NodeId> links;
  Emitted about;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const Emitted item = Emit(expr.args[i]);
    about = Combine(about, item);
    links.push_back(item.node | (expr.element_optional[i] ? kOptionalLink : 0));
  }
  const std::uint32_t first = AddLinks(links);
  return AddNode({.op = Op::kList, .b = first, .c = static_cast<std::uint32_t>(links.size())}, expr.place.offset, about);
}

Emitter::Emitted Emitter::EmitMap(ExprId id) {
  const Expr& expr = ast_[id];
  std::vector<NodeId> links;
  Emitted about;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const Emitted part = Emit(expr.args[i]);
    about = Combine(about, part);
    links.push_back(part.node | (i % 2 == 0 && expr.element_optional[i / 2] ? kOptionalLink : 0));
  }
  const std::uint32_t first = AddLinks(links);
  return AddNode({.op = Op::kMap, .b = first, .c = static_cast<std::uint32_t>(links.size() / 2)}, expr.place.offset, about);
}

Emitter::Emitted Emitter::EmitComprehension(ExprId id) {
  const Expr& expr = ast_[id];
  const Note& note = notes_[id];
  const Emitted range = Emit(expr.args[0]);
  const std::uint32_t outer = std::exchange(locals_, note.local + (expr.second_name.empty() ? 1 : 2));
  const std::size_t start = code_.nodes.size();
  Emitted filter;
  if (expr.args[1] != kNoExpr) filter = Emit(expr.args[1]);
  Emitted body = Emit(expr.args[2]);
  locals_ = outer;
  Emitted about = Combine(filter, body);
  if (about.lowest_local >= note.local) about.lowest_local = UINT32_MAX;  // its own variables do not count outside
  about = Combine(about, range);
  Node node{.a = range.node, .c = note.local};
  node.two_variables = !expr.second_name.empty();
  node.detail = static_cast<std::uint8_t>(std::min<std::size_t>(255, (code_.nodes.size() - start) / 8));
  switch (expr.macro) {
    case Macro::kAll:
      node.op = Op::kAll;
      break;
    case Macro::kExists:
      node.op = Op::kExists;
      break;
    case Macro::kExistsOne:
      node.op = Op::kExistsOne;
      break;
    case Macro::kTransformMap:
      node.op = Op::kTransformMap;
      break;
    case Macro::kTransformMapEntry:
      node.op = Op::kTransformMapEntry;
      break;
    default:
      node.op = Op::kCollect;
      break;
  }
  if (expr.macro == Macro::kFilter) std::swap(filter.node, body.node);  // the body is the filter: what passes is collected
  node.b = AddLinks({filter.node, body.node});
  return AddNode(node, expr.place.offset, about);
}

Emitter::Emitted Emitter::EmitBinding(ExprId id) {
  const Expr& expr = ast_[id];
  const Note& note = notes_[id];
  const Emitted value = Emit(expr.args[0]);
  const std::uint32_t outer = std::exchange(locals_, note.local + 1);
  Emitted body = Emit(expr.args[1]);
  locals_ = outer;
  if (body.lowest_local >= note.local) body.lowest_local = UINT32_MAX;
  Op op = Op::kBind;
  if (expr.kind == ExprKind::kOptMap) op = Op::kOptMap;
  if (expr.kind == ExprKind::kOptFlatMap) op = Op::kOptFlatMap;
  return AddNode({.op = op, .a = value.node, .b = body.node, .c = note.local}, expr.place.offset, Combine(value, body));
}

// Names by slot; in the order in which the nodes stand under the root.
void Emitter::CollectUses(NodeId id) {
  if (id == kNoNode) return;
  const Node node = code_.nodes[id & ~kOptionalLink];
  const auto all = [&](std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) CollectUses(code_.links[node.b + i]);
  };
  const auto add_slot = [&] {
    const HostSlot slot(node.a);
    if (std::ranges::find(code_.slots, slot, &SlotUse::slot) == code_.slots.end()) code_.slots.push_back({slot, slot_names_[slot]});
  };
  switch (node.op) {
    case Op::kConst:
    case Op::kLocal:
      return;
    case Op::kSlot:
    case Op::kHasSlot:
    case Op::kSlotCompare:
      return add_slot();
    case Op::kSelect:
    case Op::kOptionalSelect:
    case Op::kHasField:
    case Op::kNot:
    case Op::kNegate:
    case Op::kMatches:
    case Op::kTimePart:
      return CollectUses(node.a);
    case Op::kAnd:
    case Op::kOr:
    case Op::kList:
    case Op::kBuiltin:
      return all(node.c);
    case Op::kMap:
      return all(2 * node.c);
    case Op::kHost:
    case Op::kHostByKind:
      for (std::uint32_t i = 0; i < (node.op == Op::kHost ? 1U : node.detail); ++i) {
        const HostFunction function = code_.host_calls[node.a + i].function;
        if (std::ranges::find(code_.functions, function, &FunctionUse::function) == code_.functions.end())
          code_.functions.push_back({function, function_names_[function]});
      }
      return all(node.c);
    case Op::kAll:
    case Op::kExists:
    case Op::kExistsOne:
    case Op::kCollect:
    case Op::kTransformMap:
    case Op::kTransformMapEntry:
      CollectUses(node.a);
      return all(2);
    case Op::kConditional:
      CollectUses(node.a);
      CollectUses(node.b);
      return CollectUses(node.c);
    default:
      CollectUses(node.a);
      return CollectUses(node.b);
  }
}

}  // namespace antiphon::expression
