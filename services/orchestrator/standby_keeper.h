#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "services/orchestrator/changelog_tail.h"
#include "services/orchestrator/directory_claims.h"
#include "services/orchestrator/process_parts.h"
#include "services/runtime/event_source.h"
#include "services/runtime/group_members.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

// StandbyKeeper: keeps the local stores of partitions that others own warm: of those for which the plan (standby_plan.h) names this node,
// it reads the changelog into the store as it grows. One per process, on a thread of its own, with a source of its own. A partition of it:
//
//   planned  -> tailing    nobody in the process has the store, and all that the process owns is active: that comes first
//   tailing  -> planned    an Error: it is logged, and begun anew after a pause. The process goes on without
//   any      -> (none)     the process owns it now, or the plan gives it to another: what was read is written, the store closed
//
// It opens nothing before the group has said what the process owns, nor anything that it owns; a worker waits for the store until it is
// closed here (DirectoryClaims). A test calls Round() itself instead of Run(). Source: docs/live.md, "Standbys".
class StandbyKeeper {
 public:
  struct Options {
    std::unique_ptr<runtime::EventSource> source;
    runtime::LogDirectory* directory = nullptr;  // outlives this; with a short bound, within which nothing is let go
    runtime::GroupMembers* members = nullptr;    // the same
  };
  // REQUIRES: parts.figures and parts.claims. It outlives this.
  StandbyKeeper(const ProcessParts& parts, Options options);
  StandbyKeeper(const StandbyKeeper&) = delete;
  StandbyKeeper& operator=(const StandbyKeeper&) = delete;

  // From the process's thread: these partitions, and no others, are the process's own from now on. Called before its workers hear of it.
  void Own(std::vector<std::int32_t> partitions);
  void Stop();

  // The thread: until Stop. Writes and closes all stores at the end.
  void Run();

  // One round. True if it took something in.
  bool Round();

  // For tests, between rounds.
  [[nodiscard]] std::size_t tailing() const;
  [[nodiscard]] const std::string& last_error() const { return last_error_; }

 private:
  struct Standby {
    std::int32_t partition = 0;
    std::optional<DirectoryClaims::Claim> claim = std::nullopt;  // before the tail, so that it ends last
    std::unique_ptr<ChangelogTail> tail = nullptr;
    std::uint64_t records = 0;
    bool up_to_date = false;     // has been, since it was opened
    Milliseconds not_before{0};  // Clock::Monotonic; after an Error: no try until then
    Milliseconds written_at{0};
  };

  void TakeCommands();
  void AskMembers(const std::vector<std::int32_t>& owned, Milliseconds now);
  void Follow(const std::vector<std::int32_t>& planned);
  [[nodiscard]] Result<bool> Step(Standby& standby, Milliseconds now);
  [[nodiscard]] Result<bool> Open(Standby& standby);
  void Drop(Standby& standby, const Error& why, Milliseconds now);
  void LetGo(Standby& standby);
  void ShowLags(Milliseconds now);
  [[nodiscard]] bool Owns(std::int32_t partition) const;
  [[nodiscard]] bool OwnAreActive() const;

  const ProcessParts& parts_;
  Options options_;

  std::mutex mutex_;
  std::optional<std::vector<std::int32_t>> told_;  // guarded by mutex_
  std::atomic<bool> stop_ = false;

  std::optional<std::vector<std::int32_t>> owned_;  // sorted; nothing: the group has not said yet
  std::list<Standby> standbys_;
  Milliseconds ask_at_{0};
  std::uint32_t unlike_ = 0;  // how often the plan was not what the group had assigned
  Milliseconds lags_at_{0};
  std::string last_error_;
};

}  // namespace antiphon::orchestrator
