#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/expression/value.h"

// The syntax tree between parser, checker and emitter. Macros are expanded by the parser: what they make has kinds of its own.
namespace antiphon::expression {

using ExprId = std::uint32_t;
inline constexpr ExprId kNoExpr = 0xFFFFFFFF;

// A stretch of the text, in bytes.
struct Span {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;

  [[nodiscard]] std::uint32_t end() const { return offset + length; }
};

enum class ExprKind : std::uint8_t {
  kLiteral,        // literal
  kIdent,          // name; leading_dot: the root's name only
  kSelect,         // args[0].name; optional: .?name
  kHas,            // has(args[0].name)
  kCall,           // name(args...); is_member: args[0] is what stands before the dot. Operators are calls: "_+_", "!_", "_[_]", "_[?_]"
  kAnd,            // any number of args, a chain is one node
  kOr,             //
  kConditional,    // args[0] ? args[1] : args[2]
  kList,           // args; element_optional
  kMap,            // args: key, value, key, value; element_optional per key
  kComprehension,  // args[0]: range, args[1]: filter or kNoExpr, args[2]: body; name, second_name: variables
  kBind,           // cel.bind(name, args[0], args[1])
  kOptMap,         // args[0].optMap(name, args[1])
  kOptFlatMap,     //
};

enum class Macro : std::uint8_t { kNone, kAll, kExists, kExistsOne, kMap, kFilter, kTransformList, kTransformMap, kTransformMapEntry };

struct Expr {
  ExprKind kind = ExprKind::kLiteral;
  Macro macro = Macro::kNone;
  bool leading_dot = false;
  bool optional = false;
  bool is_member = false;
  bool quoted = false;  // kSelect: .`a-b`, never part of a dotted name
  std::uint32_t depth = 1;
  Span span = {};   // the whole of it
  Span place = {};  // what a diagnostic points at: the operator, the name after the dot
  std::string name = {};
  std::string second_name = {};
  Value literal = {};
  std::vector<ExprId> args = {};
  std::vector<bool> element_optional = {};
};

// The tree of one expression; owns its nodes and the texts of its literals. Children stand before their parents.
class Ast {
 public:
  [[nodiscard]] const Expr& operator[](ExprId id) const { return exprs_[id]; }
  [[nodiscard]] Expr& operator[](ExprId id) { return exprs_[id]; }
  [[nodiscard]] std::size_t size() const { return exprs_.size(); }
  ExprId Add(Expr expr) {
    exprs_.push_back(std::move(expr));
    return static_cast<ExprId>(exprs_.size() - 1);
  }
  // Keeps `text` as long as the tree.
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  ExprId root = kNoExpr;

 private:
  std::vector<Expr> exprs_;
  std::deque<std::string> texts_;
};

}  // namespace antiphon::expression
