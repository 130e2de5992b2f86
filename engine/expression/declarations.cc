#include "engine/expression/declarations.h"

#include <set>
#include <utility>

#include "state/base/check.h"

namespace antiphon::expression {

void Declarations::AddVariable(std::string name, Variable variable) { variables_.insert_or_assign(std::move(name), std::move(variable)); }

void Declarations::AddFunction(std::string name, FunctionOverload overload) {
  ANTIPHON_CHECK(overload.parameters.size() <= kParametersMax);
  functions_[std::move(name)].push_back(std::move(overload));
}

const Variable* Declarations::FindVariable(std::string_view name) const {
  for (const Declarations* scope = this; scope != nullptr; scope = scope->parent_)
    if (const auto found = scope->variables_.find(name); found != scope->variables_.end()) return &found->second;
  return nullptr;
}

const std::vector<FunctionOverload>* Declarations::FindFunction(std::string_view name) const {
  for (const Declarations* scope = this; scope != nullptr; scope = scope->parent_)
    if (const auto found = scope->functions_.find(name); found != scope->functions_.end()) return &found->second;
  return nullptr;
}

bool Declarations::HasVariableBelow(std::string_view prefix) const {
  const std::string start = std::string(prefix) + ".";
  for (const Declarations* scope = this; scope != nullptr; scope = scope->parent_)
    if (const auto found = scope->variables_.lower_bound(start); found != scope->variables_.end() && found->first.starts_with(start))
      return true;
  return false;
}

std::vector<std::string> Declarations::VariableNames() const {
  std::set<std::string> names;
  for (const Declarations* scope = this; scope != nullptr; scope = scope->parent_)
    for (const auto& [name, variable] : scope->variables_) names.insert(name);
  return {names.begin(), names.end()};
}

std::vector<std::string> Declarations::FunctionNames() const {
  std::set<std::string> names;
  for (const Declarations* scope = this; scope != nullptr; scope = scope->parent_)
    for (const auto& [name, overloads] : scope->functions_) names.insert(name);
  return {names.begin(), names.end()};
}

}  // namespace antiphon::expression
