#include "engine/decision/words.h"

#include <array>
#include <cstddef>

#include "engine/decision/effects.h"

namespace antiphon::decision {
namespace {

// The words of an enum whose values count from 0; an empty word is no value.
constexpr std::array<std::string_view, 16> kStatuses{"none",        "planned",   "withheld",  "proposed", "presented", "released",
                                                     "sent",        "delivered", "seen",      "clicked",  "accepted",  "declined",
                                                     "no_response", "failed",    "cancelled", "expired"};
constexpr std::array<std::string_view, 5> kClasses{"", "marketing", "advice", "service", "mandatory"};
constexpr std::array<std::string_view, 3> kDirections{"", "outbound", "inbound"};
constexpr std::array<std::string_view, 5> kActorKinds{"", "system", "agent", "manager", "customer"};
constexpr std::array<std::string_view, kStageCount> kStages{
    "paused", "validity", "eligible", "applicable", "suitable", "treatment", "reachable", "consent", "suppression", "exclusion", "cooldown",
    "gap",    "cap",      "schedule", "capacity",   "template", "error",     "outranked", "control", "holdout",     "chosen"};
constexpr std::array<std::string_view, 6> kCauses{"moment", "request", "due", "retry", "response", "recorded"};
constexpr std::array<std::string_view, static_cast<std::size_t>(Counter::kCount)> kCounters{
    "late_for_patterns",
    "runs_refused",
    "backfill_matches",
    "backfill_requests",
    "moments_opened",
    "moments_held_back",
    "moments_expired",
    "moments_crowded_out",
    "moments_expired_unseen",
    "feature_values_kept",
    "orphan_responses",
    "status_changes_refused",
    "responses_noted",
    "unknown_response_codes",
    "caps_broken_from_outside",
    "unknown_words",
    "deferred",
};

template <typename Enum, std::size_t kSize>
std::optional<Enum> Parse(const std::array<std::string_view, kSize>& words, std::string_view word) {
  for (std::size_t i = 0; i < kSize; ++i) {
    if (!word.empty() && words.at(i) == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <typename Enum, std::size_t kSize>
std::string_view Name(const std::array<std::string_view, kSize>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}

}  // namespace

std::string_view StatusName(state::ContactStatus status) { return Name(kStatuses, status); }
std::optional<state::ContactStatus> ParseStatus(std::string_view word) { return Parse<state::ContactStatus>(kStatuses, word); }
std::string_view ClassName(state::ContactClass contact_class) { return Name(kClasses, contact_class); }
std::optional<state::ContactClass> ParseClass(std::string_view word) { return Parse<state::ContactClass>(kClasses, word); }
std::string_view DirectionName(state::Direction direction) { return Name(kDirections, direction); }
std::optional<state::Direction> ParseDirection(std::string_view word) { return Parse<state::Direction>(kDirections, word); }
std::string_view ActorKindName(state::ActorKind kind) { return Name(kActorKinds, kind); }
std::optional<state::ActorKind> ParseActorKind(std::string_view word) { return Parse<state::ActorKind>(kActorKinds, word); }

std::string_view StageName(Stage stage) { return Name(kStages, stage); }
std::string_view CauseKindName(CauseKind kind) { return Name(kCauses, kind); }
std::string_view CounterName(Counter counter) { return Name(kCounters, counter); }

void Effects::Clear() {
  decisions.clear();
  contacts.clear();
  outbound.clear();
  counters.fill(0);
  failures.clear();
}

}  // namespace antiphon::decision
