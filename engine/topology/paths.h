#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/topology/events.h"
#include "engine/topology/map_reader.h"

// Types and places of fields, as operators write them. Internal to this room.
namespace antiphon::topology {

// "a.b" -> a, b. REQUIRES: no empty part.
[[nodiscard]] std::vector<std::string> SplitDots(std::string_view text);

// Letters, digits and '_', not beginning with a digit; parts divided by dots.
[[nodiscard]] bool IsName(std::string_view text);

// A JSON pointer ("/payload/betrag", with ~0 and ~1) or a name with dots ("payload.betrag"); reports what is neither.
[[nodiscard]] std::optional<std::vector<std::string>> ReadPath(Loading& loading, const YamlNode& node, std::string_view what);

// "string", "decimal(2)", "list(string)", ..
void ReadFieldType(Loading& loading, const YamlNode& node, EventField& field);
[[nodiscard]] std::string FieldTypeName(FieldType type, std::uint8_t scale = 0);

// `currency` of a decimal.
void ReadCurrency(Loading& loading, MapReader& reader, EventField& field);

}  // namespace antiphon::topology
