#pragma once

#include <cstddef>

namespace antiphon::decision {

// How often this program asked operator new for memory. A program that links counted_allocations.cc has the counting operators.
[[nodiscard]] std::size_t AllocationCount();

}  // namespace antiphon::decision
