#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "state/base/time.h"
#include "state/model/customer_state.h"
#include "state/store/dictionary.h"

// What stands under a customer's key, on disk and in a changelog alike. The due comes first, so that a due index can be kept up without
// reading the record.
//   row = due i64 little-endian, milliseconds, of the customer's first timer (INT64_MAX: none) | record, codec.h
namespace antiphon::store {

// The due of a customer without a timer.
inline constexpr EngineTime kNeverDue = EngineTime::max();

[[nodiscard]] inline EngineTime FirstDue(const state::CustomerState& customer) {
  return customer.timers.empty() ? kNeverDue : customer.timers.front().due;
}

// Appends the customer's row to `out`. As EncodeCustomer.
void EncodeRow(const state::CustomerState& customer, const SlotMap& map, std::string& out);

struct StoredRow {
  EngineTime due = kNeverDue;
  std::string_view record;  // into the row
};
// Nothing if the row is too short to be one.
[[nodiscard]] std::optional<StoredRow> SplitRow(std::string_view row);

}  // namespace antiphon::store
