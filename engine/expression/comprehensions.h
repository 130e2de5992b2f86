#pragma once

#include <cstddef>

#include "engine/expression/builtins.h"

namespace antiphon::expression {

// MapBuilder: a map in the arena, whose keys are checked: bool, int, uint or string, each once (1 and 1u are one key).
class MapBuilder {
 public:
  explicit MapBuilder(CallContext& context) : context_(context) {}

  // False where the arena's limit is met. REQUIRED before Add: room for all entries.
  [[nodiscard]] bool Reserve(std::size_t entries);
  // Absent, or an error.
  [[nodiscard]] Value Add(const Value& key, const Value& value);
  [[nodiscard]] Value Finish() const { return Value::Map({entries_, size_}); }

 private:
  CallContext& context_;
  MapEntry* entries_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace antiphon::expression
