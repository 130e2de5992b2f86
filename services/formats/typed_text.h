#pragma once

#include <optional>
#include <string_view>

#include "engine/expression/value.h"
#include "engine/topology/events.h"
#include "services/formats/dead_letter.h"
#include "state/base/time.h"

namespace antiphon::formats {

// What is wrong with one value. `what` is static and says what was expected.
struct ValueFault {
  DeadLetterReason reason = DeadLetterReason::kNone;
  const char* what = "";
  [[nodiscard]] bool bad() const { return reason != DeadLetterReason::kNone; }
};
[[nodiscard]] constexpr ValueFault WrongType(const char* expected) { return {.reason = DeadLetterReason::kBadField, .what = expected}; }
[[nodiscard]] constexpr ValueFault OutOfRange(const char* what) { return {.reason = DeadLetterReason::kFieldOutOfRange, .what = what}; }
[[nodiscard]] constexpr ValueFault NoRoom() {
  return {.reason = DeadLetterReason::kTooLarge, .what = "does not fit into the memory of the batch"};
}

// Texts as values of a declared type. `out` is set unless the result is bad. What does not fit exactly is out of range, never rounded.
[[nodiscard]] ValueFault IntegerOf(std::string_view text, unsigned scale, expression::Value& out);  // times 10^scale
[[nodiscard]] ValueFault DoubleOf(std::string_view text, expression::Value& out);
// Nothing: `expected` says what it is not.
[[nodiscard]] ValueFault TimestampOf(std::optional<EngineTime> time, const char* expected, expression::Value& out);
[[nodiscard]] std::optional<EngineTime> ParseDate(std::string_view text);  // "2026-03-01"
// Of the field's type, whatever it is; a list or map has no text. A text of type string is borrowed.
[[nodiscard]] ValueFault TypedText(const topology::EventField& field, std::string_view text, expression::Value& out);

}  // namespace antiphon::formats
