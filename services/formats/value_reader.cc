#include "services/formats/value_reader.h"

#include <algorithm>
#include <array>
#include <span>

#include "services/formats/base64.h"
#include "services/formats/decimal.h"
#include "services/formats/decoded.h"

namespace antiphon::formats {
namespace {

using expression::Arena;
using expression::MapEntry;
using expression::Value;
using topology::EventField;
using topology::FieldType;

constexpr ValueFault kFine{};
constexpr ValueFault kBroken{.reason = DeadLetterReason::kNotJson, .what = "not JSON"};

// The unescaped text: in the record itself if it has no escapes, else in the arena. False: no room.
bool TextOf(const JsonString& string, Arena& arena, std::string_view& out) {
  if (!string.escaped) {
    out = string.raw;
    return true;
  }
  char* const copy = arena.AllocateArray<char>(string.raw.size());
  if (copy == nullptr) return false;
  out = {copy, Unescape(string.raw, copy)};
  return true;
}

// A short text for reading only: escapes are resolved into `buffer`. Nothing if it is longer than what any number, date or time needs.
std::optional<std::string_view> ShortText(const JsonString& string, std::span<char> buffer) {
  if (!string.escaped) return string.raw;
  if (string.raw.size() > buffer.size()) return std::nullopt;
  return std::string_view(buffer.data(), Unescape(string.raw, buffer.data()));
}

bool IsWhole(std::string_view number) { return number.find_first_of(".eE") == std::string_view::npos; }

}  // namespace

ValueFault ValueReader::ReadText(Arena& arena, std::string_view& out) {
  const char c = cursor_.Peek();
  if (c == 'n') return cursor_.ReadWord("null") ? kFine : kBroken;
  if (c != '"') return WrongType("not a text");
  JsonString string;
  if (!cursor_.ReadString(string)) return kBroken;
  return TextOf(string, arena, out) ? kFine : NoRoom();
}

ValueFault ValueReader::ReadId(Arena& arena, std::string_view& out) {
  const char c = cursor_.Peek();
  if (form_ != nullptr && form_->number == ColumnForm::Number::kDecimal && (c == '"' || c == '{')) {
    ColumnDigits digits{};
    std::string_view text;
    const ValueFault fault = ReadColumnDigits(0, digits, text);
    if (fault.bad()) return fault;
    const Value copy = arena.CopyString(text);
    if (copy.is_error()) return NoRoom();
    out = copy.as_text();
    return kFine;
  }
  if (c == '-' || (c >= '0' && c <= '9')) {
    std::string_view number;
    if (!cursor_.ReadNumber(number)) return kBroken;
    if (!IsWhole(number)) return WrongType("neither a text nor a whole number");
    out = number;
  } else {
    const ValueFault fault = ReadText(arena, out);
    if (fault.bad()) return fault;
  }
  return out.size() <= kIdBytesMax ? kFine : OutOfRange("longer than 256 bytes");
}

ValueFault ValueReader::ReadTime(std::optional<EngineTime>& out) {
  const char c = cursor_.Peek();
  if (c == 'n') return cursor_.ReadWord("null") ? kFine : kBroken;
  if (c == '"') {
    JsonString string;
    if (!cursor_.ReadString(string)) return kBroken;
    std::array<char, 64> buffer{};
    const auto text = ShortText(string, buffer);
    if (text) out = ParseTime(*text);
    return out ? kFine : WrongType("not a time");
  }
  if (c != '-' && (c < '0' || c > '9')) return WrongType("not a time");
  std::string_view number;
  if (!cursor_.ReadNumber(number)) return kBroken;
  const auto count = ReadDecimal(number, 0);
  if (!count) return OutOfRange("not a whole number of milliseconds");
  const auto ms = form_ == nullptr ? std::optional(*count) : MillisecondsOf(*count, form_->time);
  if (!ms) return OutOfRange("a count of days that is no time");
  out = FromEpochMs(*ms);
  return kFine;
}

ValueFault ValueReader::ReadBool(bool& out) {
  switch (cursor_.Peek()) {
    case 't':
      out = true;
      return cursor_.ReadWord("true") ? kFine : kBroken;
    case 'f':
      out = false;
      return cursor_.ReadWord("false") ? kFine : kBroken;
    case 'n':
      return cursor_.ReadWord("null") ? kFine : kBroken;
    default:
      return WrongType("not a bool");
  }
}

ValueFault ValueReader::ReadField(const EventField& field, Arena& arena, Value& out) {
  if (cursor_.Peek() == 'n') return cursor_.ReadWord("null") ? kFine : kBroken;
  if (form_ != nullptr && ColumnIsUnavailable()) return cursor_.SkipValue() ? kFine : kBroken;
  if (!field.values.empty()) return ReadMapped(field, arena, out);
  return ReadTyped(field, arena, out);
}

ValueFault ValueReader::ReadTyped(const EventField& field, Arena& arena, Value& out) {
  if (form_ != nullptr && IsColumnForm(field)) return ReadColumn(field, arena, out);
  switch (field.type) {
    case FieldType::kString: {
      std::string_view text;
      const ValueFault fault = ReadText(arena, text);
      if (!fault.bad()) out = Value::String(text);
      return fault;
    }
    case FieldType::kBool: {
      bool value = false;
      const ValueFault fault = ReadBool(value);
      if (!fault.bad()) out = Value::Bool(value);
      return fault;
    }
    case FieldType::kInt:
      return ReadInteger(0, out);
    case FieldType::kDecimal:
      return ReadInteger(field.scale, out);
    case FieldType::kDouble: {
      const char c = cursor_.Peek();
      if (c != '-' && (c < '0' || c > '9')) return WrongType("not a number");
      std::string_view number;
      return cursor_.ReadNumber(number) ? DoubleOf(number, out) : kBroken;
    }
    case FieldType::kDate: {
      if (cursor_.Peek() != '"') return WrongType("not a date");
      JsonString string;
      if (!cursor_.ReadString(string)) return kBroken;
      std::array<char, 64> buffer{};
      const auto text = ShortText(string, buffer);
      return TimestampOf(text ? ParseDate(*text) : std::nullopt, "not a date", out);
    }
    case FieldType::kTimestamp: {
      std::optional<EngineTime> time;
      const ValueFault fault = ReadTime(time);
      return fault.bad() ? fault : TimestampOf(time, "not a time", out);
    }
    case FieldType::kStringList:
      return ReadList(arena, out);
    case FieldType::kMap:
      return cursor_.Peek() == '{' ? ReadAnyMap(arena, 1, out) : WrongType("not an object");
  }
  return WrongType("of no type");
}

bool ValueReader::ColumnIsUnavailable() {
  if (cursor_.Peek() != '"') return false;
  const std::string_view text(cursor_.place() + 1, kUnavailableColumn.size() + 1);  // may pass the end by less than the padding
  return text.starts_with(kUnavailableColumn) && text.back() == '"';
}

// Whether the value that comes is written in a column's own way.
bool ValueReader::IsColumnForm(const EventField& field) {
  const char c = cursor_.Peek();
  const bool digit = c == '-' || (c >= '0' && c <= '9');
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kDecimal:
    case FieldType::kDouble:
      return form_->number != ColumnForm::Number::kDigits && (c == '"' || c == '{');
    case FieldType::kString:
      return form_->number == ColumnForm::Number::kDecimal && (c == '"' || c == '{');
    case FieldType::kDate:
      return digit;
    default:  // a timestamp that is a number is ReadTime's
      return false;
  }
}

ValueFault ValueReader::ReadColumn(const EventField& field, Arena& arena, Value& out) {
  if (field.type == FieldType::kDate) {
    std::string_view number;
    if (!cursor_.ReadNumber(number)) return kBroken;
    const auto count = ReadDecimal(number, 0);
    const auto ms = count ? MillisecondsOf(*count, form_->time_known ? form_->time : ColumnForm::Time::kDays) : std::nullopt;
    if (!ms || *ms % 86'400'000 != 0) return OutOfRange("not a whole number of days");
    return TimestampOf(FromEpochMs(*ms), "not a date", out);
  }
  ColumnDigits digits{};
  std::string_view text;
  const ValueFault fault = ReadColumnDigits(field.type == FieldType::kDecimal ? field.scale : 0, digits, text);
  if (fault.bad() || field.type != FieldType::kString) return fault.bad() ? fault : TypedText(field, text, out);
  out = arena.CopyString(text);
  return out.is_error() ? NoRoom() : kFine;
}

// base64, or an object of its own scale (io.debezium.data.VariableScaleDecimal).
ValueFault ValueReader::ReadColumnDigits(int field_scale, ColumnDigits& buffer, std::string_view& out) {
  int scale = form_->scale == ColumnForm::kFieldScale ? field_scale : form_->scale;
  JsonString encoded;
  if (cursor_.Peek() == '"') {
    if (!cursor_.ReadString(encoded)) return kBroken;
  } else {
    Value number;
    (void)cursor_.Enter('{');
    while (true) {
      JsonString key;
      const JsonCursor::Next next = cursor_.NextMember(key);
      if (next == JsonCursor::Next::kFault) return kBroken;
      if (next == JsonCursor::Next::kEnd) break;
      if (key.raw == "scale" && number.is(expression::Kind::kAbsent)) {
        const ValueFault fault = ReadInteger(0, number);
        if (fault.bad()) return fault;
      } else if (key.raw == "value" && encoded.raw.data() == nullptr && cursor_.Peek() == '"') {
        if (!cursor_.ReadString(encoded)) return kBroken;
      } else if (!cursor_.SkipValue()) {
        return kBroken;
      }
    }
    if (number.is(expression::Kind::kAbsent) || encoded.raw.data() == nullptr) return WrongType("not a decimal of variable scale");
    scale = static_cast<int>(std::clamp<std::int64_t>(number.as_int(), -1, kColumnScaleMax + 1));
  }
  std::array<char, 64> unescaped{};
  std::array<char, 64> bytes{};
  const auto text = ShortText(encoded, unescaped);
  if (!text || text->size() > bytes.size()) return OutOfRange("an unscaled number of more than 16 bytes");
  const auto size = DecodeBase64(*text, bytes.data());
  if (!size || *size == 0) return WrongType("not base64 of an unscaled number");
  const auto digits = DigitsOf({bytes.data(), *size}, scale, buffer);
  if (!digits) return OutOfRange("an unscaled number of more than 16 bytes, or of a scale that is not in 0 to 64");
  out = *digits;
  return kFine;
}

ValueFault ValueReader::ReadMapped(const EventField& field, Arena& arena, Value& out) {
  const JsonCursor::Place begin = cursor_.place();
  const char c = cursor_.Peek();
  std::string_view word;
  if (c == '"') {
    const ValueFault fault = ReadText(arena, word);
    if (fault.bad()) return fault;
  } else if (c != '{' && c != '[') {  // a code that is a number or a bool is told by its text
    const JsonCursor::Place value = cursor_.place();
    if (!cursor_.SkipValue()) return kBroken;
    word = {value, static_cast<std::size_t>(cursor_.place() - value)};
  }
  const auto same = [word](const auto& pair) { return pair.first == word; };
  const auto found = std::ranges::find_if(field.values, same);
  if (found != field.values.end()) return TypedText(field, found->second, out);
  cursor_.GoBack(begin);
  return ReadTyped(field, arena, out);
}

ValueFault ValueReader::ReadInteger(unsigned scale, Value& out) {
  const char c = cursor_.Peek();
  if (c == '"') {
    JsonString string;
    if (!cursor_.ReadString(string)) return kBroken;
    if (string.escaped) return WrongType("not a number");
    return IntegerOf(string.raw, scale, out);
  }
  if (c != '-' && (c < '0' || c > '9')) return WrongType("not a number");
  std::string_view number;
  return cursor_.ReadNumber(number) ? IntegerOf(number, scale, out) : kBroken;
}

ValueFault ValueReader::ReadList(Arena& arena, Value& out) {
  if (!cursor_.Enter('[')) return WrongType("not a list of texts");
  items_.clear();
  while (true) {
    const JsonCursor::Next next = cursor_.NextItem(']');
    if (next == JsonCursor::Next::kFault) return kBroken;
    if (next == JsonCursor::Next::kEnd) break;
    if (cursor_.Peek() != '"') return WrongType("not a list of texts");
    std::string_view text;
    const ValueFault fault = ReadText(arena, text);
    if (fault.bad()) return fault;
    items_.push_back(Value::String(text));
  }
  out = arena.CopyList(items_);
  return out.is_error() ? NoRoom() : kFine;
}

ValueFault ValueReader::ReadAny(Arena& arena, int depth, Value& out) {
  const char c = cursor_.Peek();
  if (c == '{' || c == '[') {
    if (depth >= kJsonDepthMax) return OutOfRange("nested deeper than 64");
    return c == '{' ? ReadAnyMap(arena, depth + 1, out) : ReadAnyList(arena, depth + 1, out);
  }
  if (c == '"') {
    std::string_view text;
    const ValueFault fault = ReadText(arena, text);
    out = Value::String(text);
    return fault;
  }
  if (c == 't' || c == 'f') {
    bool value = false;
    const ValueFault fault = ReadBool(value);
    out = Value::Bool(value);
    return fault;
  }
  if (c == 'n') {
    out = Value::Null();
    return cursor_.ReadWord("null") ? kFine : kBroken;
  }
  std::string_view number;
  if (!cursor_.ReadNumber(number)) return kBroken;
  if (IsWhole(number) && !IntegerOf(number, 0, out).bad()) return kFine;
  return DoubleOf(number, out);
}

ValueFault ValueReader::ReadAnyMap(Arena& arena, int depth, Value& out) {
  if (depth == 1) {
    entries_.clear();
    items_.clear();
  }
  const std::size_t from = entries_.size();
  if (!cursor_.Enter('{')) return kBroken;
  while (true) {
    JsonString key;
    const JsonCursor::Next next = cursor_.NextMember(key);
    if (next == JsonCursor::Next::kFault) return kBroken;
    if (next == JsonCursor::Next::kEnd) break;
    std::string_view name;
    if (!TextOf(key, arena, name)) return NoRoom();
    MapEntry entry{.key = Value::String(name), .value = {}};
    const ValueFault fault = ReadAny(arena, depth, entry.value);
    if (fault.bad()) return fault;
    entries_.push_back(entry);
  }
  if (KeyTwice(from)) return {.reason = DeadLetterReason::kNotJson, .what = "a key twice in one object"};
  out = arena.CopyMap(std::span(entries_).subspan(from));
  entries_.resize(from);
  return out.is_error() ? NoRoom() : kFine;
}

ValueFault ValueReader::ReadAnyList(Arena& arena, int depth, Value& out) {
  const std::size_t from = items_.size();
  if (!cursor_.Enter('[')) return kBroken;
  while (true) {
    const JsonCursor::Next next = cursor_.NextItem(']');
    if (next == JsonCursor::Next::kFault) return kBroken;
    if (next == JsonCursor::Next::kEnd) break;
    Value item;
    const ValueFault fault = ReadAny(arena, depth, item);
    if (fault.bad()) return fault;
    items_.push_back(item);
  }
  out = arena.CopyList(std::span(items_).subspan(from));
  items_.resize(from);
  return out.is_error() ? NoRoom() : kFine;
}

bool ValueReader::KeyTwice(std::size_t from) {
  keys_.clear();
  for (std::size_t i = from; i < entries_.size(); ++i) keys_.push_back(entries_[i].key.as_text());
  std::ranges::sort(keys_);
  return std::ranges::adjacent_find(keys_) != keys_.end();
}

}  // namespace antiphon::formats
