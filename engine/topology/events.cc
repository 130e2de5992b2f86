#include "engine/topology/events.h"

#include <array>

namespace antiphon::topology {

const char* RoleFieldName(RoleField field) {
  static constexpr std::array<const char*, static_cast<std::size_t>(RoleField::kCount)> kNames = {
      "channel",    "purpose",   "granted",       "kind",   "good",       "contact_id", "direction",    "offer",
      "class",      "status",    "source_system", "code",   "actor.kind", "actor.id",   "actor.branch", "interaction_id",
      "request_id", "placement", "slots",         "intent", "language",   "reason",     "path",         "sensitive"};
  return kNames[static_cast<std::size_t>(field)];
}

}  // namespace antiphon::topology
