#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/host.h"
#include "engine/expression/type.h"

namespace antiphon::expression {

// A variable in reach. `unit` is empty, or what its numbers are counted in, as "CZK:2": minor units of CZK with two decimals. The checker
// refuses to mix two units; it does not convert.
struct Variable {
  Type type;
  HostSlot slot;
  std::string unit;
};

// Called at compile time for a string literal given as argument `index`; the answer is a complaint for the author of the expression, which
// may name what was meant ("no product \"savngs\"; did you mean \"savings\"?").
using ArgumentCheck = std::function<std::optional<std::string>(std::size_t index, std::string_view literal)>;

// A text that is the key of an entry of a map literal, or its value. `offset` and `length`: its place in the expression, in bytes.
struct EntryLiteral {
  std::string_view key;
  std::optional<std::string_view> value;  // nothing: the key itself is asked about
  std::size_t offset = 0;
  std::size_t length = 0;
};

// The same for the entries of a map literal given as an argument: for each key that is a string literal, then, if nothing is wrong with it,
// for its value if that is one too.
using EntryCheck = std::function<std::optional<std::string>(const EntryLiteral& entry)>;

// One overload of a declared function. Parameters may name type parameters (T).
struct FunctionOverload {
  std::vector<Type> parameters;
  Type result;
  HostFunction function;
  std::string unit = {};  // of the result
  ArgumentCheck argument_check = {};
  EntryCheck entry_check = {};
  bool member = false;  // x.f(y): the first parameter is x. A namespaced function (`customer.holds`) is not a member.
};

// Declarations: what is in reach of an expression. Names are CEL identifiers with dots ("features.balance.previous"); the longest one that
// fits wins, and what follows it selects fields of its value.
// A child adds to a parent without copying it and shadows it: Declarations with_step(&base). The parent must outlive the child and stay
// unchanged as long as it has children. Value type; safe to read from several threads.
class Declarations {
 public:
  Declarations() = default;
  explicit Declarations(const Declarations* parent) : parent_(parent) {}

  // The last of two declarations of one name in one scope stands.
  void AddVariable(std::string name, Variable variable);
  // Overloads of one name add up within a scope; a child's name hides the parent's whole set. At most kParametersMax parameters.
  void AddFunction(std::string name, FunctionOverload overload);

  static constexpr std::size_t kParametersMax = 8;

  // nullptr if there is none. O(scopes * log names).
  [[nodiscard]] const Variable* FindVariable(std::string_view name) const;
  [[nodiscard]] const std::vector<FunctionOverload>* FindFunction(std::string_view name) const;

  // Whether a variable's name begins with `prefix` and a dot: "event" of "event.amount".
  [[nodiscard]] bool HasVariableBelow(std::string_view prefix) const;

  // Every name in reach, sorted, without repetition: for suggestions and editors.
  [[nodiscard]] std::vector<std::string> VariableNames() const;
  [[nodiscard]] std::vector<std::string> FunctionNames() const;

 private:
  const Declarations* parent_ = nullptr;
  std::map<std::string, Variable, std::less<>> variables_;
  std::map<std::string, std::vector<FunctionOverload>, std::less<>> functions_;
};

}  // namespace antiphon::expression
