#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace antiphon::expression {

struct MapEntry;

// What a Value is. kAbsent is not a CEL value: a Host answers it for a declared name that has no value now.
enum class Kind : std::uint8_t {
  kAbsent,
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,
  kMap,
  kType,
  kOptional,
  kError,
};

enum class ErrorCode : std::uint8_t {
  kNoValue,         // a declared name without a value was read
  kNoOverload,      // the operands have kinds that the operator or function does not take
  kOverflow,        // an integer, timestamp or duration left its range
  kDivisionByZero,  // also modulus
  kNoSuchKey,       // a map without the key, an optional without a value
  kOutOfRange,      // an index or an argument out of its range
  kBadArgument,     // a text that is not a number, time, zone, pattern, UTF-8 or format
  kDuplicateKey,    // {1: 'a', 1u: 'b'}
  kUndeclared,      // unchecked expressions only: a name or function that nobody declared
  kTooLarge,        // the arena's limit was met
  kTooManySteps,    // the step limit was met
  kHost,            // a host function failed
};

// Value: one CEL value, 16 bytes, passed in registers. It owns nothing: texts, lists and maps point into the arena, the program or the
// host that made them, and live as long as those. Trivially copyable; a default Value is absent.
class Value {
 public:
  constexpr Value() : int_(0) {}

  static constexpr Value Absent() { return {}; }
  static constexpr Value Null() { return Value(Kind::kNull, std::int64_t{0}); }
  static constexpr Value Bool(bool value) { return Value(Kind::kBool, std::int64_t{value ? 1 : 0}); }
  static constexpr Value Int(std::int64_t value) { return Value(Kind::kInt, value); }
  static constexpr Value Uint(std::uint64_t value) {
    Value result(Kind::kUint, std::int64_t{0});
    result.uint_ = value;
    return result;
  }
  static constexpr Value Double(double value) {
    Value result(Kind::kDouble, std::int64_t{0});
    result.double_ = value;
    return result;
  }
  // UTF-8, not checked here. REQUIRES: shorter than 4 GiB.
  static constexpr Value String(std::string_view text) { return Text(Kind::kString, text); }
  static constexpr Value Bytes(std::string_view bytes) { return Text(Kind::kBytes, bytes); }
  // The name of a type as `type(x)` gives it: "int", "google.protobuf.Timestamp". The text must be static or the program's.
  static constexpr Value TypeName(std::string_view name) { return Text(Kind::kType, name); }
  // Seconds since 1970-01-01T00:00:00Z, towards the past, and 0 <= nanos < 10^9 after them. REQUIRES: a year of 1 to 9999.
  static constexpr Value Timestamp(std::int64_t seconds, std::uint32_t nanos = 0) {
    Value result(Kind::kTimestamp, seconds);
    result.aux_ = nanos;
    return result;
  }
  // The same form: -1.5 s is seconds -2 and nanos 500,000,000.
  static constexpr Value Duration(std::int64_t seconds, std::uint32_t nanos = 0) {
    Value result(Kind::kDuration, seconds);
    result.aux_ = nanos;
    return result;
  }
  static Value TimestampMs(std::int64_t epoch_ms) { return FromMs(Kind::kTimestamp, epoch_ms); }
  static Value DurationMs(std::int64_t ms) { return FromMs(Kind::kDuration, ms); }
  static constexpr Value List(std::span<const Value> items) {
    Value result(Kind::kList, std::int64_t{0});
    result.items_ = items.data();
    result.aux_ = static_cast<std::uint32_t>(items.size());
    return result;
  }
  // Keys are bool, int, uint or string, no two of them equal; lookup is linear, in the given order.
  static Value Map(std::span<const MapEntry> entries);
  // An optional that holds *value, or the empty one for nullptr.
  static constexpr Value Optional(const Value* value) {
    Value result(Kind::kOptional, std::int64_t{0});
    result.items_ = value;
    return result;
  }
  // `message` must have static lifetime; it never holds data of a customer. The evaluator adds the place.
  static constexpr Value Error(ErrorCode code, const char* message) {
    Value result(Kind::kError, std::int64_t{0});
    result.chars_ = message;
    result.code_ = code;
    result.aux_ = kNoPlace;
    return result;
  }

  [[nodiscard]] constexpr Kind kind() const { return kind_; }
  [[nodiscard]] constexpr bool is(Kind kind) const { return kind_ == kind; }
  [[nodiscard]] constexpr bool is_error() const { return kind_ == Kind::kError; }
  [[nodiscard]] constexpr bool is_true() const { return kind_ == Kind::kBool && int_ != 0; }

  // Each REQUIRES that kind().
  [[nodiscard]] constexpr bool as_bool() const { return int_ != 0; }
  [[nodiscard]] constexpr std::int64_t as_int() const { return int_; }
  [[nodiscard]] constexpr std::uint64_t as_uint() const { return uint_; }
  [[nodiscard]] constexpr double as_double() const { return double_; }
  // kString, kBytes and kType.
  [[nodiscard]] constexpr std::string_view as_text() const { return {chars_, aux_}; }
  // kTimestamp and kDuration.
  [[nodiscard]] constexpr std::int64_t seconds() const { return int_; }
  [[nodiscard]] constexpr std::uint32_t nanos() const { return aux_; }
  // Cut off to the millisecond, towards the past.
  [[nodiscard]] constexpr std::int64_t as_ms() const { return int_ * 1000 + aux_ / 1'000'000; }
  [[nodiscard]] constexpr std::span<const Value> as_list() const { return {items_, aux_}; }
  [[nodiscard]] std::span<const MapEntry> as_map() const;
  // kOptional: what it holds, or nullptr.
  [[nodiscard]] constexpr const Value* as_optional() const { return items_; }
  [[nodiscard]] constexpr ErrorCode error_code() const { return code_; }
  [[nodiscard]] constexpr const char* error_message() const { return chars_; }
  // The byte offset in the expression's text where the error arose, or kNoPlace.
  [[nodiscard]] constexpr std::uint32_t error_place() const { return aux_; }
  constexpr void set_error_place(std::uint32_t offset) { aux_ = offset; }

  static constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

 private:
  constexpr Value(Kind kind, std::int64_t payload) : int_(payload), kind_(kind) {}
  static constexpr Value Text(Kind kind, std::string_view text) {
    Value result(kind, std::int64_t{0});
    result.chars_ = text.data();
    result.aux_ = static_cast<std::uint32_t>(text.size());
    return result;
  }
  static Value FromMs(Kind kind, std::int64_t ms);

  union {
    std::int64_t int_;  // also bool, seconds
    std::uint64_t uint_;
    double double_;
    const char* chars_;
    const Value* items_;
    const MapEntry* entries_;
  };
  std::uint32_t aux_ = 0;  // length, count, nanos or the place of an error
  Kind kind_ = Kind::kAbsent;
  ErrorCode code_ = ErrorCode::kNoValue;
};

struct MapEntry {
  Value key;
  Value value;
};

inline Value Value::Map(std::span<const MapEntry> entries) {
  Value result(Kind::kMap, std::int64_t{0});
  result.entries_ = entries.data();
  result.aux_ = static_cast<std::uint32_t>(entries.size());
  return result;
}
inline std::span<const MapEntry> Value::as_map() const { return {entries_, aux_}; }

inline Value Value::FromMs(Kind kind, std::int64_t ms) {
  std::int64_t seconds = ms / 1000;
  std::int64_t rest = ms % 1000;
  if (rest < 0) {
    rest += 1000;
    --seconds;
  }
  Value result(kind, seconds);
  result.aux_ = static_cast<std::uint32_t>(rest * 1'000'000);
  return result;
}

static_assert(sizeof(Value) == 16 && std::is_trivially_copyable_v<Value>);

// The word for a kind in messages: "int", "timestamp", "list".
[[nodiscard]] const char* KindName(Kind kind);

// CEL's ==: numbers by value across kinds (an int or uint beside a double counts as the nearest double), NaN unlike itself, lists by item,
// maps in any order, different kinds unequal. Never an error. Nested deeper than kValueNestingMax is unequal: no overflow of the stack.
inline constexpr int kValueNestingMax = 300;
[[nodiscard]] bool Equal(const Value& left, const Value& right);

// The same, taking one step for each pair of items, keys or 64 bytes that is compared; nothing once they are used up (steps is then 0).
[[nodiscard]] std::optional<bool> EqualWithin(const Value& left, const Value& right, std::uint64_t& steps);

// The value of an equal key of a kMap, or nullptr. O(entries).
[[nodiscard]] const Value* FindKey(const Value& map, const Value& key);

}  // namespace antiphon::expression
