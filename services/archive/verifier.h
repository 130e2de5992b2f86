#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "services/archive/compared_lines.h"
#include "services/archive/judged_lines.h"
#include "services/archive/state_fold.h"
#include "services/orchestrator/process_parts.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log_directory.h"
#include "state/base/hash.h"
#include "state/base/result.h"

namespace antiphon::archive {

// What the verification of one partition found.
struct Verdict {
  bool equal = false;
  std::string difference;  // the first one, in words: where, what was written, what the replay says; empty if equal
  std::uint64_t commits = 0;
  std::uint64_t records = 0;  // of inputs
  std::uint64_t lines = 0;    // of contacts, decisions, messages, dead letters
  std::uint64_t customers = 0;
  Hash128 state;              // digest
  std::uint64_t expired = 0;  // of the lines: those that are no longer in their topics, and so were not compared
  std::map<std::string, std::int64_t, std::less<>> cuts;  // where the lines of later commits begin, by topic, if it came to the end
};

struct VerifyOptions {
  const StateFold* start = nullptr;  // after the commit before the first that is played; nullptr: from the partition's first commit on
  LineWindows windows = {};          // of the topics that are not compared from their starts
  JudgedLines* lines = nullptr;      // takes the lines instead of a comparison; outlives the call
};

// Verifies one partition of a live run against its own topics: plays its journal and compares every line with what stands in the topics, in
// order, and the state with the fold of the changelog. Reads up to the last commit that is in the changelog when it begins; a run may go on
// meanwhile. Answers to requests are not compared (their topic is the asker's and shared). Only reads; `source` is let go of at the end.
// From a start, the commits after it are played and compared. With lines of the caller nothing is compared but the state.
// kStopProcess: it cannot be verified, with what is missing; kRetry: the cluster did not answer.
// Source: docs/live.md, "Verifying".
[[nodiscard]] Result<Verdict> VerifyPartition(const orchestrator::ProcessParts& parts, std::int32_t partition, runtime::EventSource& source,
                                              runtime::LogDirectory& directory, const VerifyOptions& options = {});

}  // namespace antiphon::archive
