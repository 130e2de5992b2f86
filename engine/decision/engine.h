#pragma once

#include <memory>

#include "engine/decision/effects.h"
#include "engine/decision/input.h"
#include "engine/topology/topology.h"
#include "state/model/customer_state.h"
#include "state/model/partition_state.h"

namespace antiphon::decision {

// Memory that steps reuse, so that the steady state allocates nothing. One for each thread that runs an Engine.
class StepScratch;
struct StepScratchDeleter {
  void operator()(StepScratch* scratch) const;
};
using StepScratchPtr = std::unique_ptr<StepScratch, StepScratchDeleter>;
[[nodiscard]] StepScratchPtr MakeStepScratch();

// Engine: what one input does to one customer. Pure: a function of the topology, the states, the input and the step's time; it reads no
// clock and performs nothing. Changes the states in place and appends to `effects`. Immutable, shared by threads.
// Order within an event: profile, holdings, consents, suppressions -> features -> segments -> responses and ledger -> triggers -> moments
// -> decisions. Source: docs/architecture.md, "A step".
class Engine {
 public:
  // `topology` must outlive the engine.
  explicit Engine(const topology::Topology& topology) : topology_(topology) {}

  [[nodiscard]] const topology::Topology& topology() const { return topology_; }

  // REQUIRES: event.customer == customer.customer; time.now >= partition.clock; the event is no duplicate (PartitionTask asks).
  void ApplyEvent(state::PartitionState& partition, state::CustomerState& customer, const Event& event, const StepTime& time,
                  StepScratch& scratch, Effects& effects) const;

  // Fires the customer's first timer, customer.timers.front(), and removes it. REQUIRES: there is one, due at or before time.now.
  void FireTimer(state::PartitionState& partition, state::CustomerState& customer, const StepTime& time, StepScratch& scratch,
                 Effects& effects) const;

  // Applies to decisions from now on; planned contacts of what is paused are judged when they fall due.
  void ApplyControl(state::PartitionState& partition, const Control& control) const;

 private:
  const topology::Topology& topology_;
};

}  // namespace antiphon::decision
