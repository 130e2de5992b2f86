#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/topology/map_reader.h"
#include "engine/topology/scopes.h"
#include "engine/topology/trigger_loader.h"

namespace antiphon::topology {

// Reads all offers and their treatments, and the score; tells `triggers` which values of their moments are read.
void LoadOffers(Loading& loading, Scopes& scopes, TriggerLoader& triggers);

// A text with `{{ expression }}`, compiled. `node` holds the text. Nothing if a part of it was refused.
[[nodiscard]] std::optional<Template> CompileTemplate(Loading& loading, const YamlNode& node, const expression::Declarations& scope);

// What is written, by language: a text is in the default language. `as_file`: it names files (or does by its looks).
enum class TextForm : std::uint8_t { kTemplate, kScript, kFile };
[[nodiscard]] std::vector<std::optional<Template>> ReadTexts(Loading& loading, const YamlNode& node, TextForm form,
                                                             const expression::Declarations& scope);

}  // namespace antiphon::topology
