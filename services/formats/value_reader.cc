#include "services/formats/value_reader.h"

#include <algorithm>
#include <array>
#include <span>

#include "services/formats/decimal.h"
#include "services/formats/json_event_decoder.h"

namespace antiphon::formats {
namespace {

using expression::Arena;
using expression::MapEntry;
using expression::Value;
using topology::EventField;
using topology::FieldType;

constexpr ValueFault kFine{};
constexpr ValueFault kBroken{.reason = DeadLetterReason::kNotJson, .what = "not JSON"};
constexpr ValueFault kNoRoom{.reason = DeadLetterReason::kTooLarge, .what = "does not fit into the memory of the batch"};

ValueFault WrongType(const char* expected) { return {.reason = DeadLetterReason::kBadField, .what = expected}; }
ValueFault OutOfRange(const char* what) { return {.reason = DeadLetterReason::kFieldOutOfRange, .what = what}; }

// The times that an expression can hold: the years 1 to 9999.
constexpr EngineTime kTimestampMin{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};
constexpr EngineTime kTimestampMax{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}};

// "2026-03-01"
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
  return kFine;
}

ValueFault DoubleOf(std::string_view text, Value& out) {
  const auto number = ReadDouble(text);
  if (!number) {
    return number.error() == NumberFault::kNotANumber ? WrongType("not a number") : OutOfRange("no double is near the number");
  }
  out = Value::Double(*number);
  return kFine;
}

ValueFault TimestampOf(std::optional<EngineTime> time, const char* expected, Value& out) {
  if (!time) return WrongType(expected);
  if (*time < kTimestampMin || *time >= kTimestampMax) return OutOfRange("outside the years 1 to 9999");
  out = Value::TimestampMs(ToEpochMs(*time));
  return kFine;
}

// A text that replaced the bank's word.
ValueFault TypedText(const EventField& field, std::string_view text, Value& out) {
  switch (field.type) {
    case FieldType::kString:
      out = Value::String(text);
      return kFine;
    case FieldType::kBool:
      if (text != "true" && text != "false") return WrongType("not a bool");
      out = Value::Bool(text == "true");
      return kFine;
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
  return TextOf(string, arena, out) ? kFine : kNoRoom;
}

ValueFault ValueReader::ReadId(Arena& arena, std::string_view& out) {
  const char c = cursor_.Peek();
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
  const auto ms = ReadDecimal(number, 0);
  if (!ms) return OutOfRange("not a whole number of milliseconds");
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
  if (!field.values.empty()) return ReadMapped(field, arena, out);
  return ReadTyped(field, arena, out);
}

ValueFault ValueReader::ReadTyped(const EventField& field, Arena& arena, Value& out) {
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
  return out.is_error() ? kNoRoom : kFine;
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
    if (!TextOf(key, arena, name)) return kNoRoom;
    MapEntry entry{.key = Value::String(name), .value = {}};
    const ValueFault fault = ReadAny(arena, depth, entry.value);
    if (fault.bad()) return fault;
    entries_.push_back(entry);
  }
  if (KeyTwice(from)) return {.reason = DeadLetterReason::kNotJson, .what = "a key twice in one object"};
  out = arena.CopyMap(std::span(entries_).subspan(from));
  entries_.resize(from);
  return out.is_error() ? kNoRoom : kFine;
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
  return out.is_error() ? kNoRoom : kFine;
}

bool ValueReader::KeyTwice(std::size_t from) {
  keys_.clear();
  for (std::size_t i = from; i < entries_.size(); ++i) keys_.push_back(entries_[i].key.as_text());
  std::ranges::sort(keys_);
  return std::ranges::adjacent_find(keys_) != keys_.end();
}

}  // namespace antiphon::formats
