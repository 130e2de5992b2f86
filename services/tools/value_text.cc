#include "services/tools/value_text.h"

#include <array>
#include <charconv>

#include "engine/decision/scalars.h"
#include "state/base/time.h"

namespace antiphon::tools {
namespace {

using expression::Kind;
using expression::Value;

constexpr int kNestingMax = 16;

std::string DoubleText(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  std::string text(digits.data(), end.ptr);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";  // so that it is told apart from an int
  return text;
}

std::string DurationText(const Value& value) {
  const std::int64_t ms = value.as_ms();
  return ms < 0 ? "-" + FormatDuration(Milliseconds{-ms}) : FormatDuration(Milliseconds{ms});
}

std::string IntText(std::int64_t value, std::string_view unit) {
  const std::size_t colon = unit.find(':');
  if (colon == std::string_view::npos) return unit.empty() ? std::to_string(value) : std::to_string(value).append(" ").append(unit);
  unsigned scale = 0;
  std::from_chars(unit.data() + colon + 1, unit.data() + unit.size(), scale);
  std::string text = MoneyText(value, scale);
  if (colon > 0) text.append(" ").append(unit.substr(0, colon));
  return text;
}

std::string TextOf(const Value& value, std::string_view unit, int depth);

std::string ListText(const Value& value, std::string_view unit, int depth) {
  std::string text = "[";
  for (const Value& item : value.as_list()) text.append(text.size() > 1 ? ", " : "").append(TextOf(item, unit, depth + 1));
  return text += ']';
}

std::string MapText(const Value& value, std::string_view unit, int depth) {
  std::string text = "{";
  for (const expression::MapEntry& entry : value.as_map()) {
    text.append(text.size() > 1 ? ", " : "").append(TextOf(entry.key, {}, depth + 1));
    text.append(": ").append(TextOf(entry.value, unit, depth + 1));
  }
  return text += '}';
}

std::string TextOf(const Value& value, std::string_view unit, int depth) {
  if (depth > kNestingMax) return "..";
  switch (value.kind()) {
    case Kind::kAbsent:
      return "absent";
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Kind::kInt:
      return IntText(value.as_int(), unit);
    case Kind::kUint:
      return std::to_string(value.as_uint()) + "u";
    case Kind::kDouble:
      return DoubleText(value.as_double());
    case Kind::kString:
    case Kind::kBytes:
      return QuotedJson(value.as_text());
    case Kind::kType:
      return std::string(value.as_text());
    case Kind::kTimestamp:
      return FormatTime(FromEpochMs(value.as_ms()));
    case Kind::kDuration:
      return DurationText(value);
    case Kind::kList:
      return ListText(value, unit, depth);
    case Kind::kMap:
      return MapText(value, unit, depth);
    case Kind::kOptional:
      return value.as_optional() == nullptr ? "none" : TextOf(*value.as_optional(), unit, depth + 1);
    case Kind::kError:
      return std::string("error: ") + value.error_message();
  }
  return {};
}

void Write(JsonOut& json, const Value& value, int depth) {
  if (depth > kNestingMax) return json.Raw("null");
  switch (value.kind()) {
    case Kind::kBool:
      return json.Bool(value.as_bool());
    case Kind::kInt:
      return json.Int(value.as_int());
    case Kind::kUint:
      return json.Raw(std::to_string(value.as_uint()));
    case Kind::kDouble:
      return json.Double(value.as_double());
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kType:
      return json.String(value.as_text());
    case Kind::kTimestamp:
    case Kind::kDuration:
      return json.String(TextOf(value, {}, depth));
    case Kind::kList:
      json.BeginArray();
      for (const Value& item : value.as_list()) Write(json, item, depth + 1);
      return json.EndArray();
    case Kind::kMap:
      json.BeginObject();
      for (const expression::MapEntry& entry : value.as_map()) {
        json.Key(entry.key.is(Kind::kString) ? std::string(entry.key.as_text()) : TextOf(entry.key, {}, depth));
        Write(json, entry.value, depth + 1);
      }
      return json.EndObject();
    case Kind::kOptional:
      return value.as_optional() == nullptr ? json.Raw("null") : Write(json, *value.as_optional(), depth + 1);
    case Kind::kAbsent:
    case Kind::kNull:
    case Kind::kError:
      return json.Raw("null");
  }
}

}  // namespace

std::string MoneyText(std::int64_t minor, unsigned scale) {
  std::string digits = std::to_string(minor < 0 ? 0 - static_cast<std::uint64_t>(minor) : static_cast<std::uint64_t>(minor));
  if (digits.size() <= scale) digits.insert(0, scale + 1U - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, ".");
  return minor < 0 ? "-" + digits : digits;
}

std::string ValueText(const Value& value, std::string_view unit) { return TextOf(value, unit, 0); }
std::string ScalarText(const state::Scalar& value, std::string_view unit) { return TextOf(decision::ToValue(value), unit, 0); }
void WriteValue(JsonOut& json, const Value& value) { Write(json, value, 0); }

}  // namespace antiphon::tools
