#include "services/orchestrator/standby_plan.h"

#include <algorithm>
#include <utility>

#include "state/base/check.h"

namespace antiphon::orchestrator {
namespace {

// The member of each partition: runs of P / members, the first ones longer by one where that leaves a rest.
std::vector<std::size_t> Range(std::size_t members, std::size_t partitions) {
  std::vector<std::size_t> owners;
  for (std::size_t member = 0; member < members; ++member) {
    owners.insert(owners.end(), partitions / members + (member < partitions % members ? 1 : 0), member);
  }
  return owners;
}

std::vector<std::int32_t> PartitionsOf(const std::vector<std::string>& members, const std::vector<std::size_t>& of, std::string_view node) {
  std::vector<std::int32_t> partitions;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (members[of[i]] == node) partitions.push_back(static_cast<std::int32_t>(i));
  }
  return partitions;
}

}  // namespace

StandbyPlan::StandbyPlan(std::vector<std::string> members, std::int32_t partitions) : members_(std::move(members)) {
  ANTIPHON_CHECK(partitions > 0);
  std::ranges::sort(members_);
  const auto count = static_cast<std::size_t>(partitions);
  owners_ = Range(members_.size(), count);
  if (members_.size() < 2) return;
  keepers_ = Range(members_.size() - 1, count);
  for (std::size_t i = 0; i < count; ++i) {
    if (keepers_[i] >= owners_[i]) ++keepers_[i];  // counted without the owner so far
  }
}

std::vector<std::int32_t> StandbyPlan::OwnedBy(std::string_view node) const { return PartitionsOf(members_, owners_, node); }

std::vector<std::int32_t> StandbyPlan::KeptBy(std::string_view node) const { return PartitionsOf(members_, keepers_, node); }

}  // namespace antiphon::orchestrator
