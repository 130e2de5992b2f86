#pragma once

#include <optional>
#include <string_view>

#include "state/model/contact.h"

namespace antiphon::decision {

// The words of records, events and topologies for the lists of state/model/contact.h.
[[nodiscard]] std::string_view StatusName(state::ContactStatus status);
[[nodiscard]] std::optional<state::ContactStatus> ParseStatus(std::string_view word);
[[nodiscard]] std::string_view ClassName(state::ContactClass contact_class);
[[nodiscard]] std::optional<state::ContactClass> ParseClass(std::string_view word);
[[nodiscard]] std::string_view DirectionName(state::Direction direction);
[[nodiscard]] std::optional<state::Direction> ParseDirection(std::string_view word);
[[nodiscard]] std::string_view ActorKindName(state::ActorKind kind);
[[nodiscard]] std::optional<state::ActorKind> ParseActorKind(std::string_view word);

}  // namespace antiphon::decision
