#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/topology/topology.h"
#include "services/formats/decode_plan.h"
#include "services/formats/decoded.h"
#include "services/formats/event_draft.h"
#include "services/formats/key_table.h"

namespace antiphon::formats {

inline constexpr std::uint32_t kPauseType = 0xFFFFFFFE;  // numbers of types that are no event types
inline constexpr std::uint32_t kResumeType = 0xFFFFFFFD;
inline constexpr std::uint32_t kActivateType = 0xFFFFFFFC;

// Where the name of a record's type stands.
[[nodiscard]] std::vector<std::string> TypePathOf(const topology::Envelope& envelope);
// `out` is a record of a type that nobody declared: skipped, or a dead letter if the topology wants that.
void MakeUndeclared(const topology::Envelope& envelope, Decoded& out);

// TypePlans: from the name of a type to what is read of its records. Immutable.
class TypePlans {
 public:
  // `topology` must outlive it.
  TypePlans(const topology::Topology& topology, const PlanRoot& root);

  // A position in Topology::event_types, kPauseType, kResumeType, kActivateType, or KeyTable::kNone. REQUIRES: `name` is padded.
  [[nodiscard]] std::uint32_t Find(std::string_view name) const { return types_.Find(name); }
  [[nodiscard]] static bool IsControl(std::uint32_t type) { return type == kPauseType || type == kResumeType || type == kActivateType; }
  [[nodiscard]] const DecodePlan& plan(std::uint32_t type) const { return IsControl(type) ? control_plan_ : plans_[type]; }
  [[nodiscard]] std::size_t members_max() const { return members_max_; }

  // Makes the draft one of the type, its fields absent. False: the arena has no room, `out` says so.
  [[nodiscard]] bool Begin(std::uint32_t type, expression::Arena& arena, EventDraft& draft, Decoded& out) const;

  // The limit for an arena that serves batches of so many records and bytes of records in all.
  [[nodiscard]] std::size_t ArenaBytes(std::size_t batch_records, std::size_t batch_bytes) const;

 private:
  void Measure(const DecodePlan& plan);

  std::vector<DecodePlan> plans_;  // by EventTypeIndex
  DecodePlan control_plan_;
  KeyTable types_;
  std::size_t fields_max_ = 0;
  std::size_t members_max_ = 0;
  std::size_t targets_max_ = 1;  // of one value
};

}  // namespace antiphon::formats
