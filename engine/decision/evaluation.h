#pragma once

#include <array>
#include <span>
#include <string_view>

#include "engine/decision/step.h"
#include "engine/expression/host.h"
#include "engine/expression/program.h"

namespace antiphon::decision {

// Evaluation: what an expression may read, and how its failures count. One lives as long as a rule is asked; the members that do not apply
// stay empty, and a name that reads one of them is absent. Source: docs/expressions.md, "Names".
class Evaluation final : public expression::Host {
 public:
  explicit Evaluation(Step& step) : step_(step), event(step.event) {}

  // True if the expression answers true. A run-time error is false, and noted in the effects.
  [[nodiscard]] bool Holds(const expression::Program& program) const;
  // The same, but an error is true: for rules that keep silent when in doubt.
  [[nodiscard]] bool HoldsOrFails(const expression::Program& program) const;
  // The value; an error is noted and becomes absent.
  [[nodiscard]] expression::Value Evaluate(const expression::Program& program) const;

  [[nodiscard]] expression::Value Load(expression::HostSlot slot) const override;
  [[nodiscard]] expression::Value Call(expression::HostFunction function, std::span<const expression::Value> args,
                                       expression::Arena& arena) const override;

 private:
  [[nodiscard]] expression::Value EventFieldValue(std::uint32_t position) const;
  [[nodiscard]] expression::Value MomentFieldValue(std::uint32_t position) const;
  void Note(const expression::Program& program, const expression::Value& error) const;

  Step& step_;

 public:
  const Event* event = nullptr;                               // `event.x`
  const Event* request = nullptr;                             // `request.x`
  std::span<const state::Scalar> captures;                    // `salary.amount` in conditions of a pattern
  const state::Moment* moment = nullptr;                      // the same in offers
  state::ChannelId channel = state::kNone<state::ChannelId>;  // `channel`
  EngineTime planned{};                                       // `planned`; the epoch: none
  std::span<const std::uint32_t> free;                        // Candidate::free, for contacts.*
  std::array<expression::Value, 5> factors{};                 // in the score
};

// The scheme's class of the customer now: the first that matches; nothing if none does.
[[nodiscard]] std::optional<std::uint16_t> ClassOf(const Evaluation& evaluation, const topology::SegmentScheme& scheme);

}  // namespace antiphon::decision
