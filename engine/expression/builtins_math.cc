// The math extension. math.greatest and math.least of three and more numbers arrive as a list (macros.cc).
#include <cmath>
#include <cstdint>

#include "engine/expression/builtins.h"

namespace antiphon::expression {
namespace {

bool IsNumber(const Value& value) { return value.is(Kind::kInt) || value.is(Kind::kUint) || value.is(Kind::kDouble); }

// The first of equals stays.
template <Comparison comparison>
Value Extreme(CallContext& context, Arguments args) {
  if (args.size() == 1 && args[0].is(Kind::kList)) args = args[0].as_list();
  if (args.empty()) return BadArgument("an empty list has neither a greatest nor a least number");
  if (!context.Spend(args.size())) return TooManySteps();
  Value best = args[0];
  for (const Value& value : args) {
    if (!IsNumber(value)) return value.is(Kind::kAbsent) ? NoValue() : NoOverload();
    if (Order(comparison, value, best).is_true()) best = value;
  }
  return best;
}

template <double (*function)(double)>
Value OfDouble(CallContext& /*context*/, Arguments args) {
  return args[0].is(Kind::kDouble) ? Value::Double(function(args[0].as_double())) : NoOverload();
}
double Ceil(double x) { return std::ceil(x); }
double Floor(double x) { return std::floor(x); }
double Round(double x) { return std::round(x); }
double Trunc(double x) { return std::trunc(x); }

template <bool (*test)(double)>
Value Test(CallContext& /*context*/, Arguments args) {
  return args[0].is(Kind::kDouble) ? Value::Bool(test(args[0].as_double())) : NoOverload();
}
bool IsNaN(double x) { return std::isnan(x); }
bool IsInf(double x) { return std::isinf(x); }
bool IsFinite(double x) { return std::isfinite(x); }

Value Abs(CallContext& /*context*/, Arguments args) {
  const Value& value = args[0];
  if (value.is(Kind::kUint)) return value;
  if (value.is(Kind::kDouble)) return Value::Double(std::abs(value.as_double()));
  return value.is(Kind::kInt) && value.as_int() >= 0 ? value : Negate(value);
}

Value Sign(CallContext& /*context*/, Arguments args) {
  const Value& value = args[0];
  if (value.is(Kind::kInt)) return Value::Int((value.as_int() > 0 ? 1 : 0) - (value.as_int() < 0 ? 1 : 0));
  if (value.is(Kind::kUint)) return Value::Uint(value.as_uint() > 0 ? 1 : 0);
  if (!value.is(Kind::kDouble)) return NoOverload();
  const double number = value.as_double();
  return Value::Double(std::isnan(number) || number == 0 ? number : std::copysign(1.0, number));
}

Value Sqrt(CallContext& /*context*/, Arguments args) {
  const Value& value = args[0];
  if (value.is(Kind::kInt)) return Value::Double(std::sqrt(static_cast<double>(value.as_int())));
  if (value.is(Kind::kUint)) return Value::Double(std::sqrt(static_cast<double>(value.as_uint())));
  return value.is(Kind::kDouble) ? Value::Double(std::sqrt(value.as_double())) : NoOverload();
}

std::uint64_t Bits(const Value& value) { return value.is(Kind::kInt) ? static_cast<std::uint64_t>(value.as_int()) : value.as_uint(); }
Value FromBits(Kind kind, std::uint64_t bits) {
  return kind == Kind::kInt ? Value::Int(static_cast<std::int64_t>(bits)) : Value::Uint(bits);
}
bool IsWhole(const Value& value) { return value.is(Kind::kInt) || value.is(Kind::kUint); }

enum class BitOperation : std::uint8_t { kAnd, kOr, kXor };

template <BitOperation operation>
Value BitPair(CallContext& /*context*/, Arguments args) {
  if (!IsWhole(args[0]) || args[0].kind() != args[1].kind()) return NoOverload();
  const std::uint64_t a = Bits(args[0]);
  const std::uint64_t b = Bits(args[1]);
  if constexpr (operation == BitOperation::kAnd) return FromBits(args[0].kind(), a & b);
  if constexpr (operation == BitOperation::kOr) return FromBits(args[0].kind(), a | b);
  return FromBits(args[0].kind(), a ^ b);
}

Value BitNot(CallContext& /*context*/, Arguments args) {
  return IsWhole(args[0]) ? FromBits(args[0].kind(), ~Bits(args[0])) : NoOverload();
}

// Both shifts fill with zeros, of ints too; by 64 and more everything is shifted out.
template <bool left>
Value BitShift(CallContext& /*context*/, Arguments args) {
  if (!IsWhole(args[0]) || !args[1].is(Kind::kInt)) return NoOverload();
  const std::int64_t by = args[1].as_int();
  if (by < 0) return Value::Error(ErrorCode::kOutOfRange, "a shift by a negative number");
  if (by >= 64) return FromBits(args[0].kind(), 0);
  return FromBits(args[0].kind(), left ? Bits(args[0]) << by : Bits(args[0]) >> by);
}

}  // namespace

#define ANTIPHON_EXTREME_ROWS(name, function)                                                                                  \
  {name, false, "int", "int", function}, {name, false, "uint", "uint", function}, {name, false, "double", "double", function}, \
      {name, false, "list(int)", "int", function}, {name, false, "list(uint)", "uint", function},                              \
      {name, false, "list(double)", "double", function}, {name, false, "list(dyn)", "dyn", function},                          \
      {name, false, "int, int", "int", function}, {name, false, "uint, uint", "uint", function},                               \
      {name, false, "double, double", "double", function}, {name, false, "int, uint", "dyn", function},                        \
      {name, false, "int, double", "dyn", function}, {name, false, "uint, int", "dyn", function},                              \
      {name, false, "uint, double", "dyn", function}, {name, false, "double, int", "dyn", function}, {                         \
    name, false, "double, uint", "dyn", function                                                                               \
  }

std::span<const BuiltinRow> MathRows() {
  static constexpr BuiltinRow kRows[] = {
      ANTIPHON_EXTREME_ROWS("math.greatest", &Extreme<Comparison::kGreater>),
      ANTIPHON_EXTREME_ROWS("math.least", &Extreme<Comparison::kLess>),
      {"math.ceil", false, "double", "double", &OfDouble<&Ceil>},
      {"math.floor", false, "double", "double", &OfDouble<&Floor>},
      {"math.round", false, "double", "double", &OfDouble<&Round>},
      {"math.trunc", false, "double", "double", &OfDouble<&Trunc>},
      {"math.isNaN", false, "double", "bool", &Test<&IsNaN>},
      {"math.isInf", false, "double", "bool", &Test<&IsInf>},
      {"math.isFinite", false, "double", "bool", &Test<&IsFinite>},
      {"math.abs", false, "int", "int", &Abs},
      {"math.abs", false, "uint", "uint", &Abs},
      {"math.abs", false, "double", "double", &Abs},
      {"math.sign", false, "int", "int", &Sign},
      {"math.sign", false, "uint", "uint", &Sign},
      {"math.sign", false, "double", "double", &Sign},
      {"math.sqrt", false, "int", "double", &Sqrt},
      {"math.sqrt", false, "uint", "double", &Sqrt},
      {"math.sqrt", false, "double", "double", &Sqrt},
      {"math.bitAnd", false, "int, int", "int", &BitPair<BitOperation::kAnd>},
      {"math.bitAnd", false, "uint, uint", "uint", &BitPair<BitOperation::kAnd>},
      {"math.bitOr", false, "int, int", "int", &BitPair<BitOperation::kOr>},
      {"math.bitOr", false, "uint, uint", "uint", &BitPair<BitOperation::kOr>},
      {"math.bitXor", false, "int, int", "int", &BitPair<BitOperation::kXor>},
      {"math.bitXor", false, "uint, uint", "uint", &BitPair<BitOperation::kXor>},
      {"math.bitNot", false, "int", "int", &BitNot},
      {"math.bitNot", false, "uint", "uint", &BitNot},
      {"math.bitShiftLeft", false, "int, int", "int", &BitShift<true>},
      {"math.bitShiftLeft", false, "uint, int", "uint", &BitShift<true>},
      {"math.bitShiftRight", false, "int, int", "int", &BitShift<false>},
      {"math.bitShiftRight", false, "uint, int", "uint", &BitShift<false>},
  };
  return kRows;
}

#undef ANTIPHON_EXTREME_ROWS

}  // namespace antiphon::expression
