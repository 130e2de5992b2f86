#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/expression/type.h"

namespace antiphon::expression {

// Unifier: which types stand for the type variables of one expression, and what may be given where something is expected.
// Source: cel-spec's "Gradual Type Checking", with the rules of the reference checker (cel-go, checker/types.go).
class Unifier {
 public:
  // A type variable that nothing is known of yet.
  [[nodiscard]] Type Fresh();
  // A copy of a signature with its parameters (T) replaced by fresh variables, the same for the same name.
  [[nodiscard]] std::vector<Type> Instantiate(const std::vector<Type>& types);

  // Whether each value may be given where its parameter is expected; if so, what that means for the variables is kept.
  // REQUIRES: equal sizes.
  bool Assign(std::span<const Type> values, std::span<const Type> parameters);
  bool Assign(const Type& value, const Type& parameter) { return Assign(std::span(&value, 1), std::span(&parameter, 1)); }

  // The type with all variables replaced; unknown ones become dyn.
  [[nodiscard]] Type Resolve(const Type& type) const;
  // The type with the known variables replaced.
  [[nodiscard]] Type Substitute(const Type& type) const;

  // The more general of two types that can be assigned to each other.
  [[nodiscard]] static Type MostGeneral(const Type& left, const Type& right);

 private:
  struct Substitution {
    bool valid = false;
    bool known = false;
  };
  struct Change {
    std::string variable;
    std::optional<Type> before;
  };

  bool IsAssignable(const Type& value, const Type& parameter);
  Substitution TrySubstitution(const Type& type, const Type& variable);
  [[nodiscard]] bool IsReferenced(const Type& variable, const Type& within) const;
  void Set(const std::string& variable, const Type& type);

  std::map<std::string, Type> mapping_;
  std::vector<Change> changes_;  // of the Assign under way, to be taken back if it fails
  std::uint32_t next_ = 0;
};

}  // namespace antiphon::expression
