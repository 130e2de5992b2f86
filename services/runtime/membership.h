#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "services/runtime/log.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::runtime {

// MemberToken: this process as a member of its group in one generation, as the cluster is told with every commit. Bound to an assignment
// when it arrives: a newer token must never be used for partitions of an older one. Immutable, shared by threads.
class MemberToken {
 public:
  MemberToken() = default;
  MemberToken(const MemberToken&) = delete;
  MemberToken& operator=(const MemberToken&) = delete;
  virtual ~MemberToken() = default;

  [[nodiscard]] virtual std::int32_t generation() const = 0;
  [[nodiscard]] virtual const std::string& member_id() const = 0;
};

// Membership: the port through which a process takes part in the group that shares out the partitions. Used by one thread, which does
// nothing else that can block longer than the session: who does not poll is expelled. Source: docs/live.md, "Ownership".
class Membership {
 public:
  // What becomes of the assignment; called within Poll and Leave, on their thread.
  class Listener {
   public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    virtual ~Listener() = default;

    // These partitions, the same of every input topic, are this process's from now on: all of them, not only new ones.
    virtual void OnAssigned(std::span<const std::int32_t> partitions, std::shared_ptr<const MemberToken> member) = 0;
    // All partitions must be let go before it returns. `lost`: they may be others' already, so nothing can be committed any more.
    virtual void OnRevoked(bool lost) = 0;
  };

  // The same for a group whose topics have partitions of their own each: what is shared out are logs.
  class LogsListener {
   public:
    LogsListener() = default;
    LogsListener(const LogsListener&) = delete;
    LogsListener& operator=(const LogsListener&) = delete;
    virtual ~LogsListener() = default;

    // All that is this process's from now on.
    virtual void OnAssigned(std::span<const LogId> logs, std::shared_ptr<const MemberToken> member) = 0;
    virtual void OnRevoked(bool lost) = 0;
  };

  Membership() = default;
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;
  virtual ~Membership() = default;

  // Takes part for up to `at_most`. kStopProcess: another process has this node's name, the topics' partition counts differ or changed.
  [[nodiscard]] virtual Result<void> Poll(Milliseconds at_most) = 0;
  // Lets everything go. A static member keeps its place until its session ends, so that a quick restart moves nothing.
  virtual void Leave() = 0;
};

}  // namespace antiphon::runtime
