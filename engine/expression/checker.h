#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/ast.h"
#include "engine/expression/compiler.h"
#include "engine/expression/declarations.h"
#include "engine/expression/diagnostics_sink.h"
#include "engine/expression/overloads.h"
#include "engine/expression/unifier.h"

namespace antiphon::expression {

// What a node of the tree turned out to be.
enum class Target : std::uint8_t {
  kNone,        // what its kind says
  kLocal,       // a variable of a macro
  kSlot,        // a declared variable; a whole chain a.b.c can be one
  kTypeName,    // a type as a value
  kBuiltin,     // a call of a builtin or operator
  kHost,        // a call of declared overloads
  kUndeclared,  // nothing that is known
};

struct Note {
  Type type;
  std::string unit;  // of the number, or of the numbers in a list or optional
  Target target = Target::kNone;
  std::uint32_t local = 0;  // kLocal; of macros: their first variable
  std::string name;         // kSlot, kTypeName, kHost: as declared
  const Variable* variable = nullptr;
  const BuiltinSet* builtin = nullptr;
  std::vector<const FunctionOverload*> overloads;
  bool namespaced = false;  // a call a.b.f(x): args[0] is part of the name
};

// Checker: resolves the names of a tree and, if `Checking::kStrict`, deduces types and units and reports what does not fit. After a mistake
// it goes on with dyn, so that one run finds them all. Source: CEL's language definition, "Name Resolution" and "Gradual Type Checking".
class Checker {
 public:
  Checker(const Ast& ast, const Declarations& declarations, const CompileOptions& options, DiagnosticsSink& diagnostics);

  // A note per node, by ExprId. Types are resolved.
  [[nodiscard]] std::vector<Note> Run();
  // The variables that are in use at once, at most. After Run().
  [[nodiscard]] std::uint32_t locals() const { return locals_most_; }

 private:
  struct Local {
    std::string name;
    Type type;
    std::string unit;
    std::uint32_t index = 0;
  };

  void Check(ExprId id);
  void CheckLiteral(ExprId id);
  void CheckName(ExprId id);
  void CheckSelect(ExprId id);
  void CheckHas(ExprId id);
  void CheckLogic(ExprId id);
  void CheckConditional(ExprId id);
  void CheckList(ExprId id);
  void CheckMap(ExprId id);
  void CheckComprehension(ExprId id);
  void CheckBind(ExprId id);
  void CheckOptionalMap(ExprId id);
  void CheckRoot();

  // Names.
  [[nodiscard]] const Local* FindLocal(std::string_view name) const;
  struct DottedName {
    std::string name;
    bool leading_dot = false;
  };
  // a.b.c as one name, if it can be one: its root is no variable of a macro.
  [[nodiscard]] std::optional<DottedName> NameOf(ExprId id) const;
  // In the order in which a name is looked for: within the container, its parents, the root.
  [[nodiscard]] std::vector<std::string> Candidates(const DottedName& name) const;
  bool ResolveVariable(ExprId id, const DottedName& name);
  [[nodiscard]] bool AnyPrefixIsKnown(ExprId id) const;
  void ReportUndeclared(ExprId id, const DottedName& name);
  // Opens a scope: Check(body) between Push and Pop.
  std::uint32_t Push(std::string name, Type type, std::string unit);
  void Pop(std::size_t count);

  // Calls (checker_calls.cc).
  void CheckCall(ExprId id);
  bool FindNamespaced(ExprId id);
  void FindCallee(ExprId id);
  void CheckIndex(ExprId id);
  void ResolveOverload(ExprId id, const std::vector<ExprId>& args);
  void ReportNoOverload(ExprId id, const std::vector<ExprId>& args);
  void ReportUnknownFunction(ExprId id);
  void CheckArguments(ExprId id, const std::vector<ExprId>& args);
  void CheckEntries(const Expr& map, const EntryCheck& check);
  // The type of a field or item of `operand`, which may be optional. Nothing, and a report, if it has none.
  std::optional<Type> TypeOfField(ExprId id, const Type& operand);

  // Units (checker_units.cc).
  void DeduceUnit(ExprId id, const std::vector<ExprId>& args);
  // The unit of both, or a report that they are mixed.
  std::string MergeUnits(ExprId id, const std::string& left, const std::string& right);

  bool Expect(ExprId id, const Type& type);
  // The type of values that may be of both; nothing if there is none but dyn.
  std::optional<Type> Join(const Type& left, const Type& right);
  [[nodiscard]] std::string NameOfType(const Type& type) const { return unifier_.Resolve(type).name(); }
  void Report(Span span, std::string message, std::string remedy = {});

  const Ast& ast_;
  const Declarations& declarations_;
  const CompileOptions& options_;
  DiagnosticsSink& diagnostics_;
  const bool strict_;
  Unifier unifier_;
  std::vector<Note> notes_;
  std::vector<Local> locals_;
  std::uint32_t locals_most_ = 0;
};

// The arguments of a call without what belongs to its name.
[[nodiscard]] std::vector<ExprId> ArgumentsOf(const Expr& expr, const Note& note);

}  // namespace antiphon::expression
