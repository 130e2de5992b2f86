#include "tests/support/memory_log/memory_group.h"

#include <algorithm>

#include "state/base/check.h"

namespace antiphon::memory_log {

void MemoryGroup::Expire(EngineTime now) {
  const auto expelled = std::erase_if(members_, [&](const auto& each) { return now - each.second.seen > session_; });
  if (expelled > 0) preparing_ = true;
}

std::string MemoryGroup::Join(const std::string& node, EngineTime now) {
  const auto [found, added] = members_.try_emplace(node);
  found->second.id = node + "#" + std::to_string(++ids_);
  found->second.seen = now;
  found->second.joined = false;
  if (added) preparing_ = true;
  return found->second.id;
}

MemoryGroup::Standing MemoryGroup::StandingOf(const std::string& node, const std::string& member) const {
  const auto found = members_.find(node);
  if (found == members_.end()) return Standing::kExpelled;
  return found->second.id == member ? Standing::kMember : Standing::kReplaced;
}

void MemoryGroup::Seen(const std::string& node, EngineTime now) { members_.at(node).seen = now; }

void MemoryGroup::Rejoin(const std::string& node, std::int32_t partitions) {
  members_.at(node).joined = true;
  if (!std::ranges::all_of(members_, [](const auto& each) { return each.second.joined; })) return;
  const auto count = static_cast<std::int32_t>(members_.size());
  std::int32_t first = 0;
  std::int32_t rank = 0;
  for (auto& [name, member] : members_) {
    const std::int32_t after = first + partitions / count + (rank++ < partitions % count ? 1 : 0);
    member.joined = false;
    member.partitions.clear();
    while (first < after) member.partitions.push_back(first++);
  }
  ++generation_;
  preparing_ = false;
}

void MemoryGroup::Expel(const std::string& node) {
  if (members_.erase(node) > 0) preparing_ = true;
}

std::vector<std::string> MemoryGroup::Nodes() const {
  std::vector<std::string> nodes;
  for (const auto& [node, member] : members_) nodes.push_back(node);
  return nodes;
}

const std::vector<std::int32_t>& MemoryGroup::PartitionsOf(const std::string& node) const { return members_.at(node).partitions; }

Result<void> MemoryGroup::Check(const std::string& member, std::int32_t generation) const {
  // A real cluster takes a commit that names no member, whoever sends it.
  ANTIPHON_CHECK(!member.empty() && generation >= 0);
  if (!std::ranges::any_of(members_, [&](const auto& each) { return each.second.id == member; })) {
    return Fail(Recovery::kRestartTask, "the group does not know member " + member + " any more");
  }
  if (generation != generation_) {
    return Fail(Recovery::kRestartTask,
                "generation " + std::to_string(generation) + " is over, the group is in " + std::to_string(generation_));
  }
  return {};
}

}  // namespace antiphon::memory_log
