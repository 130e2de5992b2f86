#include "engine/pattern/match_order.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace antiphon::pattern {
namespace {

using state::PatternRun;
using state::Scalar;
using state::TakenEvent;

bool IsNumber(const Scalar& value) { return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value); }

double AsDouble(const Scalar& value) {
  const auto* whole = std::get_if<std::int64_t>(&value);
  return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
}

bool IsLess(const Scalar& left, const Scalar& right) {
  const auto* a = std::get_if<std::int64_t>(&left);
  const auto* b = std::get_if<std::int64_t>(&right);
  return a != nullptr && b != nullptr ? *a < *b : AsDouble(left) < AsDouble(right);
}

void Add(Scalar& kept, const Scalar& value) {
  const auto* a = std::get_if<std::int64_t>(&kept);
  const auto* b = std::get_if<std::int64_t>(&value);
  if (a == nullptr || b == nullptr) {
    kept = AsDouble(kept) + AsDouble(value);
    return;
  }
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(*a, *b, &sum)) kept = sum;
}

}  // namespace

bool IsPreferred(const PatternRun& left, const PatternRun& right) {
  if (left.taken.size() != right.taken.size()) return left.taken.size() > right.taken.size();
  const auto ordinals = std::ranges::mismatch(left.taken, right.taken, {}, &TakenEvent::ordinal, &TakenEvent::ordinal);
  if (ordinals.in1 != left.taken.end()) return ordinals.in1->ordinal < ordinals.in2->ordinal;
  return std::ranges::lexicographical_compare(left.taken, right.taken, {}, &TakenEvent::step, &TakenEvent::step);
}

bool ComesFirst(const PatternRun& left, const PatternRun& right) {
  const std::uint64_t a = left.taken.front().ordinal;
  const std::uint64_t b = right.taken.front().ordinal;
  return a != b ? a < b : IsPreferred(left, right);
}

void Accumulate(Scalar& kept, Take take, const Scalar& value) {
  switch (take) {
    case Take::kFirst:
    case Take::kLast:
      kept = value;
      break;
    case Take::kSum:
    case Take::kCount:
      if (IsNumber(value)) Add(kept, value);
      break;
    case Take::kMin:
      if (IsNumber(value) && (state::IsAbsent(kept) || IsLess(value, kept))) kept = value;
      break;
    case Take::kMax:
      if (IsNumber(value) && (state::IsAbsent(kept) || IsLess(kept, value))) kept = value;
      break;
  }
}

}  // namespace antiphon::pattern
