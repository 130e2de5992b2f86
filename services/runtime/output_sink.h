#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "services/runtime/log.h"
#include "services/runtime/membership.h"
#include "state/base/result.h"

namespace antiphon::runtime {

enum class CommitOutcome : std::uint8_t {
  kCommitted,     // all of it is there, for every reader, for good
  kNotCommitted,  // nothing of it is, nor ever will be: it was refused (an owner of before, a cluster that said no)
  kUnknown,       // either may be the case: only the cluster knows, see LogDirectory::Committed
};

struct CommitReport {
  CommitOutcome outcome = CommitOutcome::kUnknown;
  Error why;  // if it was not committed
  // Of each log written to: the offset after the last record of this transaction. A log whose offsets were not told is missing.
  std::vector<LogPosition> ends;
};

// OutputSink: the port through which one worker writes, in transactions: records of any number of logs and the input positions of the
// group, all or nothing. Used by the worker's thread.
//   Append ..; Append ..; Commit(positions, member)
// After anything but kCommitted, and after an Error, the sink is spent: nothing of the transaction under way counts, and a new one has to
// be made (OutputSinkFactory), which also ends what the old one left open. Source: docs/live.md, "The commit".
class OutputSink {
 public:
  OutputSink() = default;
  OutputSink(const OutputSink&) = delete;
  OutputSink& operator=(const OutputSink&) = delete;
  virtual ~OutputSink() = default;  // aborts what is open

  // Adds a record to the transaction under way; begins it if there is none. Copies. May block while the client's buffer is full. What the
  // cluster's client has against a record is told here or by Commit.
  [[nodiscard]] virtual Result<void> Append(LogId log, std::optional<std::string_view> key, std::optional<std::string_view> value,
                                            std::span<const Header> headers = {}) = 0;

  // Commits the records appended, and the positions as the group's, if the group still has the member in this generation.
  // REQUIRES: there are positions, each `next` >= 0. Nothing need have been appended.
  [[nodiscard]] virtual CommitReport Commit(std::span<const LogPosition> positions, const MemberToken& member) = 0;
};

// OutputSinkFactory: makes a worker's sink under its stable identity. From the worker's thread.
class OutputSinkFactory {
 public:
  OutputSinkFactory() = default;
  OutputSinkFactory(const OutputSinkFactory&) = delete;
  OutputSinkFactory& operator=(const OutputSinkFactory&) = delete;
  virtual ~OutputSinkFactory() = default;

  // Fences every earlier sink of this worker and aborts what it left open. Blocks until the cluster has answered, up to a bound; kRetry
  // then. The sink must be gone before the next one is made.
  [[nodiscard]] virtual Result<std::unique_ptr<OutputSink>> Make(std::uint32_t worker) = 0;
};

}  // namespace antiphon::runtime
