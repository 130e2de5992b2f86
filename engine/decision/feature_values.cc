#include "engine/decision/feature_values.h"

#include <bit>
#include <cmath>
#include <limits>

#include "engine/decision/evaluation.h"
#include "engine/decision/scalars.h"
#include "state/base/hash.h"

namespace antiphon::decision {
namespace {

using expression::Kind;
using expression::Value;
using state::FeatureBucket;
using state::FeatureState;
using topology::Feature;
using topology::FeatureOp;

// The buckets that count at one time: [first, last].
struct BucketRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

std::uint32_t Clamp(std::int64_t index) { return index < 0 ? 0U : static_cast<std::uint32_t>(index); }

std::uint32_t BucketAt(const Feature& feature, EngineTime time) {
  if (feature.rolling) return Clamp(feature.rolling->Of(time));
  if (feature.calendar_period) return Clamp(feature.calendar_period->Of(time));
  return 0;
}

BucketRange RangeAt(const Feature& feature, EngineTime now) {
  const std::uint32_t last = BucketAt(feature, now);
  if (!feature.rolling) return {.first = last, .last = last};
  return {.first = Clamp(std::int64_t{last} - feature.buckets + 1), .last = last};
}

double AsDouble(std::uint64_t bits) { return std::bit_cast<double>(bits); }
std::int64_t AsInt(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }

__extension__ using Int128 = __int128;

// Totals of the buckets in range. A sum of ints is kept wide: buckets of both signs may leave 64 bits on the way.
struct Totals {
  std::uint64_t count = 0;
  Int128 sum = 0;
  double sum_floating = 0;
};

Totals TotalsOf(const Feature& feature, const FeatureState& state, BucketRange range) {
  Totals totals;
  for (auto bucket = state.buckets.rbegin(); bucket != state.buckets.rend() && bucket->index >= range.first; ++bucket) {
    if (bucket->index > range.last) continue;
    totals.count += bucket->count;
    if (feature.floating) {
      totals.sum_floating += AsDouble(bucket->value);
    } else {
      totals.sum += AsInt(bucket->value);
    }
  }
  return totals;
}

std::optional<std::int64_t> Narrow(Int128 sum) {
  if (sum > std::numeric_limits<std::int64_t>::max() || sum < std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return static_cast<std::int64_t>(sum);
}

Value SumOf(const Feature& feature, const Totals& totals) {
  if (feature.floating) return Value::Double(totals.sum_floating);
  const auto sum = Narrow(totals.sum);
  return sum ? Value::Int(*sum) : Value::Absent();
}

Value AverageOf(const Feature& feature, const Totals& totals) {
  if (totals.count == 0) return Value::Absent();
  const double sum = feature.floating ? totals.sum_floating : static_cast<double>(totals.sum);
  return Value::Double(sum / static_cast<double>(totals.count));
}

bool Better(const Feature& feature, std::uint64_t candidate, std::uint64_t than) {
  const bool less = feature.floating ? AsDouble(candidate) < AsDouble(than) : AsInt(candidate) < AsInt(than);
  const bool more = feature.floating ? AsDouble(than) < AsDouble(candidate) : AsInt(than) < AsInt(candidate);
  return feature.op == FeatureOp::kMin ? less : more;
}

Value ExtremeOf(const Feature& feature, const FeatureState& state, BucketRange range) {
  const FeatureBucket* best = nullptr;
  for (const FeatureBucket& bucket : state.buckets) {
    if (bucket.index < range.first || bucket.index > range.last) continue;
    if (best == nullptr || Better(feature, bucket.value, best->value)) best = &bucket;
  }
  if (best == nullptr) return Value::Absent();
  return feature.floating ? Value::Double(AsDouble(best->value)) : Value::Int(AsInt(best->value));
}

Value DistinctOf(const FeatureState& state, BucketRange range) {
  std::int64_t count = 0;
  for (const FeatureBucket& bucket : state.buckets) count += bucket.index >= range.first && bucket.index <= range.last ? 1 : 0;
  return Value::Int(count);
}

Value ScalarIn(const FeatureState& state, BucketRange range, bool first) {
  const state::TimedScalar* found = nullptr;
  for (const state::TimedScalar& kept : state.scalars) {
    if (kept.index < range.first || kept.index > range.last) continue;
    found = &kept;
    if (first) break;
  }
  return found == nullptr ? Value::Absent() : ToValue(found->value);
}

Value ComputedValue(const Feature& feature, const FeatureState& state, EngineTime now) {
  if (feature.op == FeatureOp::kTimeSince) return Value::DurationMs((now - state.newest).count());
  const BucketRange range = RangeAt(feature, now);
  switch (feature.op) {
    case FeatureOp::kCount:
    case FeatureOp::kSessions:
      return Value::Int(static_cast<std::int64_t>(TotalsOf(feature, state, range).count));
    case FeatureOp::kSum:
      return SumOf(feature, TotalsOf(feature, state, range));
    case FeatureOp::kAvg:
      return AverageOf(feature, TotalsOf(feature, state, range));
    case FeatureOp::kMin:
    case FeatureOp::kMax:
      return ExtremeOf(feature, state, range);
    case FeatureOp::kDistinct:
      return DistinctOf(state, range);
    case FeatureOp::kFirst:
    case FeatureOp::kLast:
      return ScalarIn(state, range, feature.op == FeatureOp::kFirst);
    case FeatureOp::kTimeSince:
      break;
  }
  return Value::Absent();
}

Value ValueOfNothing(const Feature& feature) {
  switch (feature.op) {
    case FeatureOp::kCount:
    case FeatureOp::kSessions:
    case FeatureOp::kDistinct:
      return Value::Int(0);
    case FeatureOp::kSum:
      return feature.floating ? Value::Double(0) : Value::Int(0);
    default:
      return Value::Absent();
  }
}

// ---- updates

FeatureBucket& BucketFor(FeatureState& state, std::uint32_t index) {
  auto& buckets = state.buckets;
  auto at = buckets.end();
  while (at != buckets.begin() && std::prev(at)->index > index) --at;  // late events are rare: from the end
  if (at != buckets.begin() && std::prev(at)->index == index) return *std::prev(at);
  return *buckets.insert(at, FeatureBucket{.index = index});
}

// Drops what no window will see again.
void Forget(FeatureState& state, std::uint32_t first) {
  const auto old = [first](const auto& item) { return item.index < first; };
  if (!state.buckets.empty() && state.buckets.front().index < first) std::erase_if(state.buckets, old);
  if (!state.scalars.empty() && state.scalars.front().index < first) std::erase_if(state.scalars, old);
}

void AddToSum(const Feature& feature, FeatureState& state, std::uint32_t index, BucketRange range, const Value& value) {
  if (feature.floating) {
    FeatureBucket& bucket = BucketFor(state, index);
    const double sum = (bucket.count == 0 ? 0.0 : AsDouble(bucket.value)) + value.as_double();
    if (!std::isfinite(sum)) {
      ++state.not_counted;
      return;
    }
    bucket.value = std::bit_cast<std::uint64_t>(sum);
    ++bucket.count;
    return;
  }
  const Totals totals = TotalsOf(feature, state, {.first = range.first, .last = std::numeric_limits<std::uint32_t>::max()});
  FeatureBucket& bucket = BucketFor(state, index);
  std::int64_t sum = 0;
  if (!Narrow(totals.sum + value.as_int()) || __builtin_add_overflow(AsInt(bucket.value), value.as_int(), &sum)) {
    ++state.not_counted;
    return;
  }
  bucket.value = static_cast<std::uint64_t>(sum);
  ++bucket.count;
}

void AddToExtreme(const Feature& feature, FeatureState& state, std::uint32_t index, const Value& value) {
  const std::uint64_t bits =
      feature.floating ? std::bit_cast<std::uint64_t>(value.as_double()) : static_cast<std::uint64_t>(value.as_int());
  FeatureBucket& bucket = BucketFor(state, index);
  if (bucket.count == 0 || Better(feature, bits, bucket.value)) bucket.value = bits;
  ++bucket.count;
}

std::uint64_t HashOf(const Value& value) {
  if (value.is(Kind::kString)) return HashBytes64(value.as_text());
  std::string bytes(1, static_cast<char>(value.kind()));
  const std::int64_t payload = value.is(Kind::kDouble) ? std::bit_cast<std::int64_t>(value.as_double()) : value.as_int();
  for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>((static_cast<std::uint64_t>(payload) >> shift) & 0xFFU);
  return HashBytes64(bytes);
}

// Buckets of a distinct feature are sorted by value; `index` is the newest bucket that saw it.
void AddDistinct(const Feature& feature, FeatureState& state, std::uint32_t index, BucketRange range, const Value& value) {
  const std::uint64_t hash = HashOf(value);
  auto& seen = state.buckets;
  auto at = std::lower_bound(seen.begin(), seen.end(), hash, [](const FeatureBucket& bucket, std::uint64_t h) { return bucket.value < h; });
  if (at != seen.end() && at->value == hash) {
    at->index = std::max(at->index, index);
    return;
  }
  if (seen.size() >= feature.values_max) {
    std::erase_if(seen, [range](const FeatureBucket& bucket) { return bucket.index < range.first; });
    if (seen.size() >= feature.values_max) {
      ++state.not_counted;
      return;
    }
    at = std::lower_bound(seen.begin(), seen.end(), hash, [](const FeatureBucket& bucket, std::uint64_t h) { return bucket.value < h; });
  }
  seen.insert(at, {.index = index, .count = 1, .value = hash});
}

void KeepScalar(const Feature& feature, FeatureState& state, std::uint32_t index, EngineTime time, const Value& value) {
  auto& kept = state.scalars;
  // `last` needs the newest alone, whatever the window; `first` the first of each bucket.
  if (feature.op == FeatureOp::kLast) {
    if (kept.empty()) kept.emplace_back();
    if (time < kept.front().time) return;
    kept.front() = {.index = index, .time = time, .value = ToScalar(value)};
    return;
  }
  auto at =
      std::lower_bound(kept.begin(), kept.end(), index, [](const state::TimedScalar& item, std::uint32_t i) { return item.index < i; });
  if (at == kept.end() || at->index != index) {
    kept.insert(at, {.index = index, .time = time, .value = ToScalar(value)});
  } else if (time < at->time) {
    *at = {.index = index, .time = time, .value = ToScalar(value)};
  }
}

void AddSession(const Feature& feature, FeatureState& state, std::uint32_t index, EngineTime time, bool first_event) {
  if (!first_event && time - state.newest <= feature.gap) return;
  ++BucketFor(state, index).count;
}

bool NeedsValue(FeatureOp op) { return op != FeatureOp::kCount && op != FeatureOp::kTimeSince && op != FeatureOp::kSessions; }

void Update(Step& step, const Feature& feature, FeatureState& state, bool first_event, const Value& value) {
  const Event& event = *step.event;
  const std::uint32_t index = BucketAt(feature, event.time);
  const BucketRange range = RangeAt(feature, step.time.now);
  if (feature.op != FeatureOp::kDistinct) Forget(state, range.first);
  const std::uint32_t not_counted = state.not_counted;
  if (index >= range.first || feature.op == FeatureOp::kTimeSince) {  // later than its window is long: it would never be seen
    switch (feature.op) {
      case FeatureOp::kCount:
        ++BucketFor(state, index).count;
        break;
      case FeatureOp::kSum:
      case FeatureOp::kAvg:
        AddToSum(feature, state, index, range, value);
        break;
      case FeatureOp::kMin:
      case FeatureOp::kMax:
        AddToExtreme(feature, state, index, value);
        break;
      case FeatureOp::kDistinct:
        AddDistinct(feature, state, index, range, value);
        break;
      case FeatureOp::kFirst:
      case FeatureOp::kLast:
        KeepScalar(feature, state, index, event.time, value);
        break;
      case FeatureOp::kSessions:
        AddSession(feature, state, index, event.time, first_event);
        break;
      case FeatureOp::kTimeSince:
        break;
    }
  }
  state.newest = first_event ? event.time : std::max(state.newest, event.time);
  step.effects.Count(Counter::kFeatureValuesKept, state.not_counted - not_counted);
}

}  // namespace

Value FeatureValueAt(const Feature& feature, const FeatureState* state, EngineTime now) {
  const Value value = state == nullptr ? ValueOfNothing(feature) : ComputedValue(feature, *state, now);
  return value.is(Kind::kAbsent) ? ToValue(feature.default_value) : value;
}

Value FeatureValue(const Step& step, state::FeatureId id) {
  const FeatureState* state = FindSorted(step.customer.features, &FeatureState::feature, id);
  return FeatureValueAt(step.topology.features[id.value()], state, step.time.now);
}

void UpdateFeatures(Step& step) {
  step.scratch.previous.clear();
  const Evaluation evaluation(step);
  for (const topology::EventPlan::Use use : step.topology.event_plans[step.event->type].features) {
    const Feature& feature = step.topology.features[use.definition];
    const topology::FeatureInput& input = feature.inputs[use.input];
    if (input.where && !evaluation.Holds(*input.where)) continue;
    Value value;
    if (NeedsValue(feature.op)) {
      if (!input.value) continue;
      value = evaluation.Evaluate(*input.value);
      if (value.is(Kind::kAbsent) || value.is(Kind::kNull)) continue;
      if (feature.floating && value.is(Kind::kInt)) value = Value::Double(static_cast<double>(value.as_int()));
    }
    const state::FeatureId id{use.definition};
    if (feature.previous_is_read) step.scratch.previous.push_back({.feature = id, .value = ToScalar(FeatureValue(step, id))});
    const std::size_t known = step.customer.features.size();
    FeatureState& state = FindOrInsertSorted(step.customer.features, &FeatureState::feature, id);
    Update(step, feature, state, step.customer.features.size() != known, value);
  }
}

}  // namespace antiphon::decision
