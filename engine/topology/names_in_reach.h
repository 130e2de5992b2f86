#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/declarations.h"
#include "engine/topology/loading.h"
#include "engine/topology/topology.h"

// What each kind of name declares to expressions; scopes.h says at which stage of a load, expression_scope.h gives them all of a loaded
// topology. Internal to this room. Source: docs/topology-reference.md, "Names".
namespace antiphon::topology {

// The lists of names that literals in expressions are held against.
enum class NameList : std::uint8_t { kProducts, kPurposes, kChannels, kSuppressions, kSchemes };

// Gives a sorted list, which must outlive the declarations. Asked when an expression is compiled: the list may be filled until then.
using NameLists = std::function<const std::vector<std::string>&(NameList)>;

// now, customer.*.
void DeclareCustomer(const Topology& topology, const NameLists& names, expression::Declarations& scope);

// features.x and features.x.previous.
void DeclareFeature(const Topology& topology, std::uint32_t feature, expression::Declarations& scope);
void DeclareFeaturePrevious(const Topology& topology, std::uint32_t feature, expression::Declarations& scope);

// segments.x.
void DeclareSegment(const Topology& topology, std::uint32_t scheme, expression::Declarations& scope);

// contacts.*, since(). `on_since` hears the scheme of every since("..") that is compiled.
void DeclareContacts(const NameLists& names, std::function<void(std::string_view)> on_since, expression::Declarations& scope);

// event.* of the type.
void DeclareEvent(const Topology& topology, EventTypeIndex type, expression::Declarations& scope);

// The type of an event's field in expressions, and its unit.
[[nodiscard]] ValueType TypeOfField(const EventField& field);
[[nodiscard]] std::string UnitOf(std::string_view currency, std::uint8_t scale);

}  // namespace antiphon::topology
