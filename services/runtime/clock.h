#pragma once

#include <algorithm>
#include <chrono>

#include "engine/decision/input.h"
#include "state/base/time.h"

namespace antiphon::runtime {

// Clock: where a shell has its wall time from. Wall time never reaches the engine but as a floor or a tick, both of which are journaled.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual EngineTime Now() = 0;
  // Time that only goes on, from any origin: for pauses and bounds of the shell, never for the engine.
  [[nodiscard]] virtual Milliseconds Monotonic() = 0;
};

// The machine's. May go back when the machine's clock is set; ClockPolicy does not let that through.
class WallClock final : public Clock {
 public:
  [[nodiscard]] EngineTime Now() override { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); }
  [[nodiscard]] Milliseconds Monotonic() override {
    return std::chrono::floor<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
  }
};

// Stands still until it is moved: replay, simulation, tests.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(EngineTime now) : now_(now), monotonic_(now.time_since_epoch()) {}
  [[nodiscard]] EngineTime Now() override { return now_; }
  [[nodiscard]] Milliseconds Monotonic() override { return monotonic_; }
  // Time passes.
  void MoveTo(EngineTime now) {
    monotonic_ += now - now_;
    now_ = now;
  }
  // The machine's clock is set: no time passes.
  void Jump(Milliseconds by) { now_ += by; }

 private:
  EngineTime now_;
  Milliseconds monotonic_;
};

// ClockPolicy: the three times of a step at engine time `now`. Under `clock: event` the floor is `now` and the partition is always
// current; under `clock: wall` the floor is wall time, fixed per batch, and never goes back.
// Value type; owned by a PartitionTask. Source: docs/time-and-determinism.md, "The floor".
class ClockPolicy {
 public:
  [[nodiscard]] static ClockPolicy Event() { return {}; }
  [[nodiscard]] static ClockPolicy Wall(EngineTime floor, Milliseconds fresh) {
    ClockPolicy policy;
    policy.wall_ = true;
    policy.floor_ = floor;
    policy.fresh_ = fresh;
    return policy;
  }

  // Holds until the next one. An earlier floor than the one in force changes nothing.
  void RaiseFloor(EngineTime floor) { floor_ = std::max(floor_, floor); }
  [[nodiscard]] EngineTime floor() const { return floor_; }

  [[nodiscard]] decision::StepTime At(EngineTime now) const {
    if (!wall_) return {.now = now, .floor = now, .current = true};
    return {.now = now, .floor = floor_, .current = floor_ - now <= fresh_};
  }

 private:
  bool wall_ = false;
  EngineTime floor_{};
  Milliseconds fresh_{0};
};

}  // namespace antiphon::runtime
