#pragma once

#include <cstdint>
#include <vector>

#include "state/base/time.h"
#include "state/model/ids.h"
#include "state/model/scalar.h"

namespace antiphon::state {

// One bucket of a windowed feature; what `value` means is the feature's operation: the sum, minimum or maximum of the bucket (ints as
// they are, doubles as their bits), or the hash of a distinct value (then `index` is the newest bucket that saw it).
struct FeatureBucket {
  std::uint32_t index = 0;  // grain or period number, engine/calendar/buckets.h; 0 without a window
  std::uint32_t count = 0;  // events in the bucket
  std::uint64_t value = 0;
  friend bool operator==(const FeatureBucket&, const FeatureBucket&) = default;
};

// A first or last value with the time of its event.
struct TimedScalar {
  std::uint32_t index = 0;
  EngineTime time{};
  Scalar value;
  friend bool operator==(const TimedScalar&, const TimedScalar&) = default;
};

// FeatureState: what is kept of one feature of one customer; absent until its first event. Which of the parts are used depends on the
// feature's operation (engine/decision/feature_updater.h). Source: docs/windows.md.
// Invariant: buckets ascend by index (by value for distinct), scalars by index.
struct FeatureState {
  FeatureId feature;
  std::uint32_t not_counted = 0;  // values that did not fit: a sum that would overflow, a distinct beyond max_values
  EngineTime newest{};            // time of the newest event that updated it
  std::vector<FeatureBucket> buckets;
  std::vector<TimedScalar> scalars;
  friend bool operator==(const FeatureState&, const FeatureState&) = default;
};

}  // namespace antiphon::state
