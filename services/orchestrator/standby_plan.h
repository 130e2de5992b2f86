#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::orchestrator {

// StandbyPlan: who owns which partition and who keeps a warm copy of it, as a pure function of the group's members: every process computes
// the same one, and nobody has to be told. Owners are those of Kafka's `range`, which sorts static members by their names and gives each a
// run of partitions. The standby of p is who would own p without its owner:
//
//   standby(p) = range(members without owner(p), P)[p]
//
// Runs of k and of k - 1 members overlap so that after the loss of any one member every partition is with the owner that it had, or with
// its standby (tests/unit/orchestrator/standby_plan_test.cc). Immutable. Source: docs/live.md, "Standbys".
class StandbyPlan {
 public:
  // The order of `members` counts for nothing. REQUIRES: partitions > 0; no name twice.
  StandbyPlan(std::vector<std::string> members, std::int32_t partitions);

  // Sorted; nothing for a name that is no member's. O(partitions).
  [[nodiscard]] std::vector<std::int32_t> OwnedBy(std::string_view node) const;
  // Sorted; nothing for whoever is alone.
  [[nodiscard]] std::vector<std::int32_t> KeptBy(std::string_view node) const;

 private:
  std::vector<std::string> members_;  // sorted
  std::vector<std::size_t> owners_;   // by partition; counts in members_
  std::vector<std::size_t> keepers_;  // the same; empty: there is but one member
};

}  // namespace antiphon::orchestrator
