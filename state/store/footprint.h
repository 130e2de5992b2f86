#pragma once

#include <cstddef>

#include "state/model/customer_state.h"

namespace antiphon::store {

// An estimate of the memory that hangs on a decoded record (the capacities of its vectors and texts), the object itself not included.
[[nodiscard]] std::size_t HeapBytes(const state::CustomerState& customer);

}  // namespace antiphon::store
