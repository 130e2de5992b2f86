#pragma once

#include <string>
#include <vector>

#include "engine/decision/effects.h"
#include "engine/topology/topology.h"
#include "services/tools/scenario.h"

namespace antiphon::tools {

// One key of a pattern beside what a record holds.
struct KeyComparison {
  std::string key;
  std::string expected;
  std::string happened;
  bool fits = false;
};

// The keys that the pattern gives, in the order of the documentation. `text`: of the contact, or nullptr.
[[nodiscard]] std::vector<KeyComparison> CompareContact(const topology::Topology& topology, const ContactPattern& pattern,
                                                        const decision::ContactRecord& record, const std::string* text);
[[nodiscard]] bool Fits(const topology::Topology& topology, const ContactPattern& pattern, const decision::ContactRecord& record,
                        const std::string* text);

// "offer: first_steps, channel: email, status: planned": the pattern as it was written.
[[nodiscard]] std::string PatternText(const topology::Topology& topology, const ContactPattern& pattern);

// "2026-03-16 09:00 first_steps by email: planned, due 2026-03-17 09:00 (chosen)".
[[nodiscard]] std::string RecordText(const topology::Topology& topology, const decision::ContactRecord& record);

}  // namespace antiphon::tools
