#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/expression/arena.h"
#include "engine/expression/value.h"

// The functions and operators that come with CEL. Each takes any kinds and answers kNoOverload where they do not fit, so that checked and
// unchecked expressions run the same code: the checker only refuses earlier.
namespace antiphon::expression {

// What a builtin may use up.
struct CallContext {
  Arena& arena;
  std::uint64_t steps_left;

  // False once the step limit is met.
  [[nodiscard]] bool Spend(std::uint64_t steps) {
    if (steps > steps_left) {
      steps_left = 0;
      return false;
    }
    steps_left -= steps;
    return true;
  }
};

using Arguments = std::span<const Value>;
using BuiltinFunction = Value (*)(CallContext& context, Arguments args);

// One overload for the checker. All rows of one (name, member) have the same function, which tells its overloads apart itself; operators
// have none, they are opcodes.
struct BuiltinRow {
  const char* name;
  bool member;             // x.f(y): the first parameter is x
  const char* parameters;  // types as Type::Parse reads them: "list(T), int"
  const char* result;
  BuiltinFunction function;
};

[[nodiscard]] std::span<const BuiltinRow> OperatorRows();
[[nodiscard]] std::span<const BuiltinRow> ConversionRows();
[[nodiscard]] std::span<const BuiltinRow> TextRows();
[[nodiscard]] std::span<const BuiltinRow> StringExtensionRows();
[[nodiscard]] std::span<const BuiltinRow> MathRows();
[[nodiscard]] std::span<const BuiltinRow> TimeRows();
[[nodiscard]] std::span<const BuiltinRow> OptionalRows();

[[nodiscard]] constexpr Value NoOverload() {
  return Value::Error(ErrorCode::kNoOverload, "the operator or function does not take values of these kinds");
}
[[nodiscard]] constexpr Value NoValue() { return Value::Error(ErrorCode::kNoValue, "a name without a value was read"); }
[[nodiscard]] constexpr Value Overflow() { return Value::Error(ErrorCode::kOverflow, "overflow: the result is out of range"); }
[[nodiscard]] constexpr Value TooManySteps() { return Value::Error(ErrorCode::kTooManySteps, "the expression takes too many steps"); }
[[nodiscard]] constexpr Value NoSuchKey() { return Value::Error(ErrorCode::kNoSuchKey, "no such key"); }
[[nodiscard]] constexpr Value OutOfRange() { return Value::Error(ErrorCode::kOutOfRange, "index out of range"); }
[[nodiscard]] constexpr Value BadArgument(const char* message) { return Value::Error(ErrorCode::kBadArgument, message); }

// Operators (builtins_operators.cc).
[[nodiscard]] Value Add(CallContext& context, const Value& left, const Value& right);
[[nodiscard]] Value Subtract(const Value& left, const Value& right);
[[nodiscard]] Value Multiply(const Value& left, const Value& right);
[[nodiscard]] Value Divide(const Value& left, const Value& right);
[[nodiscard]] Value Modulo(const Value& left, const Value& right);
[[nodiscard]] Value Negate(const Value& value);
[[nodiscard]] Value In(CallContext& context, const Value& item, const Value& container);
[[nodiscard]] Value Index(const Value& container, const Value& key);
// Equal(), as a bool or kTooManySteps.
[[nodiscard]] Value EqualWithinSteps(CallContext& context, const Value& left, const Value& right);

enum class Comparison : std::uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };
// <, <=, >, >= of two bools, texts, times or numbers; numbers of different kinds by their mathematical value. Nothing equals or is less
// than NaN.
[[nodiscard]] Value Order(Comparison comparison, const Value& left, const Value& right);

// Times (builtins_time.cc). kTimePart functions of a timestamp, as the row of their name.
enum class TimePart : std::uint8_t {
  kFullYear,
  kMonth,
  kDate,
  kDayOfMonth,
  kDayOfWeek,
  kDayOfYear,
  kHours,
  kMinutes,
  kSeconds,
  kMilliseconds,
};
[[nodiscard]] std::optional<TimePart> FindTimePart(std::string_view function);
// The part of a timestamp in a place `offset_seconds` east of UTC.
[[nodiscard]] Value PartOfTimestamp(TimePart part, const Value& timestamp, std::int32_t offset_seconds);
// A timestamp or duration from parts that may be out of range; nanos within (-2 * 10^9, 2 * 10^9). The error kOverflow.
[[nodiscard]] Value MakeTimestamp(std::int64_t seconds, std::int64_t nanos);
[[nodiscard]] Value MakeDuration(std::int64_t seconds, std::int64_t nanos);

// string(x) of a number, time or bool.
[[nodiscard]] Value FormatScalar(CallContext& context, const Value& value);

}  // namespace antiphon::expression
