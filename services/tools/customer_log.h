#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/topology/topology.h"
#include "services/tools/session.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::tools {

// Logs replayed for one customer. Source: docs/explain.md, "From the log alone".

struct LogOptions {
  std::vector<std::string> logs;  // "-" is standard input; merged by time
  std::string replay;             // or the output folder of `antiphon replay`: its journal names the logs and the partitions
  std::uint32_t partitions = 16;  // as of the replay that is explained: backfill is seen by partition
  // Of that replay: where its clock ended. Later records were not applied, and the clock goes on to it if the logs end before.
  std::optional<EngineTime> until = {};
};

struct ResolvedLogs {
  LogOptions logs;
  std::vector<std::string> notes;  // for whoever asks: what is not as it was in the replay
};

// What a replay of an output folder read, and how far. Fails if the folder has no journal, or its logs cannot be read again. O(journal).
[[nodiscard]] Result<ResolvedLogs> ResolveLogs(LogOptions options, const topology::Topology& topology);

// An event of the customer, as it was applied.
struct SeenEvent {
  EngineTime now{};   // the log clock
  EngineTime time{};  // its own
  std::string type;
  std::string id;
};

// LogWalk: reads the logs and applies what concerns one customer: his events, control records, and the backfill events of his partition
// (they decide whether dates open moments). All else moves the log clock alone: the running maximum of the times of all records. So the
// customer sees what he would see in a whole replay. Without a customer every event is applied. One thread.
class LogWalk {
 public:
  struct Options {
    const topology::Topology* topology = nullptr;  // outlives the walk
    LogOptions logs;
    std::string customer;              // empty: all
    StepObserver* observer = nullptr;  // outlives the walk
    std::FILE* progress = nullptr;     // a terminal; nullptr: quiet
  };
  [[nodiscard]] static Result<std::unique_ptr<LogWalk>> Open(Options options);
  ~LogWalk();

  // What happens to the clock if the logs end before the time that is asked for: it stays at their largest time (or goes on as far as the
  // clock of the replay that is explained), or goes on.
  enum class Beyond : std::uint8_t { kStop, kGoOn };

  // Applies all records at or before `until`, then moves the clock there; nothing: to the end of the logs, and to their largest time.
  // Calls may follow each other with later times. `enough` is asked after each record: true ends the walk where it stands.
  [[nodiscard]] Result<void> WalkTo(std::optional<EngineTime> until, Beyond beyond, const std::function<bool()>& enough = {});

  [[nodiscard]] EngineTime clock() const;
  [[nodiscard]] bool at_end() const;
  [[nodiscard]] Snapshot Look() const;                         // the customer now. REQUIRES: one customer
  [[nodiscard]] bool known() const;                            // an event of his was applied
  [[nodiscard]] const std::optional<SeenEvent>& last() const;  // his last
  [[nodiscard]] std::uint64_t events() const;                  // his
  [[nodiscard]] std::uint64_t dead_letters() const;            // of all customers

 private:
  class Impl;
  explicit LogWalk(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace antiphon::tools
