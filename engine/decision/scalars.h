#pragma once

#include "engine/expression/value.h"
#include "state/model/scalar.h"

namespace antiphon::decision {

// A kept value as an expression reads it. A text points into `scalar`.
[[nodiscard]] expression::Value ToValue(const state::Scalar& scalar);

// An expression's value as a record keeps it; lists, maps and other kinds that records do not keep become absent. A time is cut off to the
// millisecond.
[[nodiscard]] state::Scalar ToScalar(const expression::Value& value);

}  // namespace antiphon::decision
