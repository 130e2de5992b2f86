#include "engine/decision/feature_values.h"

#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "tests/unit/decision/support.h"

namespace antiphon::decision {
namespace {

using expression::Kind;
using expression::Value;
using topology::FeatureOp;
using topology::MakeSlot;
using topology::SlotKind;

constexpr std::int64_t kHourMs = 3'600'000;

// One event type with an int field `n` and one feature over it.
struct FeatureBench : Bench {
  FeatureBench(FeatureOp op, std::int64_t buckets) {
    topology::EventType type;
    type.name = type.name_in_log = "e";
    topology::EventField field;
    field.name = "n";
    field.type = topology::FieldType::kInt;
    type.fields.push_back(std::move(field));
    type.role_fields.fill(topology::kNoField);
    topology.event_types.push_back(std::move(type));
    expression::Declarations scope;
    scope.AddVariable("event.n", {expression::Type::Int(), MakeSlot(SlotKind::kEventField, 0), ""});
    topology::Feature feature;
    feature.name = "f";
    feature.op = op;
    feature.previous_is_read = true;
    feature.inputs.push_back({.event_type = 0, .where = std::nullopt, .value = expression::Compile("event.n", scope).value()});
    if (buckets > 0) {
      feature.rolling = calendar::BucketGrid::Create(calendar::Zone(), std::chrono::hours{1}).value();
      feature.buckets = buckets;
    }
    topology.features.push_back(std::move(feature));
    topology.event_plans.resize(1);
    topology.event_plans[0].features.push_back({0, 0});
  }

  void Apply(EngineTime time, std::int64_t n, EngineTime now) {
    const Value fields[] = {Value::Int(n)};
    const Event event{.type = 0, .time = time, .source = "s", .id = "i", .customer = "C1", .fields = fields};
    Step step = StepAt(now);
    step.event = &event;
    UpdateFeatures(step);
  }
  void Apply(EngineTime time, std::int64_t n) { Apply(time, n, time); }

  [[nodiscard]] Value ValueAt(EngineTime now) { return FeatureValue(StepAt(now), state::FeatureId{0}); }
};

TEST(FeatureValuesTest, CountAndSumOfNothingAreZeroTheOthersAbsent) {
  for (const FeatureOp op : {FeatureOp::kCount, FeatureOp::kSum, FeatureOp::kDistinct, FeatureOp::kSessions}) {
    EXPECT_EQ(FeatureBench(op, 3).ValueAt(Ms(0)).as_int(), 0);
  }
  for (const FeatureOp op :
       {FeatureOp::kMin, FeatureOp::kMax, FeatureOp::kAvg, FeatureOp::kFirst, FeatureOp::kLast, FeatureOp::kTimeSince}) {
    EXPECT_TRUE(FeatureBench(op, 3).ValueAt(Ms(0)).is(Kind::kAbsent));
  }
}

TEST(FeatureValuesTest, TheDefaultStandsWhereThereIsNoValue) {
  FeatureBench bench(FeatureOp::kLast, 0);
  bench.topology.features[0].default_value = std::int64_t{7};
  EXPECT_EQ(bench.ValueAt(Ms(0)).as_int(), 7);
  bench.Apply(Ms(0), 9);
  EXPECT_EQ(bench.ValueAt(Ms(1)).as_int(), 9);
}

TEST(FeatureValuesTest, ARollingWindowForgetsWholeBuckets) {
  FeatureBench bench(FeatureOp::kSum, 2);
  bench.Apply(Ms(0), 5);  // the epoch's second day begins on a full hour
  EXPECT_EQ(bench.ValueAt(Ms(2 * kHourMs - 1)).as_int(), 5);
  EXPECT_EQ(bench.ValueAt(Ms(2 * kHourMs)).as_int(), 0);
}

TEST(FeatureValuesTest, ALateEventLandsInTheBucketOfItsOwnTime) {
  FeatureBench bench(FeatureOp::kSum, 2);
  bench.Apply(Ms(kHourMs), 1);
  bench.Apply(Ms(0), 10, Ms(kHourMs));
  EXPECT_EQ(bench.ValueAt(Ms(kHourMs)).as_int(), 11);
  EXPECT_EQ(bench.ValueAt(Ms(2 * kHourMs)).as_int(), 1);
}

TEST(FeatureValuesTest, AnOlderEventDoesNotReplaceTheLast) {
  FeatureBench bench(FeatureOp::kLast, 0);
  bench.Apply(Ms(10), 1);
  bench.Apply(Ms(5), 2, Ms(10));
  EXPECT_EQ(bench.ValueAt(Ms(11)).as_int(), 1);
}

TEST(FeatureValuesTest, ASumThatWouldOverflowKeepsItsValueAndIsCounted) {
  FeatureBench bench(FeatureOp::kSum, 3);
  bench.Apply(Ms(0), std::numeric_limits<std::int64_t>::max());
  bench.Apply(Ms(kHourMs), 1);
  EXPECT_EQ(bench.ValueAt(Ms(kHourMs)).as_int(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(bench.effects.counters[static_cast<std::size_t>(Counter::kFeatureValuesKept)], 1U);
}

TEST(FeatureValuesTest, DistinctStaysAtItsBoundAndIsCounted) {
  FeatureBench bench(FeatureOp::kDistinct, 2);
  bench.topology.features[0].values_max = 2;
  for (const std::int64_t value : {1, 2, 3, 2}) bench.Apply(Ms(0), value);
  EXPECT_EQ(bench.ValueAt(Ms(0)).as_int(), 2);
  EXPECT_EQ(bench.effects.counters[static_cast<std::size_t>(Counter::kFeatureValuesKept)], 1U);
  bench.Apply(Ms(2 * kHourMs), 4);  // the old ones are out of the window: there is room again
  EXPECT_EQ(bench.ValueAt(Ms(2 * kHourMs)).as_int(), 1);
}

TEST(FeatureValuesTest, PreviousIsTheValueBeforeTheEvent) {
  FeatureBench bench(FeatureOp::kSum, 2);
  bench.Apply(Ms(0), 5);
  bench.Apply(Ms(1), 6);
  ASSERT_EQ(bench.scratch->previous.size(), 1U);
  EXPECT_EQ(std::get<std::int64_t>(bench.scratch->previous[0].value), 5);
}

TEST(FeatureValuesTest, SessionsBeginAfterAGap) {
  FeatureBench bench(FeatureOp::kSessions, 24);
  bench.topology.features[0].gap = std::chrono::minutes{30};
  bench.Apply(Ms(0), 0);
  bench.Apply(Ms(kHourMs / 2), 0);  // exactly the gap: the same session
  bench.Apply(Ms(kHourMs + 1), 0);
  EXPECT_EQ(bench.ValueAt(Ms(kHourMs + 1)).as_int(), 2);
}

// Against a list of all events, for each operation.
struct Past {
  std::int64_t time;
  std::int64_t n;
};

std::optional<std::int64_t> Naive(FeatureOp op, const std::vector<Past>& past, std::int64_t now, std::int64_t buckets) {
  std::vector<Past> in;
  for (const Past& one : past) {
    const std::int64_t bucket = one.time / kHourMs;
    if (bucket > now / kHourMs - buckets && bucket <= now / kHourMs) in.push_back(one);
  }
  std::int64_t sum = 0;
  std::set<std::int64_t> values;
  for (const Past& one : in) {
    sum += one.n;
    values.insert(one.n);
  }
  switch (op) {
    case FeatureOp::kCount:
      return static_cast<std::int64_t>(in.size());
    case FeatureOp::kSum:
      return sum;
    case FeatureOp::kDistinct:
      return static_cast<std::int64_t>(values.size());
    case FeatureOp::kMin:
      return in.empty() ? std::nullopt : std::optional(*values.begin());
    case FeatureOp::kMax:
      return in.empty() ? std::nullopt : std::optional(*values.rbegin());
    case FeatureOp::kFirst:
      if (in.empty()) return std::nullopt;
      return std::min_element(in.begin(), in.end(), [](const Past& a, const Past& b) { return a.time < b.time; })->n;
    default:
      break;
  }
  return std::nullopt;
}

TEST(FeatureValuesTest, AgreesWithTheListOfAllEvents) {
  EXPECT_TRUE(rc::check("windows over events in any order of time", [] {
    const FeatureOp op =
        *rc::gen::element(FeatureOp::kCount, FeatureOp::kSum, FeatureOp::kDistinct, FeatureOp::kMin, FeatureOp::kMax, FeatureOp::kFirst);
    const auto buckets = *rc::gen::inRange<std::int64_t>(1, 6);
    FeatureBench bench(op, buckets);
    std::vector<Past> past;
    std::int64_t now = 0;
    const auto count = *rc::gen::inRange(0, 30);
    for (int i = 0; i < count; ++i) {
      const auto moved = *rc::gen::inRange<std::int64_t>(-4 * kHourMs, 3 * kHourMs);
      const std::int64_t time = std::max<std::int64_t>(0, now + moved);
      now = std::max(now, time);
      const auto n = *rc::gen::inRange<std::int64_t>(-3, 4);
      bench.Apply(Ms(time), n, Ms(now));
      past.push_back({.time = time, .n = n});
      const Value value = bench.ValueAt(Ms(now));
      const auto expected = Naive(op, past, now, buckets);
      RC_ASSERT(value.is(Kind::kInt) == expected.has_value());
      if (expected) RC_ASSERT(value.as_int() == *expected);
    }
  }));
}

}  // namespace
}  // namespace antiphon::decision
