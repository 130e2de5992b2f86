#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "state/base/time.h"

namespace antiphon::state {

// Scalar: one owned value as a customer's record keeps it (a profile field, a captured field of an event, a feature's last value).
// The order of the alternatives is part of the stored form (state/store/codec.h): new ones go to the end.
// Money is an int of minor units. Timestamps and durations are kept to the millisecond.
using Scalar = std::variant<std::monostate,  // absent
                            bool, std::int64_t, double, std::string, EngineTime, Milliseconds>;

[[nodiscard]] inline bool IsAbsent(const Scalar& value) { return std::holds_alternative<std::monostate>(value); }

}  // namespace antiphon::state
