// The checker's view of calls: which function is meant, which overload fits, and what to say if none does.
#include <algorithm>
#include <array>
#include <utility>

#include "engine/expression/checker.h"

namespace antiphon::expression {
namespace {

// One overload, declared or builtin.
struct Signature {
  const std::vector<Type>* parameters;
  const Type* result;
  const FunctionOverload* declared;
};

bool IsText(const Expr& expr) { return expr.kind == ExprKind::kLiteral && expr.literal.is(Kind::kString); }

std::vector<Signature> SignaturesOf(const Note& note) {
  std::vector<Signature> signatures;
  signatures.reserve(note.overloads.size());
  for (const FunctionOverload* const overload : note.overloads) signatures.push_back({&overload->parameters, &overload->result, overload});
  if (note.builtin != nullptr)
    for (const BuiltinOverload& overload : note.builtin->overloads) signatures.push_back({&overload.parameters, &overload.result, nullptr});
  return signatures;
}

// "(int, string)"
std::string WriteTypes(const std::vector<std::string>& names) {
  std::string text(1, '(');
  for (const std::string& name : names) {
    if (text.size() > 1) text += ", ";
    text += name;
  }
  text += ')';
  return text;
}

std::string WriteAll(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += between;
    text += part;
  }
  return text;
}

constexpr std::array<std::string_view, 10> kMacros = {"all",    "exists", "exists_one", "existsOne",     "map",
                                                      "filter", "optMap", "optFlatMap", "transformList", "transformMap"};
bool IsMacro(std::string_view name) { return std::ranges::find(kMacros, name) != kMacros.end(); }

std::string Plural(std::size_t count) { return std::to_string(count) + (count == 1 ? " argument" : " arguments"); }

bool IsOperator(const Expr& expr) { return DisplayName(expr.name) != expr.name; }

// How a number becomes one of another type.
std::string Conversion(const Type& from, const Type& to) {
  if (!from.is_numeric() || !to.is_numeric()) return {};
  return "convert one of them: " + to.name() + "(..)";
}

}  // namespace

std::vector<ExprId> ArgumentsOf(const Expr& expr, const Note& note) {
  return {expr.args.begin() + (note.namespaced ? 1 : 0), expr.args.end()};
}

bool Checker::FindNamespaced(ExprId id) {
  const Expr& expr = ast_[id];
  if (!expr.is_member) return false;
  std::optional<DottedName> name = NameOf(expr.args[0]);
  if (!name) return false;
  name->name += "." + expr.name;
  Note& note = notes_[id];
  for (const std::string& candidate : Candidates(*name)) {
    if (const auto* const overloads = declarations_.FindFunction(candidate)) {
      for (const FunctionOverload& overload : *overloads)
        if (!overload.member) note.overloads.push_back(&overload);
      note.target = Target::kHost;
    } else if (const BuiltinSet* const builtin = FindBuiltin(candidate, false)) {
      note.builtin = builtin;
      note.target = Target::kBuiltin;
    } else {
      continue;
    }
    note.name = candidate;
    note.namespaced = true;
    return true;
  }
  return false;
}

// Fills target, overloads and builtin of the note; leaves kNone if there is no such function.
void Checker::FindCallee(ExprId id) {
  const Expr& expr = ast_[id];
  Note& note = notes_[id];
  const std::vector<std::string> candidates = expr.is_member ? std::vector{expr.name} : Candidates({expr.name, expr.leading_dot});
  for (const std::string& candidate : candidates) {
    if (const auto* const overloads = declarations_.FindFunction(candidate))
      for (const FunctionOverload& overload : *overloads)
        if (overload.member == expr.is_member) note.overloads.push_back(&overload);
    if (!note.overloads.empty()) {
      note.target = Target::kHost;
    } else if (const BuiltinSet* const builtin = FindBuiltin(candidate, expr.is_member)) {
      note.builtin = builtin;
      note.target = Target::kBuiltin;
    } else {
      continue;
    }
    note.name = candidate;
    return;
  }
}

void Checker::CheckCall(ExprId id) {
  const Expr& expr = ast_[id];
  Note& note = notes_[id];
  if (expr.name == "_[_]" || expr.name == "_[?_]") return CheckIndex(id);
  if (!FindNamespaced(id)) FindCallee(id);
  const std::vector<ExprId> args = ArgumentsOf(expr, note);
  if (note.target == Target::kNone) {
    note.target = Target::kUndeclared;
    // a.b.f(x): if nothing is called a.b, the function is the mistake, and its name is a.b.f.
    const bool unknown_namespace = expr.is_member && !AnyPrefixIsKnown(expr.args[0]);
    const bool macro = expr.is_member && IsMacro(expr.name);  // its variable is not declared, so its arguments make no sense
    for (const ExprId arg : args)
      if (arg == args[0] ? !unknown_namespace : !macro) Check(arg);
    ReportUnknownFunction(id);
    return;
  }
  for (const ExprId arg : args) Check(arg);
  if (!strict_) return;
  ResolveOverload(id, args);
  CheckArguments(id, args);
  DeduceUnit(id, args);
}

void Checker::CheckIndex(ExprId id) {
  const Expr& expr = ast_[id];
  Note& note = notes_[id];
  for (const ExprId arg : expr.args) Check(arg);
  note.target = Target::kBuiltin;
  note.builtin = FindBuiltin("_[_]", false);
  if (!strict_) return;
  Type container = unifier_.Substitute(notes_[expr.args[0]].type);
  const bool optional = container.kind() == TypeKind::kOptional;
  if (optional) container = unifier_.Substitute(container.parameter(0));
  const Type index = notes_[expr.args[1]].type;
  Type result;
  if (container.kind() == TypeKind::kList) {
    (void)Expect(expr.args[1], Type::Int());
    result = container.parameter(0);
    note.unit = notes_[expr.args[0]].unit;
  } else if (container.kind() == TypeKind::kMap) {
    (void)Expect(expr.args[1], container.parameter(0));
    result = container.parameter(1);
  } else if (!container.is_dyn() && container.kind() != TypeKind::kParameter) {
    Report(expr.place, "a value of type " + NameOfType(container) + " has no items", "only lists and maps have [..]");
  }
  note.type = optional || expr.name == "_[?_]" ? Type::Optional(result) : result;
}

void Checker::ResolveOverload(ExprId id, const std::vector<ExprId>& args) {
  Note& note = notes_[id];
  std::vector<Type> values;
  values.reserve(args.size());
  for (const ExprId arg : args) values.push_back(notes_[arg].type);
  std::optional<Type> result;
  std::vector<const FunctionOverload*> fitting;
  for (const Signature& signature : SignaturesOf(note)) {
    if (signature.parameters->size() != args.size()) continue;
    std::vector<Type> instance = *signature.parameters;
    instance.push_back(*signature.result);
    instance = unifier_.Instantiate(instance);
    const std::span<const Type> parameters(instance.data(), args.size());
    if (!unifier_.Assign(values, parameters)) continue;
    if (signature.declared != nullptr) fitting.push_back(signature.declared);
    const Type type = unifier_.Substitute(instance.back());
    if (!result)
      result = type;
    else if (!(*result == type))
      result = Type::Dyn();
  }
  if (!result) return ReportNoOverload(id, args);
  note.type = *result;
  note.overloads = std::move(fitting);
}

void Checker::ReportNoOverload(ExprId id, const std::vector<ExprId>& args) {
  const Expr& expr = ast_[id];
  const Note& note = notes_[id];
  const std::string name = IsOperator(expr) ? DisplayName(expr.name) : (note.namespaced ? note.name : expr.name);
  std::vector<std::string> found;
  found.reserve(args.size());
  for (const ExprId arg : args) found.push_back(NameOfType(notes_[arg].type));
  if (IsOperator(expr)) {
    if (args.size() == 1) return Report(expr.place, "'" + name + "' does not take " + found[0]);
    const Type left = unifier_.Resolve(notes_[args[0]].type);
    const Type right = unifier_.Resolve(notes_[args[1]].type);
    return Report(expr.place, "'" + name + "' does not take " + found[0] + " and " + found[1],
                  expr.name == "@in" ? std::string() : Conversion(left, left.kind() == TypeKind::kDouble ? left : right));
  }
  std::vector<const std::vector<Type>*> candidates;
  const std::vector<Signature> signatures = SignaturesOf(note);
  for (const Signature& signature : signatures)
    if (signature.parameters->size() == args.size()) candidates.push_back(signature.parameters);
  const std::size_t receiver = expr.is_member && !note.namespaced ? 1 : 0;
  if (candidates.empty()) {
    std::size_t least = signatures.empty() ? 0 : signatures[0].parameters->size();
    std::size_t most = least;
    for (const Signature& signature : signatures) {
      least = std::min(least, signature.parameters->size());
      most = std::max(most, signature.parameters->size());
    }
    const std::string wanted =
        least == most ? Plural(least - receiver) : std::to_string(least - receiver) + " to " + Plural(most - receiver);
    return Report(expr.place, name + "() takes " + wanted + ", found " + std::to_string(args.size() - receiver));
  }
  // One overload: the first argument that does not fit. Several: what they take.
  if (candidates.size() == 1) {
    const std::vector<Type> parameters = unifier_.Instantiate(*candidates[0]);
    for (std::size_t i = 0; i < args.size(); ++i) {
      if (unifier_.Assign(notes_[args[i]].type, parameters[i])) continue;
      const std::string where = i < receiver ? name + "() is a function of " : name + "() expected ";
      return Report(ast_[args[i]].span, where + NameOfType(parameters[i]) + ", found " + found[i]);
    }
  }
  std::vector<std::string> takes;
  for (const std::vector<Type>* const parameters : candidates) {
    std::vector<std::string> names;
    for (const Type& parameter : *parameters) names.push_back(parameter.name());
    takes.push_back(WriteTypes(names));
  }
  constexpr std::size_t kShownMax = 6;
  if (takes.size() > kShownMax) takes.resize(kShownMax);
  Report(expr.place, name + "() does not take " + WriteTypes(found), "it takes " + WriteAll(takes, " or "));
}

void Checker::ReportUnknownFunction(ExprId id) {
  if (!strict_) return;
  const Expr& expr = ast_[id];
  std::string name = expr.name;
  std::vector<std::string> names = declarations_.FunctionNames();
  const std::vector<std::string> builtins = BuiltinNames(expr.is_member);
  names.insert(names.end(), builtins.begin(), builtins.end());
  if (expr.is_member) {
    for (const std::string& builtin : BuiltinNames(false))
      if (builtin.find('.') != std::string::npos) names.push_back(builtin);
    if (const std::optional<DottedName> target = NameOf(expr.args[0]); target && !AnyPrefixIsKnown(expr.args[0]))
      name = target->name + "." + expr.name;
    names.insert(names.end(), kMacros.begin(), kMacros.end());
    if (IsMacro(name)) return Report(expr.place, "the macro " + name + "() is written x." + name + "(variable, condition)");
  } else if (name == "has") {
    return Report(expr.place, "has() takes one field", "write has(event.amount)");
  }
  // A method written as a function, or the other way round.
  std::string remedy;
  if (FindBuiltin(expr.name, !expr.is_member) != nullptr)
    remedy = expr.is_member ? "write " + expr.name + "(..)" : "write x." + expr.name + "(..)";
  if (remedy.empty()) {
    remedy = NearestName(name, names);
    if (!remedy.empty()) remedy = "did you mean " + remedy + "()?";
  }
  Report(expr.place, "undeclared function '" + name + "'", std::move(remedy));
}

void Checker::CheckArguments(ExprId id, const std::vector<ExprId>& args) {
  const Note& note = notes_[id];
  if (note.overloads.empty()) return;
  const FunctionOverload& overload = *note.overloads[0];
  for (std::size_t i = 0; i < args.size(); ++i) {
    const Expr& arg = ast_[args[i]];
    if (arg.kind == ExprKind::kMap && overload.entry_check) CheckEntries(arg, overload.entry_check);
    if (!IsText(arg) || !overload.argument_check) continue;
    if (std::optional<std::string> complaint = overload.argument_check(i, arg.literal.as_text())) Report(arg.span, std::move(*complaint));
  }
}

void Checker::CheckEntries(const Expr& map, const EntryCheck& check) {
  for (std::size_t i = 0; i + 1 < map.args.size(); i += 2) {
    const Expr& key = ast_[map.args[i]];
    const Expr& value = ast_[map.args[i + 1]];
    if (!IsText(key)) continue;
    const std::string_view word = key.literal.as_text();
    if (std::optional<std::string> complaint = check({.key = word, .value = {}, .offset = key.span.offset, .length = key.span.length})) {
      Report(key.span, std::move(*complaint));
    } else if (IsText(value)) {
      complaint = check({.key = word, .value = value.literal.as_text(), .offset = value.span.offset, .length = value.span.length});
      if (complaint) Report(value.span, std::move(*complaint));
    }
  }
}

}  // namespace antiphon::expression
