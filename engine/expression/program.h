#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/expression/arena.h"
#include "engine/expression/host.h"
#include "engine/expression/type.h"
#include "engine/expression/value.h"

namespace antiphon::expression {

struct Code;

// A name that an expression reads, as it was declared.
struct SlotUse {
  HostSlot slot;
  std::string name;
};
struct FunctionUse {
  HostFunction function;
  std::string name;
};
// A name compared with a text that is written in the expression: x == "a", x in ["a"].
struct TextComparison {
  HostSlot slot;
  std::string text;
  std::size_t offset = 0;  // where the text is written, or the list that holds it; in bytes
};

// Program: a compiled expression. Immutable: any number of threads may evaluate it at once, each with its own arena. Cheap to copy and
// move. Made by Compile() (compiler.h).
class Program {
 public:
  explicit Program(std::shared_ptr<const Code> code) : code_(std::move(code)) {}

  // The value, or an error Value with its place in text(). Never absent. Texts, lists and maps of the result live in the arena, the host or
  // this program. Does not allocate outside the arena, except for `matches` with a pattern that is not constant. Deterministic: a function
  // of the program and what the host answers.
  [[nodiscard]] Value Evaluate(const Host& host, Arena& arena) const;

  [[nodiscard]] const Type& result_type() const;
  // The unit of the result ("CZK:2"), or empty.
  [[nodiscard]] const std::string& unit() const;
  // The value, if it does not depend on the host. It lives in this program.
  [[nodiscard]] std::optional<Value> constant() const;
  // What it can read, each once, in the order of the text. What was folded away (`false && x`) is not read.
  [[nodiscard]] std::span<const SlotUse> slots() const;
  [[nodiscard]] std::span<const FunctionUse> functions() const;
  // In the order of the text; for whoever knows which texts a name can have.
  [[nodiscard]] std::span<const TextComparison> text_comparisons() const;
  [[nodiscard]] std::string_view text() const;

 private:
  std::shared_ptr<const Code> code_;
};

}  // namespace antiphon::expression
