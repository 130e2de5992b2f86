#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/expression/value.h"
#include "services/tools/json_out.h"
#include "state/model/scalar.h"

namespace antiphon::tools {

// A value as an operator reads it: 42, "text", 1234.50 CZK (an int of minor units with the unit "CZK:2"), 2026-03-01T09:00:00.000Z, 3d,
// ["a", "b"], {"k": 1}, absent, error: division by zero. `unit`: of the number, or empty.
[[nodiscard]] std::string ValueText(const expression::Value& value, std::string_view unit = {});
[[nodiscard]] std::string ScalarText(const state::Scalar& value, std::string_view unit = {});

// The same as JSON: money stays an int of minor units, times and durations are texts, absent and errors are null.
void WriteValue(JsonOut& json, const expression::Value& value);

// "1234.50" for 123450 and 2.
[[nodiscard]] std::string MoneyText(std::int64_t minor, unsigned scale);

}  // namespace antiphon::tools
