#pragma once

#include <cstdint>
#include <functional>

#include "state/model/customer_state.h"
#include "state/store/dictionary.h"

namespace antiphon::store {

// Visits the slots that a customer's record names, by index in the topology that it was read under; one that is named more than once is
// visited more than once. For whoever asks what it would mean to drop one. O(record).
using SlotVisitor = std::function<void(SlotKind kind, std::uint16_t index)>;
void VisitSlots(const state::CustomerState& customer, const SlotVisitor& visitor);

}  // namespace antiphon::store
