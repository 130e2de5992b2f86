#include "engine/expression/value.h"

#include <algorithm>
#include <array>

namespace antiphon::expression {
namespace {

bool EqualNumbers(const Value& left, const Value& right) {
  if (left.kind() > right.kind()) return EqualNumbers(right, left);  // int < uint < double
  if (left.is(Kind::kInt) && right.is(Kind::kUint))
    return left.as_int() >= 0 && static_cast<std::uint64_t>(left.as_int()) == right.as_uint();
  if (!right.is(Kind::kDouble)) return false;
  const double number = right.as_double();  // as in builtins_operators.cc: what is equal is neither less nor greater
  return left.is(Kind::kInt) ? static_cast<double>(left.as_int()) == number : static_cast<double>(left.as_uint()) == number;
}

bool IsNumber(Kind kind) { return kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble; }

// Equality with a budget: values share parts, so that a small one can be a tree of any size.
class Comparer {
 public:
  explicit Comparer(std::uint64_t steps) : steps_(steps) {}

  [[nodiscard]] std::uint64_t steps() const { return steps_; }

  bool Compare(const Value& left, const Value& right, int levels) {
    if (steps_ == 0) return false;
    --steps_;
    if (left.kind() != right.kind()) return IsNumber(left.kind()) && IsNumber(right.kind()) && EqualNumbers(left, right);
    switch (left.kind()) {
      case Kind::kNull:
        return true;
      case Kind::kBool:
      case Kind::kInt:
        return left.as_int() == right.as_int();
      case Kind::kUint:
        return left.as_uint() == right.as_uint();
      case Kind::kDouble:
        return left.as_double() == right.as_double();
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kType:
        return CompareTexts(left.as_text(), right.as_text());
      case Kind::kTimestamp:
      case Kind::kDuration:
        return left.seconds() == right.seconds() && left.nanos() == right.nanos();
      case Kind::kList:
        return levels > 0 && std::ranges::equal(left.as_list(), right.as_list(),
                                                [&](const Value& a, const Value& b) { return Compare(a, b, levels - 1); });
      case Kind::kMap:
        return levels > 0 && CompareMaps(left, right, levels);
      case Kind::kOptional: {
        const Value* const a = left.as_optional();
        const Value* const b = right.as_optional();
        if (a == nullptr || b == nullptr) return a == b;
        return levels > 0 && Compare(*a, *b, levels - 1);
      }
      case Kind::kAbsent:
      case Kind::kError:
        break;
    }
    return false;
  }

 private:
  bool CompareTexts(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    steps_ -= std::min<std::uint64_t>(steps_, left.size() / 64);
    return left == right;
  }

  bool CompareMaps(const Value& left, const Value& right, int levels) {
    if (left.as_map().size() != right.as_map().size()) return false;
    return std::ranges::all_of(left.as_map(), [&](const MapEntry& entry) {
      const auto other =
          std::ranges::find_if(right.as_map(), [&](const MapEntry& candidate) { return Compare(candidate.key, entry.key, 1); });
      return other != right.as_map().end() && Compare(entry.value, other->value, levels - 1);
    });
  }

  std::uint64_t steps_;
};

}  // namespace

const char* KindName(Kind kind) {
  static constexpr std::array<const char*, 15> kNames = {"absent",    "null",     "bool", "int", "uint", "double",   "string", "bytes",
                                                         "timestamp", "duration", "list", "map", "type", "optional", "error"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool Equal(const Value& left, const Value& right) { return Comparer(UINT64_MAX).Compare(left, right, kValueNestingMax); }

std::optional<bool> EqualWithin(const Value& left, const Value& right, std::uint64_t& steps) {
  Comparer comparer(steps);
  const bool equal = comparer.Compare(left, right, kValueNestingMax);
  steps = comparer.steps();
  if (steps == 0) return std::nullopt;
  return equal;
}

const Value* FindKey(const Value& map, const Value& key) {
  for (const MapEntry& entry : map.as_map())
    if (Equal(entry.key, key)) return &entry.value;
  return nullptr;
}

}  // namespace antiphon::expression
