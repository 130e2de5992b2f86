#include "engine/expression/comprehensions.h"

#include "engine/expression/evaluator.h"

namespace antiphon::expression {

bool MapBuilder::Reserve(std::size_t entries) {
  entries_ = context_.arena.AllocateArray<MapEntry>(entries);
  return entries_ != nullptr;
}

Value MapBuilder::Add(const Value& key, const Value& value) {
  const bool allowed = key.is(Kind::kBool) || key.is(Kind::kInt) || key.is(Kind::kUint) || key.is(Kind::kString);
  if (!allowed) return BadArgument("a key of a map is a bool, int, uint or string");
  if (!context_.Spend(1 + size_ / 4)) return TooManySteps();
  if (FindKey(Finish(), key) != nullptr) return Value::Error(ErrorCode::kDuplicateKey, "the same key twice in one map");
  entries_[size_++] = {key, value};
  return {};
}

Value Evaluator::Comprehension(const Node& node) {
  const Value range = Eval(node.a);
  if (range.is_error()) return range;
  if (!range.is(Kind::kList) && !range.is(Kind::kMap)) return NoOverload();
  const std::size_t size = range.is(Kind::kList) ? range.as_list().size() : range.as_map().size();
  switch (node.op) {
    case Op::kAll:
    case Op::kExists:
    case Op::kExistsOne:
      return Quantify(node, range, size);
    case Op::kCollect:
      return Collect(node, range, size);
    default:
      return TransformMap(node, range, size);
  }
}

// One variable: the item of a list, the key of a map. Two: position and item, key and value.
void Evaluator::SetVariables(const Node& node, const Value& range, std::size_t position) {
  if (range.is(Kind::kList)) {
    const Value& item = range.as_list()[position];
    locals_[node.c] = node.two_variables ? Value::Int(static_cast<std::int64_t>(position)) : item;
    if (node.two_variables) locals_[node.c + 1] = item;
    return;
  }
  const MapEntry& entry = range.as_map()[position];
  locals_[node.c] = entry.key;
  if (node.two_variables) locals_[node.c + 1] = entry.value;
}

// all and exists absorb errors as && and || do; exists_one does not.
Value Evaluator::Quantify(const Node& node, const Value& range, std::size_t size) {
  const NodeId body = code_.links[node.b + 1];
  const bool exists_one = node.op == Op::kExistsOne;
  const bool stop = node.op == Op::kExists;
  Value failure;
  std::size_t matches = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (!context_.Spend(1 + std::uint64_t{node.detail})) return TooManySteps();
    SetVariables(node, range, i);
    const Value value = Eval(body);
    if (value.is(Kind::kBool)) {
      if (!exists_one && value.as_bool() == stop) return value;
      matches += value.as_bool() ? 1U : 0U;
      continue;
    }
    const Value error = value.is_error() ? value : NoOverload();
    // What the limits stop is not absorbed: the loop would go on for nothing.
    if (exists_one || error.error_code() == ErrorCode::kTooManySteps) return error;
    if (failure.is(Kind::kAbsent)) failure = error;
  }
  if (exists_one) return Value::Bool(matches == 1);
  return failure.is(Kind::kAbsent) ? Value::Bool(!stop) : failure;
}

Value Evaluator::Passes(const Node& node) {
  const NodeId filter = code_.links[node.b];
  if (filter == kNoNode) return Value::Bool(true);
  const Value value = Eval(filter);
  return value.is(Kind::kBool) || value.is_error() ? value : NoOverload();
}

Value Evaluator::Collect(const Node& node, const Value& range, std::size_t size) {
  const NodeId body = code_.links[node.b + 1];
  Value* const items = context_.arena.AllocateArray<Value>(size);
  if (items == nullptr) return TooLarge();
  std::size_t count = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (!context_.Spend(1 + std::uint64_t{node.detail})) return TooManySteps();
    SetVariables(node, range, i);
    const Value passes = Passes(node);
    if (passes.is_error()) return passes;
    if (!passes.as_bool()) continue;
    const Value item = body == kNoNode ? locals_[node.c] : Eval(body);
    if (item.is_error()) return item;
    items[count++] = item;
  }
  return Value::List({items, count});
}

Value Evaluator::TransformMap(const Node& node, const Value& range, std::size_t size) {
  const NodeId body = code_.links[node.b + 1];
  MapBuilder map(context_);
  if (!map.Reserve(size)) return TooLarge();
  for (std::size_t i = 0; i < size; ++i) {
    if (!context_.Spend(1 + std::uint64_t{node.detail})) return TooManySteps();
    SetVariables(node, range, i);
    const Value passes = Passes(node);
    if (passes.is_error()) return passes;
    if (!passes.as_bool()) continue;
    Value key = locals_[node.c];
    Value value = Eval(body);
    if (value.is_error()) return value;
    if (node.op == Op::kTransformMapEntry) {  // the body is a map of one entry
      if (!value.is(Kind::kMap) || value.as_map().size() != 1) return NoOverload();
      key = value.as_map()[0].key;
      value = value.as_map()[0].value;
    }
    const Value failure = map.Add(key, value);
    if (failure.is_error()) return failure;
  }
  return map.Finish();
}

}  // namespace antiphon::expression
