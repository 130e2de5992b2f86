#include "engine/topology/expression_scope.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "engine/topology/names_in_reach.h"

namespace antiphon::topology {
namespace {

using ListsByKind = std::array<std::vector<std::string>, kNameLists>;  // by NameList

std::vector<std::string> SortedIds(const auto& definitions) {
  std::vector<std::string> ids;
  ids.reserve(definitions.size());
  for (const auto& definition : definitions) ids.push_back(definition.id);
  std::ranges::sort(ids);  // policy rules keep the order written
  return ids;
}

}  // namespace

expression::Declarations ScopeOf(const Topology& topology) {
  ListsByKind by_kind;
  const auto fill = [&by_kind](NameList list, std::vector<std::string> names) {
    by_kind.at(static_cast<std::size_t>(list)) = std::move(names);
  };
  fill(NameList::kProducts, topology.products);
  fill(NameList::kPurposes, SortedIds(topology.purposes));
  fill(NameList::kChannels, SortedIds(topology.channels));
  fill(NameList::kSuppressions, SortedIds(topology.suppressions));
  fill(NameList::kSchemes, NamesOf(topology.segments));
  fill(NameList::kCampaigns, SortedIds(topology.campaigns));
  const auto lists = std::make_shared<const ListsByKind>(std::move(by_kind));
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
