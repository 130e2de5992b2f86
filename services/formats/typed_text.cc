#include "services/formats/typed_text.h"

#include <algorithm>
#include <array>

#include "services/formats/decimal.h"

namespace antiphon::formats {
namespace {

using expression::Value;
using topology::EventField;
using topology::FieldType;

// The times that an expression can hold: the years 1 to 9999.
constexpr EngineTime kTimestampMin{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};
constexpr EngineTime kTimestampMax{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}};

}  // namespace

std::optional<EngineTime> ParseDate(std::string_view text) {
  if (text.size() != 10) return std::nullopt;
  constexpr std::string_view kMidnight = "T00:00:00Z";
  std::array<char, 20> whole{};
  std::ranges::copy(text, whole.begin());
  std::ranges::copy(kMidnight, whole.begin() + 10);
  return ParseTime({whole.data(), whole.size()});
}

ValueFault IntegerOf(std::string_view text, unsigned scale, Value& out) {
  const auto number = ReadDecimal(text, scale);
  if (!number) {
    return number.error() == NumberFault::kNotANumber ? WrongType("not a number") : OutOfRange("its type cannot hold the number exactly");
  }
  out = Value::Int(*number);
  return {};
}

ValueFault DoubleOf(std::string_view text, Value& out) {
  const auto number = ReadDouble(text);
  if (!number) {
    return number.error() == NumberFault::kNotANumber ? WrongType("not a number") : OutOfRange("no double is near the number");
  }
  out = Value::Double(*number);
  return {};
}

ValueFault TimestampOf(std::optional<EngineTime> time, const char* expected, Value& out) {
  if (!time) return WrongType(expected);
  if (*time < kTimestampMin || *time >= kTimestampMax) return OutOfRange("outside the years 1 to 9999");
  out = Value::TimestampMs(ToEpochMs(*time));
  return {};
}

ValueFault TypedText(const EventField& field, std::string_view text, Value& out) {
  switch (field.type) {
    case FieldType::kString:
      out = Value::String(text);
      return {};
    case FieldType::kBool:
      if (text != "true" && text != "false") return WrongType("not a bool");
      out = Value::Bool(text == "true");
      return {};
    case FieldType::kInt:
      return IntegerOf(text, 0, out);
    case FieldType::kDecimal:
      return IntegerOf(text, field.scale, out);
    case FieldType::kDouble:
      return DoubleOf(text, out);
    case FieldType::kDate:
      return TimestampOf(ParseDate(text), "not a date", out);
    case FieldType::kTimestamp:
      return TimestampOf(ParseTime(text), "not a time", out);
    case FieldType::kStringList:
    case FieldType::kMap:
      break;
  }
  return WrongType("a list or map has no word");
}

}  // namespace antiphon::formats
