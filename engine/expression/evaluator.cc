// Evaluation: a walk over the nodes. Values travel in registers; what does not fit into one is in the arena. Errors are values that stop
// what needs them and are absorbed by && || and the macros built on them. Source: CEL's language definition, "Evaluation", "Logical
// Operators".
#include <algorithm>
#include <array>

#include "engine/expression/code.h"
#include "engine/expression/comprehensions.h"
#include "engine/expression/declarations.h"
#include "engine/expression/evaluator.h"
#include "state/base/check.h"

namespace antiphon::expression {
namespace {

// A name or item that is there but has no value may not be read.
Value Read(const Value& value) { return value.is(Kind::kAbsent) ? NoValue() : value; }

// Through an optional: an empty one stays empty, and what is found in a full one is an optional again.
const Value* Unwrap(const Value& value) { return value.is(Kind::kOptional) ? value.as_optional() : &value; }

Value SelectField(const Value& operand, const Value& field) {
  if (!operand.is(Kind::kMap)) return operand.is_error() ? operand : NoOverload();
  return Read(Index(operand, field));
}

}  // namespace

Value Evaluator::Eval(NodeId id) {
  const Value value = Dispatch(code_.nodes[id]);
  if (value.is_error() && value.error_place() == Value::kNoPlace) [[unlikely]] {
    Value placed = value;
    placed.set_error_place(code_.places[id]);
    return placed;
  }
  return value;
}

Value Evaluator::Dispatch(const Node& node) {
  switch (node.op) {
    case Op::kConst:
      return code_.constants[node.a];
    case Op::kLocal:
      return Read(locals_[node.a]);
    case Op::kSlot:
      return Read(host_.Load(HostSlot(node.a)));
    case Op::kHasSlot:
      return Value::Bool(!host_.Load(HostSlot(node.a)).is(Kind::kAbsent));
    case Op::kSlotCompare:
      return SlotCompare(node);
    case Op::kAnd:
      return Logic(node, false);
    case Op::kOr:
      return Logic(node, true);
    case Op::kNot:
    case Op::kNegate:
    case Op::kMatches:
    case Op::kTimePart:
      return Unary(node);
    case Op::kConditional: {
      const Value condition = Eval(node.a);
      if (!condition.is(Kind::kBool)) return condition.is_error() ? condition : NoOverload();
      return Eval(condition.as_bool() ? node.b : node.c);
    }
    case Op::kAdd:
    case Op::kSubtract:
    case Op::kMultiply:
    case Op::kDivide:
    case Op::kModulo:
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kOrder:
    case Op::kIn:
    case Op::kIndex:
      return Binary(node);
    case Op::kSelect:
    case Op::kOptionalSelect:
    case Op::kHasField:
    case Op::kOptionalIndex:
      return Field(node);
    case Op::kBuiltin:
    case Op::kHost:
    case Op::kHostByKind:
      return Call(node);
    case Op::kList:
      return MakeList(node);
    case Op::kMap:
      return MakeMap(node);
    case Op::kBind: {
      const Value value = Eval(node.a);
      if (value.is_error()) return value;
      locals_[node.c] = value;
      return Eval(node.b);
    }
    case Op::kOptMap:
    case Op::kOptFlatMap:
    case Op::kOptionalOr:
    case Op::kOptionalOrValue:
      return OptionalStep(node);
    default:
      return Comprehension(node);
  }
}

Value Evaluator::SlotCompare(const Node& node) {
  const Value left = host_.Load(HostSlot(node.a));
  const Value& right = code_.constants[node.b];
  const auto comparison = static_cast<Comparison>(node.detail);
  if (left.is(Kind::kInt) && right.is(Kind::kInt)) [[likely]] {
    const std::int64_t a = left.as_int();
    const std::int64_t b = right.as_int();
    switch (comparison) {
      case Comparison::kEqual:
        return Value::Bool(a == b);
      case Comparison::kNotEqual:
        return Value::Bool(a != b);
      case Comparison::kLess:
        return Value::Bool(a < b);
      case Comparison::kLessEqual:
        return Value::Bool(a <= b);
      case Comparison::kGreater:
        return Value::Bool(a > b);
      case Comparison::kGreaterEqual:
        return Value::Bool(a >= b);
    }
  }
  if (left.is(Kind::kAbsent)) return NoValue();
  if (left.is_error()) return left;
  if (comparison == Comparison::kEqual || comparison == Comparison::kNotEqual) {
    const Value equal = EqualWithinSteps(context_, left, right);
    return comparison == Comparison::kEqual || equal.is_error() ? equal : Value::Bool(!equal.as_bool());
  }
  return Order(comparison, left, right);
}

// && stops at the first false, || at the first true (`stop`); errors and other kinds count only if nothing stops it. The first one is
// reported.
Value Evaluator::Logic(const Node& node, bool stop) {
  Value failure;
  const NodeId* const links = code_.links.data() + node.b;
  for (std::uint32_t i = 0; i < node.c; ++i) {
    const Value value = Eval(links[i]);
    if (value.is(Kind::kBool)) [[likely]] {
      if (value.as_bool() == stop) return value;
      continue;
    }
    if (failure.is(Kind::kAbsent)) failure = value.is_error() ? value : NoOverload();
  }
  return failure.is(Kind::kAbsent) ? Value::Bool(!stop) : failure;
}

Value Evaluator::Unary(const Node& node) {
  const Value operand = Eval(node.a);
  if (operand.is_error()) return operand;
  switch (node.op) {
    case Op::kNot:
      return operand.is(Kind::kBool) ? Value::Bool(!operand.as_bool()) : NoOverload();
    case Op::kNegate:
      return Negate(operand);
    case Op::kMatches:
      if (!operand.is(Kind::kString)) return NoOverload();
      if (!context_.Spend(operand.as_text().size() / 16)) return TooManySteps();
      return Value::Bool(code_.regexes[node.b].Matches(operand.as_text()));
    default:
      if (!operand.is(Kind::kTimestamp)) return NoOverload();
      return PartOfTimestamp(static_cast<TimePart>(node.detail), operand, code_.zones[node.b].OffsetSeconds(operand.seconds()));
  }
}

Value Evaluator::Binary(const Node& node) {
  const Value left = Eval(node.a);
  if (left.is_error()) return left;
  const Value right = Eval(node.b);
  if (right.is_error()) return right;
  switch (node.op) {
    case Op::kAdd:
      return Add(context_, left, right);
    case Op::kSubtract:
      return Subtract(left, right);
    case Op::kMultiply:
      return Multiply(left, right);
    case Op::kDivide:
      return Divide(left, right);
    case Op::kModulo:
      return Modulo(left, right);
    case Op::kEqual:
      return EqualWithinSteps(context_, left, right);
    case Op::kNotEqual: {
      const Value equal = EqualWithinSteps(context_, left, right);
      return equal.is_error() ? equal : Value::Bool(!equal.as_bool());
    }
    case Op::kOrder:
      return Order(static_cast<Comparison>(node.detail), left, right);
    case Op::kIn:
      return In(context_, left, right);
    default:
      break;
  }
  if (!left.is(Kind::kOptional)) return Read(Index(left, right));
  return InOptional(left, [&](const Value& inside) { return Index(inside, right); });
}

// Looks into an optional. Missing keys and positions make the result empty; other errors stay.
template <typename Look>
Value Evaluator::InOptional(const Value& operand, Look look) {
  const Value* const inside = Unwrap(operand);
  if (inside == nullptr) return operand;
  const Value found = look(*inside);
  if (found.is(Kind::kAbsent)) return Value::Optional(nullptr);
  if (found.is_error()) {
    const bool missing = found.error_code() == ErrorCode::kNoSuchKey || found.error_code() == ErrorCode::kOutOfRange;
    return missing ? Value::Optional(nullptr) : found;
  }
  return context_.arena.MakeOptional(found);
}

Value Evaluator::Field(const Node& node) {
  const Value operand = Eval(node.a);
  if (operand.is_error()) return operand;
  if (node.op == Op::kOptionalIndex) {
    const Value key = Eval(node.b);
    if (key.is_error()) return key;
    return InOptional(operand, [&](const Value& inside) { return Index(inside, key); });
  }
  const Value& field = code_.constants[node.b];
  const auto look = [&](const Value& inside) { return inside.is(Kind::kMap) ? Index(inside, field) : NoOverload(); };
  if (node.op == Op::kHasField) {
    const Value* const inside = Unwrap(operand);
    if (inside == nullptr) return Value::Bool(false);
    if (!inside->is(Kind::kMap)) return NoOverload();
    const Value* const found = FindKey(*inside, field);
    return Value::Bool(found != nullptr && !found->is(Kind::kAbsent));
  }
  if (node.op == Op::kOptionalSelect || operand.is(Kind::kOptional)) return InOptional(operand, look);
  return SelectField(operand, field);
}

Value Evaluator::Call(const Node& node) {
  std::array<Value, Declarations::kParametersMax> args;
  const NodeId* const links = code_.links.data() + node.b;
  std::uint64_t steps = 1;
  for (std::uint32_t i = 0; i < node.c; ++i) {
    args[i] = Eval(links[i]);
    if (args[i].is_error()) return args[i];
    if (args[i].is(Kind::kString) || args[i].is(Kind::kBytes)) steps += args[i].as_text().size() / 16;
  }
  if (!context_.Spend(steps)) return TooManySteps();
  const Arguments given(args.data(), node.c);
  if (node.op == Op::kBuiltin) return Read(code_.builtins[node.a](context_, given));
  const std::uint32_t candidates = node.op == Op::kHost ? 1 : node.detail;
  for (std::uint32_t i = 0; i < candidates; ++i) {
    const HostCall& call = code_.host_calls[node.a + i];
    bool fits = call.kinds.size() == given.size();
    for (std::size_t k = 0; fits && k < given.size(); ++k) fits = !call.kinds[k] || given[k].is(*call.kinds[k]);
    if (fits) return Read(host_.Call(call.function, given, context_.arena));
  }
  return NoOverload();
}

Value Evaluator::MakeList(const Node& node) {
  if (!context_.Spend(node.c)) return TooManySteps();
  Value* const items = context_.arena.AllocateArray<Value>(node.c);
  if (items == nullptr) return TooLarge();
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < node.c; ++i) {
    const NodeId link = code_.links[node.b + i];
    const Value item = Eval(link & ~kOptionalLink);
    if (item.is_error()) return item;
    if ((link & kOptionalLink) == 0) {
      items[count++] = item;
      continue;
    }
    if (!item.is(Kind::kOptional)) return NoOverload();
    if (item.as_optional() != nullptr) items[count++] = *item.as_optional();
  }
  return Value::List({items, count});
}

Value Evaluator::MakeMap(const Node& node) {
  MapBuilder map(context_);
  if (!map.Reserve(node.c)) return TooLarge();
  for (std::uint32_t i = 0; i < node.c; ++i) {
    const NodeId key_link = code_.links[node.b + 2 * i];
    const Value key = Eval(key_link & ~kOptionalLink);
    if (key.is_error()) return key;
    Value value = Eval(code_.links[node.b + 2 * i + 1]);
    if (value.is_error()) return value;
    if ((key_link & kOptionalLink) != 0) {
      if (!value.is(Kind::kOptional)) return NoOverload();
      if (value.as_optional() == nullptr) continue;
      value = *value.as_optional();
    }
    const Value failure = map.Add(key, value);
    if (failure.is_error()) return failure;
  }
  return map.Finish();
}

Value Evaluator::OptionalStep(const Node& node) {
  const Value operand = Eval(node.a);
  if (!operand.is(Kind::kOptional)) return operand.is_error() ? operand : NoOverload();
  const Value* const inside = operand.as_optional();
  switch (node.op) {
    case Op::kOptionalOr: {
      if (inside != nullptr) return operand;
      const Value other = Eval(node.b);
      return other.is(Kind::kOptional) || other.is_error() ? other : NoOverload();
    }
    case Op::kOptionalOrValue:
      return inside != nullptr ? Read(*inside) : Eval(node.b);
    default:
      break;
  }
  if (inside == nullptr) return operand;
  locals_[node.c] = *inside;
  const Value mapped = Eval(node.b);
  if (mapped.is_error()) return mapped;
  if (node.op == Op::kOptMap) return context_.arena.MakeOptional(mapped);
  return mapped.is(Kind::kOptional) ? mapped : NoOverload();
}

Value Run(const Code& code, NodeId root, const Host& host, Arena& arena, std::uint64_t steps_max) {
  Value* locals = nullptr;
  if (code.locals > 0) {
    locals = arena.AllocateArray<Value>(code.locals);
    if (locals == nullptr) return TooLarge();
  }
  return Evaluator(code, host, arena, locals, steps_max).Eval(root);
}

Value Program::Evaluate(const Host& host, Arena& arena) const { return Run(*code_, code_->root, host, arena, code_->steps_max); }

const Type& Program::result_type() const { return code_->result_type; }
const std::string& Program::unit() const { return code_->unit; }
std::optional<Value> Program::constant() const {
  const Node& root = code_->nodes[code_->root];
  if (root.op != Op::kConst || code_->constants[root.a].is_error()) return std::nullopt;
  return code_->constants[root.a];
}
std::span<const SlotUse> Program::slots() const { return code_->slots; }
std::span<const FunctionUse> Program::functions() const { return code_->functions; }
std::span<const TextComparison> Program::text_comparisons() const { return code_->text_comparisons; }
std::string_view Program::text() const { return code_->text; }

}  // namespace antiphon::expression
