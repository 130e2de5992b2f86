#include "engine/expression/checker.h"

#include <algorithm>
#include <array>
#include <utility>

namespace antiphon::expression {
namespace {

// Types that can be written as values.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kTypeNames = {{{"bool", "bool"},
                                                                                       {"int", "int"},
                                                                                       {"uint", "uint"},
                                                                                       {"double", "double"},
                                                                                       {"string", "string"},
                                                                                       {"bytes", "bytes"},
                                                                                       {"list", "list"},
                                                                                       {"map", "map"},
                                                                                       {"null_type", "null_type"},
                                                                                       {"type", "type"},
                                                                                       {"google.protobuf.Timestamp", "timestamp"},
                                                                                       {"google.protobuf.Duration", "duration"},
                                                                                       {"optional_type", "optional_type"}}};

}  // namespace

Checker::Checker(const Ast& ast, const Declarations& declarations, const CompileOptions& options, DiagnosticsSink& diagnostics)
    : ast_(ast),
      declarations_(declarations),
      options_(options),
      diagnostics_(diagnostics),
      strict_(options.checking == Checking::kStrict),
      notes_(ast.size()) {}

std::vector<Note> Checker::Run() {
  Check(ast_.root);
  if (strict_) CheckRoot();
  for (Note& note : notes_) note.type = unifier_.Resolve(note.type);
  return std::move(notes_);
}

void Checker::CheckRoot() {
  if (options_.expected_types.empty() || !diagnostics_.empty()) return;
  const Type actual = unifier_.Resolve(notes_[ast_.root].type);
  std::string wanted;
  for (const Type& type : options_.expected_types) {
    if (actual.is_dyn() ? type.is_dyn() : unifier_.Assign(actual, type)) return;
    wanted += (wanted.empty() ? "" : " or ") + type.name();
  }
  const bool convertible = actual.is_dyn() && options_.expected_types[0].parameters().empty();
  Report(ast_[ast_.root].span, "expected " + wanted + ", found " + actual.name(),
         convertible ? "convert it: " + options_.expected_types[0].name() + "(..)" : std::string());
}

void Checker::Report(Span span, std::string message, std::string remedy) {
  if (strict_) diagnostics_.Report(span, std::move(message), std::move(remedy));
}

void Checker::Check(ExprId id) {
  switch (ast_[id].kind) {
    case ExprKind::kLiteral:
      return CheckLiteral(id);
    case ExprKind::kIdent:
      return CheckName(id);
    case ExprKind::kSelect:
      return CheckSelect(id);
    case ExprKind::kHas:
      return CheckHas(id);
    case ExprKind::kCall:
      return CheckCall(id);
    case ExprKind::kAnd:
    case ExprKind::kOr:
      return CheckLogic(id);
    case ExprKind::kConditional:
      return CheckConditional(id);
    case ExprKind::kList:
      return CheckList(id);
    case ExprKind::kMap:
      return CheckMap(id);
    case ExprKind::kComprehension:
      return CheckComprehension(id);
    case ExprKind::kBind:
      return CheckBind(id);
    case ExprKind::kOptMap:
    case ExprKind::kOptFlatMap:
      return CheckOptionalMap(id);
  }
}

void Checker::CheckLiteral(ExprId id) {
  Type& type = notes_[id].type;
  switch (ast_[id].literal.kind()) {
    case Kind::kNull:
      type = Type::Null();
      break;
    case Kind::kBool:
      type = Type::Bool();
      break;
    case Kind::kInt:
      type = Type::Int();
      break;
    case Kind::kUint:
      type = Type::Uint();
      break;
    case Kind::kDouble:
      type = Type::Double();
      break;
    case Kind::kString:
      type = Type::String();
      break;
    default:
      type = Type::Bytes();
      break;
  }
}

const Checker::Local* Checker::FindLocal(std::string_view name) const {
  for (auto local = locals_.rbegin(); local != locals_.rend(); ++local)
    if (local->name == name) return &*local;
  return nullptr;
}

std::optional<Checker::DottedName> Checker::NameOf(ExprId id) const {
  const Expr& expr = ast_[id];
  if (expr.kind == ExprKind::kIdent) {
    if (!expr.leading_dot && FindLocal(expr.name) != nullptr) return std::nullopt;
    return DottedName{expr.name, expr.leading_dot};
  }
  if (expr.kind != ExprKind::kSelect || expr.optional || expr.quoted) return std::nullopt;
  std::optional<DottedName> operand = NameOf(expr.args[0]);
  if (operand) operand->name += "." + expr.name;
  return operand;
}

std::vector<std::string> Checker::Candidates(const DottedName& name) const {
  std::vector<std::string> candidates;
  std::string container = name.leading_dot ? std::string() : options_.container;
  while (!container.empty()) {
    candidates.push_back(container + "." + name.name);
    const std::size_t dot = container.rfind('.');
    container.resize(dot == std::string::npos ? 0 : dot);
  }
  candidates.push_back(name.name);
  return candidates;
}

bool Checker::ResolveVariable(ExprId id, const DottedName& name) {
  Note& note = notes_[id];
  for (const std::string& candidate : Candidates(name)) {
    if (const Variable* const variable = declarations_.FindVariable(candidate)) {
      note.target = Target::kSlot;
      note.variable = variable;
      note.name = candidate;
      note.type = variable->type;
      note.unit = variable->unit;
      return true;
    }
    for (const auto& [type_name, type] : kTypeNames) {
      if (candidate != type_name) continue;
      note.target = Target::kTypeName;
      note.name = type_name;
      note.type = Type::TypeOf(Type::Parse(type).value_or(Type::Dyn()));
      return true;
    }
  }
  return false;
}

void Checker::CheckName(ExprId id) {
  const Expr& expr = ast_[id];
  Note& note = notes_[id];
  const Local* const local = expr.leading_dot ? nullptr : FindLocal(expr.name);
  if (local != nullptr) {
    note.target = Target::kLocal;
    note.local = local->index;
    note.type = local->type;
    note.unit = local->unit;
    return;
  }
  const DottedName name{expr.name, expr.leading_dot};
  if (ResolveVariable(id, name)) return;
  note.target = Target::kUndeclared;
  ReportUndeclared(id, name);
}

bool Checker::AnyPrefixIsKnown(ExprId id) const {
  const std::optional<DottedName> name = NameOf(id);
  if (!name) return true;
  for (const std::string& candidate : Candidates(*name)) {
    if (declarations_.FindVariable(candidate) != nullptr) return true;
    if (std::ranges::any_of(kTypeNames, [&](const auto& type) { return type.first == candidate; })) return true;
  }
  return ast_[id].kind == ExprKind::kSelect && AnyPrefixIsKnown(ast_[id].args[0]);
}

void Checker::CheckSelect(ExprId id) {
  const Expr& expr = ast_[id];
  Note& note = notes_[id];
  if (const std::optional<DottedName> name = NameOf(id)) {
    if (ResolveVariable(id, *name)) return;
    if (!AnyPrefixIsKnown(id)) {
      note.target = Target::kUndeclared;
      ReportUndeclared(id, *name);
      return;
    }
  }
  Check(expr.args[0]);
  if (!strict_) return;
  std::optional<Type> type = TypeOfField(id, unifier_.Substitute(notes_[expr.args[0]].type));
  if (!type) return;
  note.type = expr.optional && type->kind() != TypeKind::kOptional ? Type::Optional(*type) : *type;
}

std::optional<Type> Checker::TypeOfField(ExprId id, const Type& operand) {
  switch (operand.kind()) {
    case TypeKind::kDyn:
      return Type::Dyn();
    case TypeKind::kParameter:
      (void)unifier_.Assign(operand, Type::Dyn());
      return Type::Dyn();
    case TypeKind::kMap:
      if (unifier_.Assign(Type::String(), operand.parameter(0))) return operand.parameter(1);
      break;
    case TypeKind::kOptional: {
      const std::optional<Type> inside = TypeOfField(id, unifier_.Substitute(operand.parameter(0)));
      if (!inside) return std::nullopt;
      return Type::Optional(*inside);
    }
    default:
      break;
  }
  const Expr& expr = ast_[id];
  const std::optional<DottedName> whole = NameOf(id);
  const std::string nearest = whole ? NearestName(whole->name, declarations_.VariableNames()) : std::string();
  Report(expr.place, "a value of type " + NameOfType(operand) + " has no field '" + expr.name + "'",
         nearest.empty() ? nearest : "did you mean " + nearest + "?");
  return std::nullopt;
}

void Checker::CheckHas(ExprId id) {
  const Expr& expr = ast_[id];
  Note& note = notes_[id];
  note.type = Type::Bool();
  std::optional<DottedName> name = expr.quoted || expr.optional ? std::nullopt : NameOf(expr.args[0]);
  if (name) {
    name->name += "." + expr.name;
    if (ResolveVariable(id, *name)) {
      note.type = Type::Bool();
      note.unit.clear();
      if (note.target == Target::kSlot) return;
      Report(expr.span, "has() asks for a field, '" + name->name + "' is a type");
      return;
    }
    if (!AnyPrefixIsKnown(expr.args[0])) {
      note.target = Target::kUndeclared;
      ReportUndeclared(id, *name);
      return;
    }
  }
  Check(expr.args[0]);
  if (strict_) (void)TypeOfField(id, unifier_.Substitute(notes_[expr.args[0]].type));
}

void Checker::ReportUndeclared(ExprId id, const DottedName& name) {
  if (!strict_) return;
  const Expr& expr = ast_[id];
  std::vector<std::string> names = declarations_.VariableNames();
  for (const Local& local : locals_) names.push_back(local.name);
  std::string remedy = NearestName(name.name, names);
  if (!remedy.empty()) remedy = "did you mean " + remedy + "?";
  // The longest start of the name that something begins with: what follows it is the mistake.
  std::string known = name.name;
  while (!known.empty() && !declarations_.HasVariableBelow(known)) {
    const std::size_t dot = known.rfind('.');
    known.resize(dot == std::string::npos ? 0 : dot);
  }
  if (known.empty()) return Report(expr.span, "undeclared name '" + name.name + "'", std::move(remedy));
  if (remedy.empty()) {
    constexpr std::size_t kShownMax = 6;
    std::size_t shown = 0;
    for (const std::string& candidate : names) {
      if (!candidate.starts_with(known + ".") || shown++ >= kShownMax) continue;
      remedy += (remedy.empty() ? "there is " : ", ") + candidate;
    }
    if (shown > kShownMax) remedy += ", ..";
  }
  if (known == name.name) return Report(expr.span, "'" + known + "' is not a value, it has fields", std::move(remedy));
  Report(expr.span, "'" + known + "' has no field '" + name.name.substr(known.size() + 1) + "'", std::move(remedy));
}

std::uint32_t Checker::Push(std::string name, Type type, std::string unit) {
  const auto index = static_cast<std::uint32_t>(locals_.size());
  locals_.push_back({std::move(name), std::move(type), std::move(unit), index});
  locals_most_ = std::max(locals_most_, index + 1);
  return index;
}

void Checker::Pop(std::size_t count) { locals_.resize(locals_.size() - count); }

bool Checker::Expect(ExprId id, const Type& type) {
  if (!strict_ || unifier_.Assign(notes_[id].type, type)) return true;
  Report(ast_[id].span, "expected " + NameOfType(type) + ", found " + NameOfType(notes_[id].type));
  return false;
}

std::optional<Type> Checker::Join(const Type& left, const Type& right) {
  if (!unifier_.Assign(left, right)) return std::nullopt;
  return Unifier::MostGeneral(unifier_.Substitute(left), unifier_.Substitute(right));
}

void Checker::CheckLogic(ExprId id) {
  for (const ExprId arg : ast_[id].args) {
    Check(arg);
    (void)Expect(arg, Type::Bool());
  }
  notes_[id].type = Type::Bool();
}

void Checker::CheckConditional(ExprId id) {
  const Expr& expr = ast_[id];
  for (const ExprId arg : expr.args) Check(arg);
  if (!strict_) return;
  (void)Expect(expr.args[0], Type::Bool());
  const Note& yes = notes_[expr.args[1]];
  const Note& no = notes_[expr.args[2]];
  const std::optional<Type> type = Join(yes.type, no.type);
  if (type)
    notes_[id].type = *type;
  else
    Report(expr.place, "the two sides of the condition have different types, " + NameOfType(yes.type) + " and " + NameOfType(no.type));
  notes_[id].unit = MergeUnits(id, yes.unit, no.unit);
}

void Checker::CheckList(ExprId id) {
  const Expr& expr = ast_[id];
  std::optional<Type> element;
  bool mixed = false;
  std::string unit;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const ExprId arg = expr.args[i];
    Check(arg);
    if (!strict_) continue;
    Type type = notes_[arg].type;
    if (expr.element_optional[i]) {
      const Type inside = unifier_.Fresh();
      (void)Expect(arg, Type::Optional(inside));
      type = unifier_.Substitute(inside);
    }
    std::optional<Type> joined = element ? Join(*element, type) : type;
    mixed = mixed || !joined;
    if (joined) element = std::move(joined);
    unit = MergeUnits(arg, unit, notes_[arg].unit);
  }
  if (!strict_) return;
  notes_[id].type = Type::List(mixed ? Type::Dyn() : (element ? *element : unifier_.Fresh()));
  notes_[id].unit = unit;
}

void Checker::CheckMap(ExprId id) {
  const Expr& expr = ast_[id];
  std::optional<Type> types[2];
  bool mixed[2] = {false, false};
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const ExprId arg = expr.args[i];
    const std::size_t side = i % 2;
    Check(arg);
    if (!strict_) continue;
    Type type = unifier_.Substitute(notes_[arg].type);
    if (side == 0 && (type.kind() == TypeKind::kDouble || type.kind() == TypeKind::kNull || type.kind() == TypeKind::kBytes ||
                      type.kind() == TypeKind::kList || type.kind() == TypeKind::kMap))
      Report(ast_[arg].span, "a key of a map is a bool, int, uint or string, not " + NameOfType(type));
    if (side == 1 && expr.element_optional[i / 2]) {
      const Type inside = unifier_.Fresh();
      (void)Expect(arg, Type::Optional(inside));
      type = unifier_.Substitute(inside);
    }
    std::optional<Type>& known = types[side];
    std::optional<Type> joined = known ? Join(*known, type) : type;
    mixed[side] = mixed[side] || !joined;
    if (joined) known = std::move(joined);
  }
  if (!strict_) return;
  const auto side_type = [&](std::size_t side) { return mixed[side] ? Type::Dyn() : (types[side] ? *types[side] : unifier_.Fresh()); };
  Type key = side_type(0);
  notes_[id].type = Type::Map(std::move(key), side_type(1));
}

void Checker::CheckComprehension(ExprId id) {
  const Expr& expr = ast_[id];
  Check(expr.args[0]);
  const Type range = unifier_.Substitute(notes_[expr.args[0]].type);
  const std::string unit = notes_[expr.args[0]].unit;
  const bool two = !expr.second_name.empty();
  Type first;
  Type second;
  if (range.kind() == TypeKind::kList) {
    first = two ? Type::Int() : range.parameter(0);
    second = range.parameter(0);
  } else if (range.kind() == TypeKind::kMap) {
    first = range.parameter(0);
    second = range.parameter(1);
  } else if (!range.is_dyn() && range.kind() != TypeKind::kParameter) {
    Report(ast_[expr.args[0]].span, "expected a list or a map, found " + NameOfType(range));
  }
  const std::uint32_t local = Push(expr.name, first, two ? std::string() : unit);
  if (two) (void)Push(expr.second_name, second, unit);
  if (expr.args[1] != kNoExpr) {
    Check(expr.args[1]);
    (void)Expect(expr.args[1], Type::Bool());
  }
  const ExprId body = expr.args[2];
  Check(body);
  Pop(two ? 2 : 1);
  Note& note = notes_[id];
  note.local = local;
  const Type body_type = notes_[body].type;
  switch (expr.macro) {
    case Macro::kAll:
    case Macro::kExists:
    case Macro::kExistsOne:
      (void)Expect(body, Type::Bool());
      note.type = Type::Bool();
      break;
    case Macro::kFilter:
      (void)Expect(body, Type::Bool());
      note.type = Type::List(first);
      note.unit = unit;
      break;
    case Macro::kMap:
    case Macro::kTransformList:
      note.type = Type::List(body_type);
      note.unit = notes_[body].unit;
      break;
    case Macro::kTransformMap:
      note.type = Type::Map(range.kind() == TypeKind::kList ? Type::Int() : first, body_type);
      break;
    case Macro::kTransformMapEntry: {
      const Type entry = Type::Map(unifier_.Fresh(), unifier_.Fresh());
      (void)Expect(body, entry);
      note.type = entry;
      break;
    }
    case Macro::kNone:
      break;
  }
}

void Checker::CheckBind(ExprId id) {
  const Expr& expr = ast_[id];
  Check(expr.args[0]);
  const Note value = notes_[expr.args[0]];
  const std::uint32_t local = Push(expr.name, value.type, value.unit);
  Check(expr.args[1]);
  Pop(1);
  notes_[id].local = local;
  notes_[id].type = notes_[expr.args[1]].type;
  notes_[id].unit = notes_[expr.args[1]].unit;
}

void Checker::CheckOptionalMap(ExprId id) {
  const Expr& expr = ast_[id];
  Check(expr.args[0]);
  const Type inside = unifier_.Fresh();
  (void)Expect(expr.args[0], Type::Optional(inside));
  const std::uint32_t local = Push(expr.name, unifier_.Substitute(inside), notes_[expr.args[0]].unit);
  Check(expr.args[1]);
  Pop(1);
  Note& note = notes_[id];
  note.local = local;
  note.unit = notes_[expr.args[1]].unit;
  if (expr.kind == ExprKind::kOptMap) {
    note.type = Type::Optional(notes_[expr.args[1]].type);
    return;
  }
  const Type result = Type::Optional(unifier_.Fresh());
  (void)Expect(expr.args[1], result);
  note.type = unifier_.Substitute(result);
}

}  // namespace antiphon::expression
