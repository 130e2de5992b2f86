// Arithmetic, comparison, membership and indexing.
#include <algorithm>
#include <cmath>
#include <compare>
#include <cstring>
#include <optional>

#include "engine/expression/builtins.h"

namespace antiphon::expression {
namespace {

constexpr Value DivisionByZero() { return Value::Error(ErrorCode::kDivisionByZero, "division by zero"); }

bool Both(Kind kind, const Value& left, const Value& right) { return left.is(kind) && right.is(kind); }

Value Concatenate(CallContext& context, const Value& left, const Value& right) {
  const std::string_view a = left.as_text();
  const std::string_view b = right.as_text();
  if (!context.Spend((a.size() + b.size()) / 64)) return TooManySteps();
  char* const text = context.arena.AllocateArray<char>(a.size() + b.size());
  if (text == nullptr) return TooLarge();
  if (!a.empty()) std::memcpy(text, a.data(), a.size());
  if (!b.empty()) std::memcpy(text + a.size(), b.data(), b.size());
  const std::string_view whole(text, a.size() + b.size());
  return left.is(Kind::kString) ? Value::String(whole) : Value::Bytes(whole);
}

Value ConcatenateLists(CallContext& context, const Value& left, const Value& right) {
  const std::span<const Value> a = left.as_list();
  const std::span<const Value> b = right.as_list();
  if (!context.Spend(a.size() + b.size())) return TooManySteps();
  Value* const items = context.arena.AllocateArray<Value>(a.size() + b.size());
  if (items == nullptr) return TooLarge();
  std::ranges::copy(b, std::ranges::copy(a, items).out);
  return Value::List({items, a.size() + b.size()});
}

// Between a whole number and a double: as doubles, where the whole number is near enough to be one (CEL's reference and its conformance
// cases have it so: 9223372036854775807 is not less than 9223372036854775808.0).
std::partial_ordering CompareIntToDouble(std::int64_t left, double right) { return static_cast<double>(left) <=> right; }
std::partial_ordering CompareUintToDouble(std::uint64_t left, double right) { return static_cast<double>(left) <=> right; }

std::partial_ordering Reverse(std::partial_ordering order) { return 0 <=> order; }

// Nothing for kinds that have no order between them.
std::optional<std::partial_ordering> CompareKinds(const Value& left, const Value& right) {
  if (left.kind() == right.kind()) {
    switch (left.kind()) {
      case Kind::kBool:
      case Kind::kInt:
        return left.as_int() <=> right.as_int();
      case Kind::kUint:
        return left.as_uint() <=> right.as_uint();
      case Kind::kDouble:
        return left.as_double() <=> right.as_double();
      case Kind::kString:
      case Kind::kBytes:
        return left.as_text() <=> right.as_text();
      case Kind::kTimestamp:
      case Kind::kDuration:
        if (left.seconds() != right.seconds()) return left.seconds() <=> right.seconds();
        return left.nanos() <=> right.nanos();
      default:
        return std::nullopt;
    }
  }
  if (left.is(Kind::kInt) && right.is(Kind::kDouble)) return CompareIntToDouble(left.as_int(), right.as_double());
  if (left.is(Kind::kDouble) && right.is(Kind::kInt)) return Reverse(CompareIntToDouble(right.as_int(), left.as_double()));
  if (left.is(Kind::kUint) && right.is(Kind::kDouble)) return CompareUintToDouble(left.as_uint(), right.as_double());
  if (left.is(Kind::kDouble) && right.is(Kind::kUint)) return Reverse(CompareUintToDouble(right.as_uint(), left.as_double()));
  if (left.is(Kind::kInt) && right.is(Kind::kUint)) {
    if (left.as_int() < 0) return std::partial_ordering::less;
    return static_cast<std::uint64_t>(left.as_int()) <=> right.as_uint();
  }
  if (left.is(Kind::kUint) && right.is(Kind::kInt)) return Reverse(*CompareKinds(right, left));
  return std::nullopt;
}

// A number as the index of a list: 1, 1u and 1.0 are one.
std::optional<std::int64_t> AsIndex(const Value& key) {
  if (key.is(Kind::kInt)) return key.as_int();
  if (key.is(Kind::kUint)) return key.as_uint() <= INT64_MAX ? static_cast<std::int64_t>(key.as_uint()) : INT64_MAX;
  if (key.is(Kind::kDouble) && key.as_double() == std::floor(key.as_double()) && std::abs(key.as_double()) < 9e18)
    return static_cast<std::int64_t>(key.as_double());
  return std::nullopt;
}

}  // namespace

Value Add(CallContext& context, const Value& left, const Value& right) {
  if (Both(Kind::kInt, left, right)) {
    std::int64_t result = 0;
    return __builtin_add_overflow(left.as_int(), right.as_int(), &result) ? Overflow() : Value::Int(result);
  }
  if (Both(Kind::kDouble, left, right)) return Value::Double(left.as_double() + right.as_double());
  if (Both(Kind::kUint, left, right)) {
    std::uint64_t result = 0;
    return __builtin_add_overflow(left.as_uint(), right.as_uint(), &result) ? Overflow() : Value::Uint(result);
  }
  if (Both(Kind::kString, left, right) || Both(Kind::kBytes, left, right)) return Concatenate(context, left, right);
  if (Both(Kind::kList, left, right)) return ConcatenateLists(context, left, right);
  const bool times = (left.is(Kind::kTimestamp) || left.is(Kind::kDuration)) && (right.is(Kind::kTimestamp) || right.is(Kind::kDuration));
  if (!times || Both(Kind::kTimestamp, left, right)) return NoOverload();
  const std::int64_t seconds = left.seconds() + right.seconds();  // both are far from the end of 64 bits
  const std::int64_t nanos = std::int64_t{left.nanos()} + right.nanos();
  return Both(Kind::kDuration, left, right) ? MakeDuration(seconds, nanos) : MakeTimestamp(seconds, nanos);
}

Value Subtract(const Value& left, const Value& right) {
  if (Both(Kind::kInt, left, right)) {
    std::int64_t result = 0;
    return __builtin_sub_overflow(left.as_int(), right.as_int(), &result) ? Overflow() : Value::Int(result);
  }
  if (Both(Kind::kDouble, left, right)) return Value::Double(left.as_double() - right.as_double());
  if (Both(Kind::kUint, left, right)) {
    std::uint64_t result = 0;
    return __builtin_sub_overflow(left.as_uint(), right.as_uint(), &result) ? Overflow() : Value::Uint(result);
  }
  if (Both(Kind::kTimestamp, left, right) || Both(Kind::kDuration, left, right) ||
      (left.is(Kind::kTimestamp) && right.is(Kind::kDuration))) {
    const std::int64_t seconds = left.seconds() - right.seconds();
    const std::int64_t nanos = std::int64_t{left.nanos()} - right.nanos();
    return left.is(Kind::kTimestamp) && right.is(Kind::kDuration) ? MakeTimestamp(seconds, nanos) : MakeDuration(seconds, nanos);
  }
  return NoOverload();
}

Value Multiply(const Value& left, const Value& right) {
  if (Both(Kind::kInt, left, right)) {
    std::int64_t result = 0;
    return __builtin_mul_overflow(left.as_int(), right.as_int(), &result) ? Overflow() : Value::Int(result);
  }
  if (Both(Kind::kDouble, left, right)) return Value::Double(left.as_double() * right.as_double());
  if (Both(Kind::kUint, left, right)) {
    std::uint64_t result = 0;
    return __builtin_mul_overflow(left.as_uint(), right.as_uint(), &result) ? Overflow() : Value::Uint(result);
  }
  return NoOverload();
}

Value Divide(const Value& left, const Value& right) {
  if (Both(Kind::kInt, left, right)) {
    if (right.as_int() == 0) return DivisionByZero();
    if (right.as_int() == -1) return Negate(left);  // the smallest int has no opposite
    return Value::Int(left.as_int() / right.as_int());
  }
  if (Both(Kind::kDouble, left, right)) return Value::Double(left.as_double() / right.as_double());
  if (Both(Kind::kUint, left, right)) return right.as_uint() == 0 ? DivisionByZero() : Value::Uint(left.as_uint() / right.as_uint());
  return NoOverload();
}

Value Modulo(const Value& left, const Value& right) {
  if (Both(Kind::kInt, left, right)) {
    if (right.as_int() == 0) return DivisionByZero();
    return Value::Int(right.as_int() == -1 ? 0 : left.as_int() % right.as_int());
  }
  if (Both(Kind::kUint, left, right)) return right.as_uint() == 0 ? DivisionByZero() : Value::Uint(left.as_uint() % right.as_uint());
  return NoOverload();
}

Value Negate(const Value& value) {
  if (value.is(Kind::kInt)) return value.as_int() == INT64_MIN ? Overflow() : Value::Int(-value.as_int());
  if (value.is(Kind::kDouble)) return Value::Double(-value.as_double());
  return NoOverload();
}

Value Order(Comparison comparison, const Value& left, const Value& right) {
  const std::optional<std::partial_ordering> order = CompareKinds(left, right);
  if (!order) return NoOverload();
  switch (comparison) {
    case Comparison::kLess:
      return Value::Bool(*order < 0);
    case Comparison::kLessEqual:
      return Value::Bool(*order <= 0);
    case Comparison::kGreater:
      return Value::Bool(*order > 0);
    case Comparison::kGreaterEqual:
      return Value::Bool(*order >= 0);
    case Comparison::kEqual:
    case Comparison::kNotEqual:
      break;
  }
  return NoOverload();
}

Value EqualWithinSteps(CallContext& context, const Value& left, const Value& right) {
  const std::optional<bool> equal = EqualWithin(left, right, context.steps_left);
  return equal ? Value::Bool(*equal) : TooManySteps();
}

Value In(CallContext& context, const Value& item, const Value& container) {
  if (container.is(Kind::kList)) {
    for (const Value& candidate : container.as_list()) {
      const Value equal = EqualWithinSteps(context, item, candidate);
      if (equal.is_error() || equal.as_bool()) return equal;
    }
    return Value::Bool(false);
  }
  if (!container.is(Kind::kMap)) return NoOverload();
  if (!context.Spend(container.as_map().size() / 4)) return TooManySteps();
  return Value::Bool(FindKey(container, item) != nullptr);
}

Value Index(const Value& container, const Value& key) {
  if (container.is(Kind::kMap)) {
    const Value* const found = FindKey(container, key);
    return found == nullptr ? NoSuchKey() : *found;
  }
  if (!container.is(Kind::kList)) return NoOverload();
  const std::optional<std::int64_t> index = AsIndex(key);
  if (!index) return key.is(Kind::kDouble) ? OutOfRange() : NoOverload();
  if (*index < 0 || static_cast<std::uint64_t>(*index) >= container.as_list().size()) return OutOfRange();
  return container.as_list()[static_cast<std::size_t>(*index)];
}

std::span<const BuiltinRow> OperatorRows() {
  static constexpr BuiltinRow kRows[] = {
      {"_+_", false, "int, int", "int", nullptr},
      {"_+_", false, "uint, uint", "uint", nullptr},
      {"_+_", false, "double, double", "double", nullptr},
      {"_+_", false, "string, string", "string", nullptr},
      {"_+_", false, "bytes, bytes", "bytes", nullptr},
      {"_+_", false, "list(A), list(A)", "list(A)", nullptr},
      {"_+_", false, "timestamp, duration", "timestamp", nullptr},
      {"_+_", false, "duration, timestamp", "timestamp", nullptr},
      {"_+_", false, "duration, duration", "duration", nullptr},
      {"_-_", false, "int, int", "int", nullptr},
      {"_-_", false, "uint, uint", "uint", nullptr},
      {"_-_", false, "double, double", "double", nullptr},
      {"_-_", false, "timestamp, timestamp", "duration", nullptr},
      {"_-_", false, "timestamp, duration", "timestamp", nullptr},
      {"_-_", false, "duration, duration", "duration", nullptr},
      {"_*_", false, "int, int", "int", nullptr},
      {"_*_", false, "uint, uint", "uint", nullptr},
      {"_*_", false, "double, double", "double", nullptr},
      {"_/_", false, "int, int", "int", nullptr},
      {"_/_", false, "uint, uint", "uint", nullptr},
      {"_/_", false, "double, double", "double", nullptr},
      {"_%_", false, "int, int", "int", nullptr},
      {"_%_", false, "uint, uint", "uint", nullptr},
      {"-_", false, "int", "int", nullptr},
      {"-_", false, "double", "double", nullptr},
      {"!_", false, "bool", "bool", nullptr},
      {"_==_", false, "A, A", "bool", nullptr},
      {"_!=_", false, "A, A", "bool", nullptr},
      {"@in", false, "A, list(A)", "bool", nullptr},
      {"@in", false, "A, map(A, B)", "bool", nullptr},
      {"_[_]", false, "list(A), int", "A", nullptr},
      {"_[_]", false, "map(A, B), A", "B", nullptr},
  };
  return kRows;
}

}  // namespace antiphon::expression
