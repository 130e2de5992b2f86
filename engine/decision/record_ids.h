#pragma once

#include <cstdint>
#include <string_view>

#include "engine/decision/effects.h"
#include "state/base/hash.h"

namespace antiphon::decision {

// Ids are functions of what they stand for, so that a redelivered input cannot make a second contact. Source: docs/records.md, "Ids".

// `first_trigger` is the id of the first moment's trigger, or empty; `ordinal` counts the customer's decisions at `time` from 0, so no two
// ids of a customer are made of the same parts.
[[nodiscard]] Hash128 MakeDecisionId(std::string_view customer, const Cause& cause, std::string_view first_trigger, EngineTime time,
                                     std::uint32_t ordinal);
[[nodiscard]] Hash128 MakeContactId(const Hash128& decision_id, std::string_view offer, std::string_view channel, std::uint32_t ordinal);
// Of a contact that another system made and named.
[[nodiscard]] Hash128 ForeignContactId(std::string_view id);

// The id that a record or event writes: 32 hexadecimal digits for one of ours, any other text for a foreign one.
[[nodiscard]] Hash128 ParseContactId(std::string_view text);

}  // namespace antiphon::decision
