#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decision/effects.h"
#include "engine/decision/engine.h"
#include "engine/decision/input.h"
#include "services/runtime/clock.h"
#include "state/base/result.h"
#include "state/base/time.h"
#include "state/model/partition_state.h"
#include "state/store/dictionary.h"
#include "state/store/state_store.h"

namespace antiphon::runtime {

// EffectsSink: where a partition's effects go, step by step, in order. It is called on the thread that runs the task.
class EffectsSink {
 public:
  EffectsSink() = default;
  EffectsSink(const EffectsSink&) = delete;
  EffectsSink& operator=(const EffectsSink&) = delete;
  virtual ~EffectsSink() = default;

  // What the step at engine time `now` wants done. `effects` is valid during the call; the sink may move its records away. A call may bring
  // counters of steps before that had nothing else to say. `now` never decreases.
  virtual void Take(EngineTime now, decision::Effects& effects) = 0;
};

// The name under which the task's store keeps the partition's state (CommitMeta).
inline constexpr std::string_view kPartitionMeta = "partition";

// A stretch of the clock, (after, until], over which an event marked backfill moved it: what was due then, by dates or absences, opens
// nothing. Source: docs/triggers.md, "Backfill".
struct BackfillStretch {
  EngineTime after{};
  EngineTime until{};
};

// What a task did besides its effects.
struct TaskFigures {
  std::uint64_t events = 0;  // applied
  std::uint64_t duplicates = 0;
  std::uint64_t timers = 0;  // fired
  std::uint64_t controls = 0;

  TaskFigures& operator+=(const TaskFigures& other);
  friend bool operator==(const TaskFigures&, const TaskFigures&) = default;
};

// PartitionTask: the single owner of one partition's state. It takes the partition's inputs one after the other, in the order given; before
// each it stops the clock at every due time that it passes and fires the timers there, in the order (due, customer, sequence); it applies
// an event that it saw before (same source and id, within the topology's horizon) once. A timer set with a due not after `now` fires at
// the end of the same step, at `now`. The same code serves files, Kafka and HTTP: only who calls it differs.
// Used by one thread at a time. After an Error (the store's) the task is to be dropped, and its partition restored.
// Invariant: between calls no timer is due at or before clock(). Source: docs/time-and-determinism.md.
class PartitionTask {
 public:
  struct Options {
    const decision::Engine* engine = nullptr;  // outlives the task
    std::unique_ptr<store::StateStore> store;
    EffectsSink* sink = nullptr;  // outlives the task
    ClockPolicy clock = ClockPolicy::Event();
    store::SlotMap slots = store::SlotMap::Identity();  // of the store, for the partition's own state
    // The clock is that of a log of many partitions, and the owner calls TellBackfill. Else the partition's own events move it.
    bool follows_log_clock = false;
  };

  // Goes on from the partition state that the store committed last, if there is one.
  [[nodiscard]] static Result<std::unique_ptr<PartitionTask>> Create(Options options);

  // As the store's.
  static constexpr std::size_t kPrefetchAhead = store::StateStore::kPrefetchAhead;
  void Prefetch(std::string_view customer) { store_->Prefetch(customer); }

  // The next stretch of the log clock that backfill moved, of whatever partition the event is: before the call that moves this clock into
  // it. REQUIRES: Options::follows_log_clock; stretches in order, the first after clock() or up to it.
  void TellBackfill(BackfillStretch stretch) { backfill_.push_back(stretch); }

  // Applies one input at `now`. REQUIRES: now >= clock() (checked). The partition is the customer's.
  [[nodiscard]] Result<void> ApplyEvent(const decision::Event& event, EngineTime now);
  [[nodiscard]] Result<void> ApplyControl(const decision::Control& control, EngineTime now);

  // The clock goes on to `now` without an input: a tick, the end of a batch, the end of the log. Nothing if it is there already.
  [[nodiscard]] Result<void> AdvanceTo(EngineTime now);

  // Under `clock: wall`: the floor from here on.
  void RaiseFloor(EngineTime floor) { clock_policy_.RaiseFloor(floor); }

  // Hands what is not yet handed over (counters) to the sink, then commits the store: records, due index, the partition's state, `meta`.
  [[nodiscard]] Result<void> Commit(store::CommitMeta meta);
  // Hands the counters to the sink; for owners that do not commit, or not yet.
  void FlushCounters();
  // The partition's state in its stored form, as the next Commit writes it.
  [[nodiscard]] std::string EncodedState() const;

  [[nodiscard]] EngineTime clock() const { return partition_.clock; }
  [[nodiscard]] const state::PartitionState& partition_state() const { return partition_; }
  // For a task made on an empty store: what a snapshot says of the partition. REQUIRES: no input was applied yet.
  void RestorePartitionState(state::PartitionState state) { partition_ = std::move(state); }
  [[nodiscard]] store::StateStore& store() { return *store_; }
  [[nodiscard]] const TaskFigures& figures() const { return figures_; }

 private:
  explicit PartitionTask(Options options);

  [[nodiscard]] Result<void> FireDue(EngineTime now);
  void FireOwnDue(state::CustomerState& customer, const decision::StepTime& time);
  void RaiseNewestBackfill(EngineTime now);
  [[nodiscard]] bool IsDuplicate(state::CustomerState& customer, const decision::Event& event, EngineTime now);
  void HandOver(EngineTime now);

  const decision::Engine& engine_;
  std::unique_ptr<store::StateStore> store_;
  EffectsSink& sink_;
  ClockPolicy clock_policy_;
  store::SlotMap slots_;
  state::PartitionState partition_;
  bool follows_log_clock_;
  std::vector<BackfillStretch> backfill_;  // ascending
  std::size_t backfill_passed_ = 0;        // of them, that the clock has come to
  decision::StepScratchPtr scratch_;
  decision::Effects effects_;
  TaskFigures figures_;
};

}  // namespace antiphon::runtime
