#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/calendar/buckets.h"
#include "engine/calendar/calendar_period.h"
#include "engine/expression/program.h"
#include "engine/topology/events.h"
#include "state/model/ids.h"
#include "state/model/scalar.h"

namespace antiphon::topology {

enum class FeatureOp : std::uint8_t { kCount, kSum, kMin, kMax, kAvg, kFirst, kLast, kDistinct, kTimeSince, kSessions };

// What updates a feature, one for each event type that it names.
struct FeatureInput {
  EventTypeIndex event_type = 0;
  std::optional<expression::Program> where;
  std::optional<expression::Program> value;  // none for count, time_since and sessions
};

// A feature: a value kept per customer and updated by events. Source: docs/windows.md.
struct Feature {
  std::string name;
  std::string about;
  FeatureOp op = FeatureOp::kCount;
  bool floating = false;  // sum, min, max, avg: doubles rather than ints
  expression::Type type;  // of `features.name`
  std::string unit;       // of its value: "CZK:2" or empty
  std::vector<FeatureInput> inputs;
  std::optional<calendar::BucketGrid> rolling;          // over, grain
  std::int64_t buckets = 0;                             // rolling: how many
  std::optional<calendar::PeriodGrid> calendar_period;  // per: calendar day|week|month
  Milliseconds gap{0};                                  // sessions
  std::uint32_t values_max = 64;                        // distinct
  state::Scalar default_value;                          // absent if there is none
  bool previous_is_read = false;                        // some expression reads `.previous`
  std::string definition;                               // canonical text: a change of it is another feature
};

// The first matching class of a customer in a named scheme.
struct SegmentScheme {
  struct Class {
    std::string name;
    std::string about;
    expression::Program when;
  };
  std::string name;
  std::string about;
  std::vector<Class> classes;  // in the order written; the first that matches
  bool tracked = false;        // since() is asked of it, or `on change`: its class is kept with its time
};

// A field of the customer's profile: the last value that an event gave it.
struct ProfileFieldDefinition {
  struct Input {
    EventTypeIndex event_type = 0;
    std::optional<expression::Program> where;
    std::uint16_t field = 0;  // position among the fields of the event type; an event without it leaves the profile as it is
  };
  std::string name;
  FieldType type = FieldType::kString;
  std::string unit;
  std::vector<Input> inputs;
};

// What opens or closes a holding of a product.
struct HoldingRule {
  EventTypeIndex event_type = 0;
  bool opens = true;
  std::optional<expression::Program> where;
  std::uint16_t product_field = kNoField;  // or a product named outright
  state::ProductId product = state::kNone<state::ProductId>;
  std::uint16_t account_field = kNoField;  // none: one holding per product
};

}  // namespace antiphon::topology
