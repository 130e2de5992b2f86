#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/pattern/pattern.h"
#include "state/base/time.h"
#include "state/model/scalar.h"

namespace antiphon::pattern {

using PlaceIndex = std::uint16_t;

// The two places without edges: a run that arrives at kEnd is complete, a run from which kStop is in reach ends.
inline constexpr PlaceIndex kEnd = 0;
inline constexpr PlaceIndex kStop = 1;
inline constexpr StepNumber kNoStep = 0xFFFF;

enum class EdgeKind : std::uint8_t { kTake, kIgnore, kGo };

// A guard is an "and" of clauses, a clause an "or" of literals. `condition` counts in CompiledPattern::conditions.
struct Literal {
  std::uint16_t condition = 0;
  bool negated = false;
  bool ends_clause = true;
};

struct Edge {
  EdgeKind kind = EdgeKind::kGo;
  PlaceIndex target = kEnd;
  std::uint32_t literal_first = 0;
  std::uint32_t literal_count = 0;  // 0: always
};

struct Place {
  StepNumber step = kNoStep;  // whose event its take edges take
  std::uint32_t edge_first = 0;
  std::uint32_t edge_count = 0;
  std::optional<Milliseconds> within_previous;  // a run that stands here is due that long after the last event it took
  bool checks_previous = false;                 // and an event may be taken from here before that only, however the run got here
  bool complete_when_due = false;               // an absence at the end: a run whose time is up here is a match
};

// CompiledPattern: the places and edges of a pattern that was found correct. Immutable; shared by all customers.
// Source: the places of docs/patterns.md, "How a run moves".
struct CompiledPattern {
  std::vector<Place> places;      // [kEnd] and [kStop] have no edges
  std::vector<Edge> edges;        // of one place after the other
  std::vector<Literal> literals;  // of one guard after the other
  PlaceIndex start = kEnd;
  std::optional<Milliseconds> within;
  AfterMatch after_match = AfterMatch::kNoSkip;
  StepNumber skip_to = kNoStep;
  bool may_repeat_itself = false;  // two runs of one customer may become equal (a repeated group)
  bool tells_by_clock = false;     // some place is complete when due

  std::vector<ConditionId> conditions;  // every condition of the pattern, once
  std::vector<std::string> step_names;  // by step number
  std::vector<CaptureSpec> captures;    // as in the spec: a run's captures are in this order
  std::vector<state::Scalar> captures_initial;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> captures_of_step;  // by step number: [first, last) in capture_order
  std::vector<std::uint32_t> capture_order;

  [[nodiscard]] std::span<const Edge> EdgesOf(PlaceIndex place) const {
    return std::span(edges).subspan(places[place].edge_first, places[place].edge_count);
  }
  [[nodiscard]] std::span<const Literal> LiteralsOf(const Edge& edge) const {
    return std::span(literals).subspan(edge.literal_first, edge.literal_count);
  }
};

}  // namespace antiphon::pattern
