#pragma once

#include <cstdint>

namespace antiphon::runtime {

// The meaning of inputs: raised when the same topology, state and inputs would give other decisions, contacts or state than before.
// Journals carry it; a journal of another one is refused, or announced under --force. Source: docs/time-and-determinism.md, "Versions".
inline constexpr std::uint32_t kSemanticsVersion = 3;

}  // namespace antiphon::runtime
