#include "engine/topology/expression_scope.h"

#include <algorithm>
#include <array>
#include <memory>

#include "engine/topology/names_in_reach.h"

namespace antiphon::topology {
namespace {

using ListsByKind = std::array<std::vector<std::string>, 5>;  // by NameList

std::vector<std::string> SortedIds(const auto& definitions) {
  std::vector<std::string> ids;
  for (const auto& definition : definitions) ids.push_back(definition.id);
  std::ranges::sort(ids);  // policy rules keep the order written
  return ids;
}

}  // namespace

expression::Declarations ScopeOf(const Topology& topology) {
  const auto lists =
      std::make_shared<const ListsByKind>(ListsByKind{topology.products, SortedIds(topology.purposes), SortedIds(topology.channels),
                                                      SortedIds(topology.suppressions), NamesOf(topology.segments)});
  const NameLists names = [lists](NameList list) -> const std::vector<std::string>& { return lists->at(static_cast<std::size_t>(list)); };
  expression::Declarations scope;
  DeclareCustomer(topology, names, scope);
  for (std::uint32_t i = 0; i < topology.features.size(); ++i) {
    DeclareFeature(topology, i, scope);
    DeclareFeaturePrevious(topology, i, scope);
  }
  for (std::uint32_t i = 0; i < topology.segments.size(); ++i) DeclareSegment(topology, i, scope);
  DeclareContacts(names, {}, scope);
  return scope;
}

}  // namespace antiphon::topology
