#include "engine/expression/unifier.h"

#include <algorithm>
#include <functional>

#include "state/base/check.h"

namespace antiphon::expression {
namespace {

bool IsVariable(const Type& type) { return type.kind() == TypeKind::kParameter; }

// The same type with other parameters.
Type WithParameters(const Type& type, std::vector<Type> parameters) {
  switch (type.kind()) {
    case TypeKind::kList:
      return Type::List(parameters[0]);
    case TypeKind::kMap:
      return Type::Map(parameters[0], parameters[1]);
    case TypeKind::kType:
      return Type::TypeOf(parameters[0]);
    case TypeKind::kOptional:
      return Type::Optional(parameters[0]);
    default:
      return Type::Abstract(type.own_name(), std::move(parameters));
  }
}

// Replaces every type parameter within a type.
Type Replace(const Type& type, const std::function<Type(const Type&)>& replacement) {
  if (IsVariable(type)) return replacement(type);
  if (type.parameters().empty()) return type;
  std::vector<Type> parameters;
  for (const Type& parameter : type.parameters()) parameters.push_back(Replace(parameter, replacement));
  return WithParameters(type, std::move(parameters));
}

// CEL's checker lets null stand for these; reading it as such is an error of the evaluation.
bool IsNullable(const Type& type) {
  return type.kind() == TypeKind::kOptional || type.kind() == TypeKind::kAbstract || type.kind() == TypeKind::kTimestamp ||
         type.kind() == TypeKind::kDuration;
}

bool IsEqualOrLessSpecific(const Type& left, const Type& right) {
  if (left.is_dyn() || IsVariable(left)) return true;
  if (right.is_dyn() || IsVariable(right)) return false;
  if (left.kind() != right.kind() || left.parameters().size() != right.parameters().size()) return false;
  if (left.kind() == TypeKind::kAbstract && left.own_name() != right.own_name()) return false;
  return std::ranges::equal(left.parameters(), right.parameters(), IsEqualOrLessSpecific);
}

}  // namespace

Type Unifier::Fresh() { return Type::Parameter("%" + std::to_string(next_++)); }

std::vector<Type> Unifier::Instantiate(const std::vector<Type>& types) {
  std::map<std::string, Type> fresh;
  std::vector<Type> result;
  result.reserve(types.size());
  for (const Type& type : types) {
    result.push_back(Replace(type, [&](const Type& parameter) {
      const auto [found, added] = fresh.try_emplace(parameter.own_name());
      if (added) found->second = Fresh();
      return found->second;
    }));
  }
  return result;
}

bool Unifier::Assign(std::span<const Type> values, std::span<const Type> parameters) {
  ANTIPHON_CHECK(values.size() == parameters.size());
  changes_.clear();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (IsAssignable(values[i], parameters[i])) continue;
    for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
      const std::optional<Type>& before = change->before;
      if (before)
        mapping_.insert_or_assign(change->variable, *before);
      else
        mapping_.erase(change->variable);
    }
    return false;
  }
  return true;
}

void Unifier::Set(const std::string& variable, const Type& type) {
  const auto found = mapping_.find(variable);
  changes_.push_back({variable, found == mapping_.end() ? std::nullopt : std::optional(found->second)});
  mapping_.insert_or_assign(variable, type);
}

Type Unifier::Substitute(const Type& type) const {
  return Replace(type, [&](const Type& variable) {
    const auto found = mapping_.find(variable.own_name());
    return found == mapping_.end() ? variable : Substitute(found->second);
  });
}

Type Unifier::Resolve(const Type& type) const {
  return Replace(Substitute(type), [](const Type&) { return Type::Dyn(); });
}

Type Unifier::MostGeneral(const Type& left, const Type& right) {
  if (left.kind() == TypeKind::kNull && IsNullable(right)) return right;
  if (right.kind() == TypeKind::kNull && IsNullable(left)) return left;
  return IsEqualOrLessSpecific(left, right) ? left : right;
}

bool Unifier::IsAssignable(const Type& value, const Type& parameter) {
  if (IsVariable(parameter)) {
    const Substitution found = TrySubstitution(value, parameter);
    if (found.valid) return true;
    if (found.known) return false;
  }
  if (IsVariable(value)) return TrySubstitution(parameter, value).valid;
  if (value.is_dyn() || parameter.is_dyn()) return true;
  if (value.kind() == TypeKind::kNull && IsNullable(parameter)) return true;
  if (parameter.kind() == TypeKind::kNull && IsNullable(value)) return true;
  if (value.kind() != parameter.kind()) return false;
  if (value.kind() == TypeKind::kAbstract && value.own_name() != parameter.own_name()) return false;
  if (value.kind() == TypeKind::kType) return true;
  if (value.parameters().size() != parameter.parameters().size()) return false;
  for (std::size_t i = 0; i < value.parameters().size(); ++i)
    if (!IsAssignable(value.parameter(i), parameter.parameter(i))) return false;
  return true;
}

Unifier::Substitution Unifier::TrySubstitution(const Type& type, const Type& variable) {
  if (type == variable) return {true, true};
  if (const auto found = mapping_.find(variable.own_name()); found != mapping_.end()) {
    const Type known = found->second;
    if (type == known) return {true, true};
    if (!IsAssignable(type, known)) return {false, true};
    const Type general = MostGeneral(type, known);
    if (!IsReferenced(variable, general)) Set(variable.own_name(), general);
    return {true, true};
  }
  if (IsReferenced(variable, type)) return {false, false};
  Set(variable.own_name(), type);
  return {true, false};
}

bool Unifier::IsReferenced(const Type& variable, const Type& within) const {
  if (variable == within) return true;
  if (IsVariable(within)) {
    const auto found = mapping_.find(within.own_name());
    return found != mapping_.end() && IsReferenced(variable, found->second);
  }
  return std::ranges::any_of(within.parameters(), [&](const Type& parameter) { return IsReferenced(variable, parameter); });
}

}  // namespace antiphon::expression
