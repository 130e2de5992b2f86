#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "services/runtime/log.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::runtime {

// EventSource: the port through which one worker reads the logs of the partitions that it owns: committed records only, each log in order,
// each record once, whatever the cluster does meanwhile. Used by the worker's thread.
// Errors: kRestartTask, the log cannot be read on (its topic is gone, it was cut off, damaged): nothing of it was skipped. kStopProcess:
// this client is beyond repair. Messages name topic, partition and offset. An unreachable cluster is no error: nothing comes. Source:
// docs/live.md, "Reading".
class EventSource {
 public:
  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;
  virtual ~EventSource() = default;

  // Starts reading logs that are not yet read; others go on undisturbed. REQUIRES: from >= 0.
  [[nodiscard]] virtual Result<void> Assign(std::span<const LogPosition> from) = 0;
  virtual void Unassign(std::span<const LogId> logs) = 0;

  // The next record of an assigned log, if one is at hand. Never blocks. The record is valid until the next Take or Unassign.
  [[nodiscard]] virtual Result<std::optional<LogRecord>> Take(LogId log) = 0;

  // Where the next record will be looked for: after the last that was taken, and after the markers and aborted records behind it as soon as
  // the source has seen that nothing else is there. Never goes back.
  [[nodiscard]] virtual std::int64_t Position(LogId log) const = 0;

  // The last stable offsets of the logs, asked of the cluster after the call began: a log whose Position is not before it had no unread
  // record then. Blocks, up to a bound; kRetry if there was no answer.
  [[nodiscard]] virtual Result<std::vector<std::int64_t>> StableEnds(std::span<const LogId> logs) = 0;

  // Blocks until a record of any assigned log may be at hand, Wake() is called, or the time is over.
  virtual void Wait(Milliseconds at_most) = 0;
  // Ends a Wait. From any thread.
  virtual void Wake() = 0;
};

}  // namespace antiphon::runtime
