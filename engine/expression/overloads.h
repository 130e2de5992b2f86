#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/builtins.h"
#include "engine/expression/type.h"

namespace antiphon::expression {

// The overloads of one builtin, as the checker wants them.
struct BuiltinOverload {
  std::vector<Type> parameters;
  Type result;
};
struct BuiltinSet {
  std::string name;
  bool member = false;
  BuiltinFunction function = nullptr;  // none: an operator, which is an opcode
  std::vector<BuiltinOverload> overloads;
};

// nullptr if there is no such builtin. The table is made once and never changes.
[[nodiscard]] const BuiltinSet* FindBuiltin(std::string_view name, bool member);

// Names that an author may write, for suggestions: without operators.
[[nodiscard]] std::vector<std::string> BuiltinNames(bool member);

// "+" for "_+_", "math.abs" for itself.
[[nodiscard]] std::string DisplayName(std::string_view function);

}  // namespace antiphon::expression
