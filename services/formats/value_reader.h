#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/arena.h"
#include "engine/expression/value.h"
#include "engine/topology/events.h"
#include "services/formats/dead_letter.h"
#include "services/formats/json_cursor.h"
#include "state/base/time.h"

namespace antiphon::formats {

// What is wrong with one value. `what` is static and says what was expected.
struct ValueFault {
  DeadLetterReason reason = DeadLetterReason::kNone;
  const char* what = "";
  [[nodiscard]] bool bad() const { return reason != DeadLetterReason::kNone; }
};

// ValueReader: reads one JSON value as what the topology declares it to be. After kNotJson the cursor is of no use; after any other
// fault it stands somewhere within the value. Not thread-safe; keeps its memory.
class ValueReader {
 public:
  explicit ValueReader(JsonCursor& cursor) : cursor_(cursor) {}

  // `out` stays as it is for null.
  [[nodiscard]] ValueFault ReadField(const topology::EventField& field, expression::Arena& arena, expression::Value& out);

  // A text, or the digits of a whole number; empty for null. At most kIdBytesMax bytes.
  [[nodiscard]] ValueFault ReadId(expression::Arena& arena, std::string_view& out);

  // RFC 3339 or milliseconds; nothing for null.
  [[nodiscard]] ValueFault ReadTime(std::optional<EngineTime>& out);

  [[nodiscard]] ValueFault ReadBool(bool& out);  // null: false

  // A text; empty for null.
  [[nodiscard]] ValueFault ReadText(expression::Arena& arena, std::string_view& out);

 private:
  [[nodiscard]] ValueFault ReadTyped(const topology::EventField& field, expression::Arena& arena, expression::Value& out);
  [[nodiscard]] ValueFault ReadMapped(const topology::EventField& field, expression::Arena& arena, expression::Value& out);
  [[nodiscard]] ValueFault ReadInteger(unsigned scale, expression::Value& out);
  [[nodiscard]] ValueFault ReadList(expression::Arena& arena, expression::Value& out);
  [[nodiscard]] ValueFault ReadAny(expression::Arena& arena, int depth, expression::Value& out);
  [[nodiscard]] ValueFault ReadAnyMap(expression::Arena& arena, int depth, expression::Value& out);
  [[nodiscard]] ValueFault ReadAnyList(expression::Arena& arena, int depth, expression::Value& out);
  [[nodiscard]] bool KeyTwice(std::size_t from);

  JsonCursor& cursor_;
  std::vector<expression::Value> items_;       // of the lists being read, a stack
  std::vector<expression::MapEntry> entries_;  // of the maps being read, a stack
  std::vector<std::string_view> keys_;
};

}  // namespace antiphon::formats
