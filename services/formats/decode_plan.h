#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/topology/topology.h"
#include "services/formats/key_table.h"

namespace antiphon::formats {

// What a value of a record is for.
enum class TargetKind : std::uint8_t { kType, kId, kTime, kCustomer, kBackfill, kField, kControlTarget };
struct Target {
  TargetKind kind = TargetKind::kField;
  std::uint16_t index = 0;  // kField: position among the type's fields; kControlTarget: a state::PausedKind
};

// DecodePlan: where the values that are read stand in the records of one event type, as a tree of keys. Immutable.
struct DecodePlan {
  static constexpr std::uint32_t kNoNode = 0xFFFFFFFF;

  // One key of one object that is read or leads to what is read.
  struct Member {
    std::string path;              // "actor.kind", for messages
    std::uint32_t node = kNoNode;  // the object below
    std::vector<Target> targets;   // what this value itself is for
  };
  // One object.
  struct Node {
    KeyTable keys;  // -> members
  };

  std::vector<Node> nodes;  // [0]: the record
  std::vector<Member> members;
  std::vector<std::string> time_path;
  std::vector<std::uint16_t> required;        // fields
  const topology::EventType* type = nullptr;  // nullptr: control records

  // REQUIRES: `path` is not empty.
  void Add(const std::vector<std::string>& path, Target target);
};

// `type` and `envelope` must outlive the plan.
[[nodiscard]] DecodePlan PlanOf(const topology::EventType& type, const topology::Envelope& envelope);
[[nodiscard]] DecodePlan PlanOfControl(const topology::Envelope& envelope);

}  // namespace antiphon::formats
