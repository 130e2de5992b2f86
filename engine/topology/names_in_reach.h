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
enum class NameList : std::uint8_t {
  kProducts,
  kPurposes,
  kChannels,
  kSuppressions,
  kSchemes,
  kCampaigns,
  kOffers,
  kIssues,  // the last three: as offers have them
  kGroups,
  kOfferProducts,
};
inline constexpr std::size_t kNameLists = 10;

// Gives a sorted list, which must outlive the declarations. Asked when an expression is compiled: the list may be filled until then.
using NameLists = std::function<const std::vector<std::string>&(NameList)>;

// now, customer.*.
void DeclareCustomer(const Topology& topology, const NameLists& names, expression::Declarations& scope);

// features.x and features.x.previous.
void DeclareFeature(const Topology& topology, std::uint32_t feature, expression::Declarations& scope);
void DeclareFeaturePrevious(const Topology& topology, std::uint32_t feature, expression::Declarations& scope);

// segments.x.
void DeclareSegment(const Topology& topology, std::uint32_t scheme, expression::Declarations& scope);

// What is found in expressions about contacts while they are compiled.
struct ContactFindings {
  std::function<void(std::string_view scheme)> on_since;  // since("..")
  // A filter asks for an offer, issue, group or product (`what`) that no offer of the topology has: those of other systems may have it.
  std::function<void(std::string_view what, const expression::EntryLiteral& entry, const std::vector<std::string>& known)> on_foreign;
};

// contacts.*, since(). In a filter that is written out, unknown keys and unknown channels, campaigns, classes, directions and statuses are
// mistakes. Either finding may be left out.
void DeclareContacts(const NameLists& names, ContactFindings findings, expression::Declarations& scope);

// event.* of the type.
void DeclareEvent(const Topology& topology, EventTypeIndex type, expression::Declarations& scope);

// The type of an event's field in expressions, and its unit.
[[nodiscard]] ValueType TypeOfField(const EventField& field);
[[nodiscard]] std::string UnitOf(std::string_view currency, std::uint8_t scale);

}  // namespace antiphon::topology
