#pragma once

#include <atomic>

namespace antiphon::replay {

// InterruptScope: while it lives, the first SIGINT or SIGTERM of the process sets a flag and ends the process's standard input; the second
// one ends the process at once.
// One at a time in a process (checked).
class InterruptScope {
 public:
  InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
  ~InterruptScope();

  [[nodiscard]] const std::atomic<bool>& interrupted() const;
};

}  // namespace antiphon::replay
