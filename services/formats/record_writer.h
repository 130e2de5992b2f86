#pragma once

#include <string>

#include "engine/decision/effects.h"
#include "engine/topology/topology.h"
#include "services/formats/dead_letter.h"

namespace antiphon::formats {

// RecordWriter: the records of the ledger as JSON, one canonical line each, without the line's end. Canonical: the keys and their order
// are fixed, no spaces, what is absent is left out, times are RFC 3339 in UTC with milliseconds, ids 32 hexadecimal digits, ints as they
// are, doubles the shortest text that reads back the same, texts escaped only where JSON demands it, invalid UTF-8 replaced by U+FFFD. Each
// line parses as the message of proto/antiphon/v1 of that name. Digests are taken of these bytes. Immutable; shared by threads. Source:
// docs/records.md.
class RecordWriter {
 public:
  // `topology` must outlive the writer.
  explicit RecordWriter(const topology::Topology& topology);

  // Candidates as the topology's record_candidates says: all, those past the gates, or the chosen (and withheld).
  void AppendDecision(std::string& out, const decision::DecisionRecord& record) const;
  void AppendContact(std::string& out, const decision::ContactRecord& record) const;
  void AppendOutbound(std::string& out, const decision::OutboundRecord& record) const;
  void AppendDeadLetter(std::string& out, const DeadLetter& letter) const;

 private:
  const topology::Topology& topology_;
  std::string version_;  // 32 hexadecimal digits
};

}  // namespace antiphon::formats
