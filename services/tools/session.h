#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/decision/effects.h"
#include "engine/decision/engine.h"
#include "engine/decision/input.h"
#include "services/runtime/partition_task.h"
#include "state/base/result.h"
#include "state/base/time.h"
#include "state/model/customer_state.h"
#include "state/model/partition_state.h"

namespace antiphon::tools {

// A customer's record and his partition's at one time.
struct Snapshot {
  state::PartitionState partition;
  state::CustomerState customer;
};

class Session;

// What one step of a Session brought about.
struct SessionStep {
  EngineTime now{};
  const decision::Event* event = nullptr;  // nullptr: timers
  decision::Effects& effects;              // records may be moved away
  std::shared_ptr<const Snapshot> before;  // of the watched customer; nullptr if the step is not his
  const Session& session;                  // as it stands after the step
};

class StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void OnStep(SessionStep& step) = 0;
};

// Session: a partition in memory, driven input by input by a tool that wants to see each step by itself. It is the PartitionTask of
// production under `clock: event`; only the pauses between its steps are the tool's. One thread.
class Session final : private runtime::EffectsSink {
 public:
  struct Options {
    const topology::Topology* topology = nullptr;  // outlives the session
    StepObserver* observer = nullptr;              // likewise
    std::string watched;                           // copy this customer's record before every step of his; empty: nobody's
  };
  [[nodiscard]] static Result<std::unique_ptr<Session>> Create(const Options& options);

  // As PartitionTask's.
  void TellBackfill(runtime::BackfillStretch stretch) { task_->TellBackfill(stretch); }

  // REQUIRES of each: now >= clock().
  [[nodiscard]] Result<void> Apply(const decision::Event& event, EngineTime now);
  [[nodiscard]] Result<void> Apply(const decision::Control& control, EngineTime now);
  [[nodiscard]] Result<void> AdvanceTo(EngineTime now);

  [[nodiscard]] EngineTime clock() const { return task_->clock(); }
  // As the customer stands now; an empty record if he is unknown.
  [[nodiscard]] Snapshot Look(std::string_view customer) const;
  [[nodiscard]] bool Knows(std::string_view customer) const;

 private:
  explicit Session(const Options& options) : engine_(*options.topology), observer_(*options.observer), watched_(options.watched) {}
  void Take(EngineTime now, decision::Effects& effects) override;
  void Remember(std::string_view customer);

  decision::Engine engine_;
  StepObserver& observer_;
  std::string watched_;
  std::unique_ptr<runtime::PartitionTask> task_;
  const decision::Event* event_ = nullptr;
  std::shared_ptr<const Snapshot> before_;
};

}  // namespace antiphon::tools
