#pragma once

#include <string>
#include <vector>

#include "engine/decision/evaluation.h"
#include "engine/decision/step.h"
#include "engine/expression/host.h"
#include "engine/expression/program.h"
#include "services/tools/session.h"

namespace antiphon::tools {

// CustomerView: a copy of a customer's state at a time, for questions that the engine's own functions answer. Nothing that is asked of it
// reaches anybody's state. Values point into it: it must outlive them.
class CustomerView {
 public:
  CustomerView(const topology::Topology& topology, Snapshot snapshot, EngineTime now)
      : snapshot_(std::move(snapshot)),
        step_{.topology = topology,
              .partition = snapshot_.partition,
              .customer = snapshot_.customer,
              .time = {.now = now, .floor = now, .current = true},
              .scratch = scratch_,
              .effects = effects_} {}
  CustomerView(const CustomerView&) = delete;
  CustomerView& operator=(const CustomerView&) = delete;

  [[nodiscard]] decision::Step& step() { return step_; }
  [[nodiscard]] const state::CustomerState& customer() const { return snapshot_.customer; }
  [[nodiscard]] const state::PartitionState& partition() const { return snapshot_.partition; }
  [[nodiscard]] EngineTime now() const { return step_.time.now; }
  [[nodiscard]] const topology::Topology& topology() const { return step_.topology; }

 private:
  Snapshot snapshot_;
  decision::StepScratch scratch_;
  decision::Effects effects_;
  decision::Step step_;
};

// What an expression read while it was evaluated, in order, each once.
struct Reading {
  std::string name;   // features.balance, customer.holds("savings")
  std::string value;  // as ValueText prints it
};

struct EvaluationResult {
  expression::Value value;  // or an error; lives in the view and its scratch
  std::vector<Reading> readings;
};

// Evaluates in the given surroundings and notes what is read.
[[nodiscard]] EvaluationResult EvaluateAndNote(const expression::Program& program, CustomerView& view,
                                               const decision::Evaluation& evaluation);
[[nodiscard]] EvaluationResult EvaluateAndNote(const expression::Program& program, CustomerView& view);

}  // namespace antiphon::tools
