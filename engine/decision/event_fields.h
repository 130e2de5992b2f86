#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/decision/step.h"
#include "engine/topology/events.h"

namespace antiphon::decision {

// The fields that a role reads from the event in hand. Empty, nothing or the default where the record has none, or another kind.
[[nodiscard]] expression::Value RoleValue(const Step& step, topology::RoleField field);
[[nodiscard]] std::string_view RoleText(const Step& step, topology::RoleField field);
[[nodiscard]] std::optional<bool> RoleBool(const Step& step, topology::RoleField field);
[[nodiscard]] std::optional<std::int64_t> RoleInt(const Step& step, topology::RoleField field);

// The channel named by the event; none, and counted as an unknown word, if the topology does not have it. An empty or absent name is none.
[[nodiscard]] state::ChannelId RoleChannel(Step& step);

// The language that a request asks for; none where it names none, or one that the topology does not have.
[[nodiscard]] state::LanguageId AskedLanguage(const topology::Topology& topology, const Event& request);

// Who acted, from actor.kind, actor.id and actor.branch; the system where nobody is named.
[[nodiscard]] state::Actor RoleActor(const Step& step);

}  // namespace antiphon::decision
