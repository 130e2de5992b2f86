// What the checker accepts means the same without the checker: types are known earlier, never different. Folding and fusing do not change a
// value either: the same expression with constants moved to the host gives the same.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

#include "tests/unit/expression/test_host.h"

namespace antiphon::expression {
namespace {

TestHost SmallHost() {
  TestHost host;
  host.Add("v.a", Type::Int(), Value::Int(3));
  host.Add("v.b", Type::Int(), Value::Int(0));
  host.Add("v.big", Type::Int(), Value::Int(INT64_MAX));
  host.Add("v.none", Type::Int());
  host.Add("v.s", Type::String(), Value::String("abc"));
  host.Add("v.d", Type::Double(), Value::Double(1.5));
  host.Add("v.t", Type::Bool(), Value::Bool(true));
  // Constants that folding cannot see.
  host.Add("k0", Type::Int(), Value::Int(0));
  host.Add("k1", Type::Int(), Value::Int(1));
  host.Add("k2", Type::Int(), Value::Int(2));
  host.Add("ktrue", Type::Bool(), Value::Bool(true));
  host.Add("kfalse", Type::Bool(), Value::Bool(false));
  host.Add("ks", Type::String(), Value::String("b"));
  return host;
}

enum class Sort : std::uint8_t { kBool, kInt, kString, kAny };

// Grows an expression; `$x` stands for a constant, which is a literal in one text and a variable in the other.
class Grower {
 public:
  // Of [0, end), evenly, whatever rapidcheck's size is.
  static int Number(int end) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, end)); }

  std::string Grow(Sort sort, int depth) {
    if (sort == Sort::kAny) return Grow(Pick({Sort::kBool, Sort::kInt, Sort::kString}), depth);
    if (depth == 0) return Leaf(sort);
    switch (sort) {
      case Sort::kBool:
        return GrowBool(depth - 1);
      case Sort::kInt:
        return GrowInt(depth - 1);
      default:
        return GrowString(depth - 1);
    }
  }

 private:
  template <typename T>
  T Pick(std::initializer_list<T> choices) {
    return *rc::gen::elementOf(std::vector<T>(choices));
  }

  std::string Leaf(Sort sort) {
    if (sort == Sort::kBool) return Pick<std::string>({"v.t", "$true", "$false", "has(v.none)", "has(v.a)"});
    if (sort == Sort::kInt) return Pick<std::string>({"v.a", "v.b", "v.big", "v.none", "$0", "$1", "$2"});
    return Pick<std::string>({"v.s", "$s"});
  }

  std::string GrowBool(int depth) {
    switch (Number(8)) {
      case 0:
        return "(" + Grow(Sort::kBool, depth) + " && " + Grow(Sort::kBool, depth) + ")";
      case 1:
        return "(" + Grow(Sort::kBool, depth) + " || " + Grow(Sort::kBool, depth) + ")";
      case 2:
        return "!" + Grow(Sort::kBool, depth);
      case 3:
        return "(" + Grow(Sort::kInt, depth) + Pick<std::string>({" < ", " <= ", " > ", " >= ", " == ", " != "}) + Grow(Sort::kInt, depth) +
               ")";
      case 4:
        return "(" + Grow(Sort::kString, depth) + Pick<std::string>({" < ", " == "}) + Grow(Sort::kString, depth) + ")";
      case 5:
        return "[" + Grow(Sort::kInt, depth) + ", " + Grow(Sort::kInt, depth) + "]" +
               Pick<std::string>({".all", ".exists", ".exists_one"}) + "(x, x > " + Grow(Sort::kInt, depth) + ")";
      case 6:
        return "(" + Grow(Sort::kInt, depth) + " in [" + Grow(Sort::kInt, depth) + ", $1])";
      default:
        return Grow(Sort::kString, depth) + ".contains(" + Grow(Sort::kString, depth) + ")";
    }
  }

  std::string GrowInt(int depth) {
    switch (Number(5)) {
      case 0:
        return "(" + Grow(Sort::kInt, depth) + Pick<std::string>({" + ", " - ", " * ", " / ", " % "}) + Grow(Sort::kInt, depth) + ")";
      case 1:
        return "(" + Grow(Sort::kBool, depth) + " ? " + Grow(Sort::kInt, depth) + " : " + Grow(Sort::kInt, depth) + ")";
      case 2:
        return "size(" + Grow(Sort::kString, depth) + ")";
      case 3:
        return "cel.bind(y, " + Grow(Sort::kInt, depth) + ", y + " + Grow(Sort::kInt, depth) + ")";
      default:
        return "[" + Grow(Sort::kInt, depth) + ", $2].map(x, x + $1)[$1]";
    }
  }

  std::string GrowString(int depth) {
    if (*rc::gen::arbitrary<bool>()) return "(" + Grow(Sort::kString, depth) + " + " + Grow(Sort::kString, depth) + ")";
    return "(" + Grow(Sort::kBool, depth) + " ? " + Grow(Sort::kString, depth) + " : string(" + Grow(Sort::kInt, depth) + "))";
  }
};

std::string WithConstants(const std::string& pattern, bool literals) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '$') {
      text += pattern[i];
    } else if (!literals) {
      text += 'k';
    } else if (pattern[i + 1] == 's') {
      text += "'b'";
      ++i;
    }
  }
  return text;
}

bool SameOutcome(const Value& left, const Value& right) {
  if (left.is_error() || right.is_error()) return left.is_error() && right.is_error();
  return left.kind() == right.kind() && Equal(left, right);
}

TEST(CheckedProperty, EqualsUncheckedAndUnfolded) {
  const TestHost host = SmallHost();
  CompileOptions dynamic;
  dynamic.checking = Checking::kDynamic;
  const bool holds = rc::check([&] {
    const std::string pattern = Grower().Grow(Sort::kAny, Grower::Number(5));
    const std::string text = WithConstants(pattern, true);
    RC_LOG() << text << "\n";
    const auto checked = Compile(text, host.declarations);
    const auto unchecked = Compile(text, host.declarations, dynamic);
    const auto unfolded = Compile(WithConstants(pattern, false), host.declarations);
    RC_ASSERT(checked.has_value());
    RC_ASSERT(unchecked.has_value());
    RC_ASSERT(unfolded.has_value());
    Arena arena;
    const Value value = checked->Evaluate(host, arena);
    RC_ASSERT(SameOutcome(value, unchecked->Evaluate(host, arena)));
    RC_ASSERT(SameOutcome(value, unfolded->Evaluate(host, arena)));
    if (const std::optional<Kind> kind = KindOf(checked->result_type()); kind && !value.is_error()) RC_ASSERT(value.is(*kind));
    if (checked->constant()) RC_ASSERT(SameOutcome(value, *checked->constant()));
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace antiphon::expression
