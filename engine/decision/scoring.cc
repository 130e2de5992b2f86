#include "engine/decision/scoring.h"

#include <cmath>
#include <optional>

namespace antiphon::decision {
namespace {

using expression::Kind;
using expression::Value;

Value Number(const Step& step, std::int64_t value) {
  return step.topology.score_floating ? Value::Double(static_cast<double>(value)) : Value::Int(value);
}

// The factor as the topology counts: all ints or all doubles. Absent if it has none of these.
Value Factor(const Step& step, const Evaluation& evaluation, const std::optional<expression::Program>& program) {
  if (!program) return Number(step, 1);
  const Value value = evaluation.Evaluate(*program);
  if (value.is(Kind::kInt)) return Number(step, value.as_int());
  return value.is(Kind::kDouble) && step.topology.score_floating ? value : Value::Absent();
}

// propensity * value * context * lever - cost, where the topology does not say otherwise.
Value DefaultScore(const std::array<Value, 5>& factors) {
  if (factors[0].is(Kind::kDouble)) {
    double score = factors[0].as_double();
    for (std::size_t i = 1; i < 4; ++i) score *= factors.at(i).as_double();
    return Value::Double(score - factors[4].as_double());
  }
  std::int64_t score = factors[0].as_int();
  for (std::size_t i = 1; i < 4; ++i) {
    if (__builtin_mul_overflow(score, factors.at(i).as_int(), &score)) return Value::Absent();
  }
  if (__builtin_sub_overflow(score, factors[4].as_int(), &score)) return Value::Absent();
  return Value::Int(score);
}

bool IsFiniteNumber(const Value& value) { return value.is(Kind::kInt) || (value.is(Kind::kDouble) && std::isfinite(value.as_double())); }

}  // namespace

bool ScoreCandidate(Step& step, Evaluation& evaluation, Candidate& candidate) {
  const topology::Offer& offer = step.topology.offers[candidate.record.offer.value()];
  auto& factors = candidate.record.factors;
  factors[0] = Factor(step, evaluation, offer.propensity);
  factors[1] = Factor(step, evaluation, offer.value);
  factors[2] = Factor(step, evaluation, offer.context);
  factors[3] = Factor(step, evaluation, offer.lever);
  factors[4] = Number(step, candidate.cost);
  for (const Value& factor : factors) {
    if (!IsFiniteNumber(factor)) return false;
  }
  evaluation.factors = factors;
  const Value score = step.topology.score ? evaluation.Evaluate(*step.topology.score) : DefaultScore(factors);
  if (!IsFiniteNumber(score)) return false;
  candidate.record.score = score;
  return true;
}

}  // namespace antiphon::decision
