#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/topology/topology.h"
#include "services/formats/key_table.h"

namespace antiphon::formats {

// What a value of a record is for.
enum class TargetKind : std::uint8_t { kType, kId, kTime, kCustomer, kBackfill, kField, kControlTarget, kControlVersion };
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
    bool top = false;              // a key of the record itself; `path` is that key
    std::uint32_t node = kNoNode;  // the object below
    std::vector<Target> targets;   // what this value itself is for
  };
  // The same, flat: for formats that have no keys.
  struct Wanted {
    std::vector<std::string> path;
    Target target;
  };
  // One object.
  struct Node {
    KeyTable keys;  // -> members
  };

  std::vector<Node> nodes;  // [0]: the record, always there
  std::vector<Member> members;
  std::vector<Wanted> wanted;
  std::vector<std::string> time_path;
  std::vector<std::uint16_t> required;        // fields
  const topology::EventType* type = nullptr;  // nullptr: control records

  // REQUIRES: `path` is not empty, and there is the node of the record.
  void Add(const std::vector<std::string>& path, Target target);
};

// What of a record is not looked for in its payload, because something else says it. An event whose topology names another place than
// the usual for its id, time or flag is read there all the same, envelope or not. Source: docs/events.md, "Formats".
struct PlanRoot {
  bool enveloped = false;        // an envelope says id and time, and whether it is a backfill
  bool time_in_payload = false;  // the payload's time counts also at the usual place
  bool time_elsewhere = false;   // the payload's time never counts
  bool customer_elsewhere = false;
  bool type_elsewhere = false;
};

// `type` and `envelope` must outlive the plan.
[[nodiscard]] DecodePlan PlanOf(const topology::EventType& type, const topology::Envelope& envelope, const PlanRoot& root = {});
[[nodiscard]] DecodePlan PlanOfControl(const topology::Envelope& envelope, const PlanRoot& root = {});

}  // namespace antiphon::formats
