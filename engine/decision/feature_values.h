#pragma once

#include "engine/decision/step.h"
#include "engine/expression/value.h"
#include "engine/topology/features.h"
#include "state/model/feature_state.h"

namespace antiphon::decision {

// The value of a feature at `now`, its default included; absent if it has none. `state` is nullptr before its first event.
// A text points into the state or the topology. O(buckets). Source: docs/windows.md, "Features".
[[nodiscard]] expression::Value FeatureValueAt(const topology::Feature& feature, const state::FeatureState* state, EngineTime now);

// The same, of the step's customer, now.
[[nodiscard]] expression::Value FeatureValue(const Step& step, state::FeatureId id);

// Updates the features that the event in hand touches, and keeps their values before it where somebody reads `.previous`.
// REQUIRES: step.event is there.
void UpdateFeatures(Step& step);

}  // namespace antiphon::decision
