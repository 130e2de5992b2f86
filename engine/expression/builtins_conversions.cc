// Conversions between kinds: int, uint, double, bool, string, bytes, timestamp, duration, type, dyn.
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "engine/expression/builtins.h"
#include "engine/expression/text.h"
#include "engine/expression/time_text.h"

namespace antiphon::expression {
namespace {

constexpr Value Range() { return Value::Error(ErrorCode::kOverflow, "range error: the value does not fit the type"); }

template <typename Number>
bool ParseNumber(std::string_view text, Number& number) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && text.find('(') == std::string_view::npos;
}

Value ToInt(CallContext& /*context*/, Arguments args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::kInt:
      return value;
    case Kind::kUint:
      return value.as_uint() > std::uint64_t{INT64_MAX} ? Range() : Value::Int(static_cast<std::int64_t>(value.as_uint()));
    case Kind::kDouble:  // CEL leaves out both ends: no double near them is exact
      if (!(value.as_double() > -9223372036854775808.0 && value.as_double() < 9223372036854775808.0)) return Range();
      return Value::Int(static_cast<std::int64_t>(value.as_double()));
    case Kind::kString: {
      std::int64_t number = 0;
      return ParseNumber(value.as_text(), number) ? Value::Int(number) : BadArgument("the text is not an int");
    }
    case Kind::kTimestamp:
      return Value::Int(value.seconds());
    default:
      return NoOverload();
  }
}

Value ToUint(CallContext& /*context*/, Arguments args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::kUint:
      return value;
    case Kind::kInt:
      return value.as_int() < 0 ? Range() : Value::Uint(static_cast<std::uint64_t>(value.as_int()));
    case Kind::kDouble:
      if (!(value.as_double() > -1.0 && value.as_double() < 18446744073709551616.0) || std::signbit(std::trunc(value.as_double())))
        return value.as_double() == 0 ? Value::Uint(0) : Range();
      return Value::Uint(static_cast<std::uint64_t>(value.as_double()));
    case Kind::kString: {
      std::uint64_t number = 0;
      return ParseNumber(value.as_text(), number) ? Value::Uint(number) : BadArgument("the text is not a uint");
    }
    default:
      return NoOverload();
  }
}

Value ToDouble(CallContext& /*context*/, Arguments args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::kDouble:
      return value;
    case Kind::kInt:
      return Value::Double(static_cast<double>(value.as_int()));
    case Kind::kUint:
      return Value::Double(static_cast<double>(value.as_uint()));
    case Kind::kString: {
      double number = 0;
      return ParseNumber(value.as_text(), number) ? Value::Double(number) : BadArgument("the text is not a number");
    }
    default:
      return NoOverload();
  }
}

Value ToBool(CallContext& /*context*/, Arguments args) {
  const Value& value = args[0];
  if (value.is(Kind::kBool)) return value;
  if (!value.is(Kind::kString)) return NoOverload();
  for (const std::string_view yes : {"true", "True", "TRUE", "t", "1"})
    if (value.as_text() == yes) return Value::Bool(true);
  for (const std::string_view no : {"false", "False", "FALSE", "f", "0"})
    if (value.as_text() == no) return Value::Bool(false);
  return BadArgument("the text is neither true nor false");
}

Value ToString(CallContext& context, Arguments args) {
  const Value& value = args[0];
  if (value.is(Kind::kString)) return value;
  if (value.is(Kind::kBytes)) return IsUtf8(value.as_text()) ? Value::String(value.as_text()) : BadArgument("the bytes are not UTF-8");
  return FormatScalar(context, value);
}

Value ToBytes(CallContext& /*context*/, Arguments args) {
  const Value& value = args[0];
  if (value.is(Kind::kBytes)) return value;
  return value.is(Kind::kString) ? Value::Bytes(value.as_text()) : NoOverload();
}

Value ToTimestamp(CallContext& /*context*/, Arguments args) {
  const Value& value = args[0];
  if (value.is(Kind::kTimestamp)) return value;
  if (value.is(Kind::kInt)) return MakeTimestamp(value.as_int(), 0);
  return value.is(Kind::kString) ? ParseTimestampText(value.as_text()) : NoOverload();
}

Value ToDuration(CallContext& /*context*/, Arguments args) {
  const Value& value = args[0];
  if (value.is(Kind::kDuration)) return value;
  return value.is(Kind::kString) ? ParseDurationText(value.as_text()) : NoOverload();
}

Value ToDyn(CallContext& /*context*/, Arguments args) { return args[0]; }

Value TypeOfValue(CallContext& /*context*/, Arguments args) {
  switch (args[0].kind()) {
    case Kind::kNull:
      return Value::TypeName("null_type");
    case Kind::kTimestamp:
      return Value::TypeName("google.protobuf.Timestamp");
    case Kind::kDuration:
      return Value::TypeName("google.protobuf.Duration");
    case Kind::kOptional:
      return Value::TypeName("optional_type");
    default:
      return Value::TypeName(KindName(args[0].kind()));
  }
}

}  // namespace

// Doubles in the fewest digits that read back exactly, without an exponent between 1e-4 and 1e21.
Value FormatScalar(CallContext& context, const Value& value) {
  std::array<char, 64> buffer;
  char* const first = buffer.data();
  char* const last = first + buffer.size();
  const auto copied = [&context, first](const char* end) {
    return context.arena.CopyString({first, static_cast<std::size_t>(end - first)});
  };
  switch (value.kind()) {
    case Kind::kInt:
      return copied(std::to_chars(first, last, value.as_int()).ptr);
    case Kind::kUint:
      return copied(std::to_chars(first, last, value.as_uint()).ptr);
    case Kind::kDouble: {
      const double number = value.as_double();
      if (std::isnan(number)) return Value::String("NaN");
      if (std::isinf(number)) return Value::String(number > 0 ? "Infinity" : "-Infinity");
      const double size = std::abs(number);
      const bool plain = size == 0 || (size >= 1e-4 && size < 1e21);
      return copied(std::to_chars(first, last, number, plain ? std::chars_format::fixed : std::chars_format::scientific).ptr);
    }
    case Kind::kBool:
      return Value::String(value.as_bool() ? "true" : "false");
    case Kind::kTimestamp:
      return copied(FormatTimestampText(value, first));
    case Kind::kDuration:
      return copied(FormatDurationText(value, first));
    default:
      return NoOverload();
  }
}

std::span<const BuiltinRow> ConversionRows() {
  static constexpr BuiltinRow kRows[] = {
      {"int", false, "int", "int", &ToInt},
      {"int", false, "uint", "int", &ToInt},
      {"int", false, "double", "int", &ToInt},
      {"int", false, "string", "int", &ToInt},
      {"int", false, "timestamp", "int", &ToInt},
      {"uint", false, "uint", "uint", &ToUint},
      {"uint", false, "int", "uint", &ToUint},
      {"uint", false, "double", "uint", &ToUint},
      {"uint", false, "string", "uint", &ToUint},
      {"double", false, "double", "double", &ToDouble},
      {"double", false, "int", "double", &ToDouble},
      {"double", false, "uint", "double", &ToDouble},
      {"double", false, "string", "double", &ToDouble},
      {"bool", false, "bool", "bool", &ToBool},
      {"bool", false, "string", "bool", &ToBool},
      {"string", false, "string", "string", &ToString},
      {"string", false, "bool", "string", &ToString},
      {"string", false, "int", "string", &ToString},
      {"string", false, "uint", "string", &ToString},
      {"string", false, "double", "string", &ToString},
      {"string", false, "bytes", "string", &ToString},
      {"string", false, "timestamp", "string", &ToString},
      {"string", false, "duration", "string", &ToString},
      {"bytes", false, "bytes", "bytes", &ToBytes},
      {"bytes", false, "string", "bytes", &ToBytes},
      {"timestamp", false, "timestamp", "timestamp", &ToTimestamp},
      {"timestamp", false, "string", "timestamp", &ToTimestamp},
      {"timestamp", false, "int", "timestamp", &ToTimestamp},
      {"duration", false, "duration", "duration", &ToDuration},
      {"duration", false, "string", "duration", &ToDuration},
      {"dyn", false, "A", "dyn", &ToDyn},
      {"type", false, "A", "type(A)", &TypeOfValue},
  };
  return kRows;
}

}  // namespace antiphon::expression
