#include "engine/expression/overloads.h"

#include <map>
#include <utility>

#include "state/base/check.h"

namespace antiphon::expression {
namespace {

using Table = std::map<std::pair<std::string, bool>, BuiltinSet, std::less<>>;

std::vector<Type> ParseParameters(std::string_view text) {
  if (text.empty()) return {};
  const std::optional<Type> all = Type::Parse("f(" + std::string(text) + ")");
  ANTIPHON_CHECK(all.has_value());
  return {all->parameters().begin(), all->parameters().end()};
}

void AddOverload(Table& table, std::string_view name, bool member, BuiltinFunction function, BuiltinOverload overload) {
  BuiltinSet& set = table[{std::string(name), member}];
  set.name = name;
  set.member = member;
  set.function = function;
  set.overloads.push_back(std::move(overload));
}

// Values of one kind with an order, and numbers of any two kinds.
void AddOrder(Table& table) {
  const Type numbers[] = {Type::Int(), Type::Uint(), Type::Double()};
  const Type others[] = {Type::Bool(), Type::String(), Type::Bytes(), Type::Timestamp(), Type::Duration()};
  for (const std::string_view name : {"_<_", "_<=_", "_>_", "_>=_"}) {
    for (const Type& left : numbers)
      for (const Type& right : numbers) AddOverload(table, name, false, nullptr, {{left, right}, Type::Bool()});
    for (const Type& type : others) AddOverload(table, name, false, nullptr, {{type, type}, Type::Bool()});
  }
}

Table MakeTable() {
  Table table;
  for (const auto rows : {OperatorRows(), ConversionRows(), TextRows(), StringExtensionRows(), MathRows(), TimeRows(), OptionalRows()}) {
    for (const BuiltinRow& row : rows) {
      const std::optional<Type> result = Type::Parse(row.result);
      ANTIPHON_CHECK(result.has_value());
      AddOverload(table, row.name, row.member, row.function, {ParseParameters(row.parameters), *result});
    }
  }
  AddOrder(table);
  return table;
}

const Table& Builtins() {
  static const Table table = MakeTable();
  return table;
}

}  // namespace

const BuiltinSet* FindBuiltin(std::string_view name, bool member) {
  const auto found = Builtins().find(std::pair<std::string, bool>(name, member));
  return found == Builtins().end() ? nullptr : &found->second;
}

std::vector<std::string> BuiltinNames(bool member) {
  std::vector<std::string> names;
  for (const auto& [key, set] : Builtins())
    if (set.member == member && DisplayName(set.name) == set.name) names.push_back(set.name);
  return names;
}

std::string DisplayName(std::string_view function) {
  if (function == "@in") return "in";
  if (function == "_[_]" || function == "_[?_]") return "[]";
  std::string name;
  for (const char c : function)
    if (c != '_' || function.find_first_not_of("_<>=!+-*/%") != std::string_view::npos) name += c;
  return name;
}

}  // namespace antiphon::expression
