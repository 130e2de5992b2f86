#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/decision/permissions.h"
#include "engine/decision/step.h"

namespace antiphon::decision {

// How often a customer may be spoken to: gaps, exclusions and caps over the ledger. Source: docs/contact-policy.md.

// A place asked for: what would be said, when, and which contacts' places are free for it.
struct PlaceQuestion {
  Saying saying;
  EngineTime when{};
  std::span<const std::uint32_t> free;  // numbers of contacts, ascending: the one decided again, plans of the offer proposed
};

// The first rule, in the order written, that refuses the place; `until` is when its answer could change (for retry).
[[nodiscard]] Forbidden ExcludedBy(const Step& step, const PlaceQuestion& question);
[[nodiscard]] Forbidden TooCloseBy(const Step& step, const PlaceQuestion& question);
[[nodiscard]] Forbidden CapReached(const Step& step, const PlaceQuestion& question);

// The most contacts that count for `cap` in any window of it that contains `when`, without the free ones. O(contacts squared), few.
[[nodiscard]] std::uint32_t MostInAnyWindow(const Step& step, const topology::Cap& cap, const PlaceQuestion& question);

}  // namespace antiphon::decision
