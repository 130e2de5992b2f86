#pragma once

#include <cstdint>
#include <string_view>

namespace antiphon::decision {

// Is the customer in the share of an experiment? A function of customer and salt alone: sticky, and computable for any past date.
// Parts per million; the hash is XXH3-128 of (salt, customer), its low half modulo a million. Source: docs/experiments.md.
[[nodiscard]] bool InShare(std::string_view customer, std::string_view salt, std::uint32_t share_ppm);

}  // namespace antiphon::decision
