// Units of money. A number has a unit ("CZK:2") or is plain. Plain numbers may be added to and compared with any unit; two different units
// never meet. Source: docs/expressions.md, "Money".
#include <array>
#include <string_view>

#include "engine/expression/checker.h"

namespace antiphon::expression {
namespace {

// "CZK" of "CZK:2".
std::string_view Currency(std::string_view unit) { return unit.substr(0, unit.find(':')); }

enum class UnitRule : std::uint8_t {
  kNone,      // the result has no unit, the arguments may have any
  kMerge,     // one unit for all, which the result has
  kCompare,   // one unit for all; the result is no number
  kMultiply,  // at most one side has one
  kDivide,    // by a plain number keeps it, by the same unit is a ratio
  kKeep,      // of the first argument
};

struct NamedRule {
  std::string_view function;
  UnitRule rule;
};
// All other functions (int(), double(), string(), size(), ..) drop the unit.
constexpr std::array<NamedRule, 23> kRules = {{{"_+_", UnitRule::kMerge},
                                               {"_-_", UnitRule::kMerge},
                                               {"_%_", UnitRule::kMerge},
                                               {"_*_", UnitRule::kMultiply},
                                               {"_/_", UnitRule::kDivide},
                                               {"-_", UnitRule::kKeep},
                                               {"_==_", UnitRule::kCompare},
                                               {"_!=_", UnitRule::kCompare},
                                               {"_<_", UnitRule::kCompare},
                                               {"_<=_", UnitRule::kCompare},
                                               {"_>_", UnitRule::kCompare},
                                               {"_>=_", UnitRule::kCompare},
                                               {"@in", UnitRule::kCompare},
                                               {"math.greatest", UnitRule::kMerge},
                                               {"math.least", UnitRule::kMerge},
                                               {"math.abs", UnitRule::kKeep},
                                               {"dyn", UnitRule::kKeep},
                                               {"optional.of", UnitRule::kKeep},
                                               {"optional.ofNonZeroValue", UnitRule::kKeep},
                                               {"value", UnitRule::kKeep},
                                               {"or", UnitRule::kMerge},
                                               {"orValue", UnitRule::kMerge},
                                               {"math.round", UnitRule::kKeep}}};

UnitRule RuleOf(std::string_view function) {
  for (const NamedRule& named : kRules)
    if (named.function == function) return named.rule;
  return UnitRule::kNone;
}

}  // namespace

std::string Checker::MergeUnits(ExprId id, const std::string& left, const std::string& right) {
  if (left.empty()) return right;
  if (right.empty() || left == right) return left;
  const Expr& expr = ast_[id];
  const bool same_currency = Currency(left) == Currency(right);
  const std::string_view a = same_currency ? std::string_view(left) : Currency(left);
  const std::string_view b = same_currency ? std::string_view(right) : Currency(right);
  Report(expr.place.length > 0 ? expr.place : expr.span, "mixes " + std::string(a) + " and " + std::string(b),
         "convert one of them first; int(..) makes a plain number");
  return left;
}

void Checker::DeduceUnit(ExprId id, const std::vector<ExprId>& args) {
  Note& note = notes_[id];
  if (note.target == Target::kHost) {
    if (!note.overloads.empty()) note.unit = note.overloads[0]->unit;
    return;
  }
  const UnitRule rule = RuleOf(note.builtin->name);
  if (rule == UnitRule::kNone || args.empty()) return;
  const std::string& left = notes_[args[0]].unit;
  const std::string right = args.size() > 1 ? notes_[args[1]].unit : std::string();
  switch (rule) {
    case UnitRule::kMerge:
      note.unit = MergeUnits(id, left, right);
      break;
    case UnitRule::kCompare:
      (void)MergeUnits(id, left, right);
      break;
    case UnitRule::kMultiply:
      if (!left.empty() && !right.empty())
        Report(ast_[id].place, "multiplies " + std::string(Currency(left)) + " by " + std::string(Currency(right)),
               "one side of * is a plain number");
      note.unit = left.empty() ? right : left;
      break;
    case UnitRule::kDivide:
      if (right.empty()) note.unit = left;
      if (left.empty() && !right.empty())
        Report(ast_[id].place, "divides a plain number by " + std::string(Currency(right)), "int(..) makes a plain number");
      if (!left.empty() && !right.empty()) (void)MergeUnits(id, left, right);
      break;
    case UnitRule::kKeep:
      note.unit = left;
      break;
    case UnitRule::kNone:
      break;
  }
}

}  // namespace antiphon::expression
