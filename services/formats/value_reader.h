#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/arena.h"
#include "engine/expression/value.h"
#include "engine/topology/events.h"
#include "services/formats/column_value.h"
#include "services/formats/json_cursor.h"
#include "services/formats/typed_text.h"
#include "state/base/time.h"

namespace antiphon::formats {

// ValueReader: reads one JSON value as what the topology declares it to be. After kNotJson the cursor is of no use; after any other
// fault it stands somewhere within the value. Not thread-safe; keeps its memory.
class ValueReader {
 public:
  explicit ValueReader(JsonCursor& cursor) : cursor_(cursor) {}

  // How the values to come are written; nullptr: as JSON has them. `form` must live as long as it is in force.
  void set_form(const ColumnForm* form) { form_ = form; }

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
  [[nodiscard]] bool ColumnIsUnavailable();
  [[nodiscard]] bool IsColumnForm(const topology::EventField& field);
  [[nodiscard]] ValueFault ReadColumn(const topology::EventField& field, expression::Arena& arena, expression::Value& out);
  [[nodiscard]] ValueFault ReadColumnDigits(int field_scale, ColumnDigits& buffer, std::string_view& out);
  [[nodiscard]] ValueFault ReadInteger(unsigned scale, expression::Value& out);
  [[nodiscard]] ValueFault ReadList(expression::Arena& arena, expression::Value& out);
  [[nodiscard]] ValueFault ReadAny(expression::Arena& arena, int depth, expression::Value& out);
  [[nodiscard]] ValueFault ReadAnyMap(expression::Arena& arena, int depth, expression::Value& out);
  [[nodiscard]] ValueFault ReadAnyList(expression::Arena& arena, int depth, expression::Value& out);
  [[nodiscard]] bool KeyTwice(std::size_t from);

  JsonCursor& cursor_;
  const ColumnForm* form_ = nullptr;
  std::vector<expression::Value> items_;       // of the lists being read, a stack
  std::vector<expression::MapEntry> entries_;  // of the maps being read, a stack
  std::vector<std::string_view> keys_;
};

}  // namespace antiphon::formats
