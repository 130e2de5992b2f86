#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::memory_log {

// MemoryGroup: the coordinator's side of a consumer group with static members, range assignment and the eager protocol:
//
//   Stable --a node joins, a member is expelled, Rebalance()--> Preparing --all members have joined--> Stable, generation + 1
//
// While it is Preparing the old generation can still commit. A node that joins again within its session replaces its member, moves nothing
// and keeps the generation. Owned by a MemoryCluster. Source: docs/live.md, "Ownership".
class MemoryGroup {
 public:
  enum class Standing : std::uint8_t { kMember, kReplaced, kExpelled };

  explicit MemoryGroup(Milliseconds session) : session_(session) {}

  // Expels who was not seen for a session.
  void Expire(EngineTime now);
  // A new member of this node; its id.
  [[nodiscard]] std::string Join(const std::string& node, EngineTime now);
  [[nodiscard]] Standing StandingOf(const std::string& node, const std::string& member) const;
  void Seen(const std::string& node, EngineTime now);
  // The member has let go what it had. The last one completes the rebalance. REQUIRES: the node has a member.
  void Rejoin(const std::string& node, std::int32_t partitions);

  void Rebalance() { preparing_ = true; }
  void Expel(const std::string& node);

  [[nodiscard]] bool preparing() const { return preparing_; }
  [[nodiscard]] std::int32_t generation() const { return generation_; }
  [[nodiscard]] std::vector<std::string> Nodes() const;  // of all members
  // REQUIRES: the node has a member.
  [[nodiscard]] const std::vector<std::int32_t>& PartitionsOf(const std::string& node) const;

  // Whether a commit may be made as this member of this generation; kRestartTask and why not.
  [[nodiscard]] Result<void> Check(const std::string& member, std::int32_t generation) const;

 private:
  struct Member {
    std::string id;
    EngineTime seen{};
    bool joined = false;  // while preparing: it has let go
    std::vector<std::int32_t> partitions;
  };

  Milliseconds session_;
  bool preparing_ = false;
  std::int32_t generation_ = 0;
  std::uint64_t ids_ = 0;
  std::map<std::string, Member> members_;  // by node: range sorts static members so
};

}  // namespace antiphon::memory_log
