#pragma once

#include <cstdint>

#include "engine/expression/code.h"

namespace antiphon::expression {

// Evaluator: one evaluation of one program. On the stack of Program::Evaluate.
class Evaluator {
 public:
  Evaluator(const Code& code, const Host& host, Arena& arena, Value* locals, std::uint64_t steps_max)
      : code_(code), host_(host), locals_(locals), context_{arena, steps_max} {}

  // The value of a node, never absent; an error carries the place of the innermost node where it arose.
  Value Eval(NodeId id);

 private:
  Value Dispatch(const Node& node);
  Value SlotCompare(const Node& node);
  Value Logic(const Node& node, bool stop);
  Value Unary(const Node& node);
  Value Binary(const Node& node);
  Value Field(const Node& node);
  Value Call(const Node& node);
  Value MakeList(const Node& node);
  Value MakeMap(const Node& node);
  Value OptionalStep(const Node& node);
  template <typename Look>
  Value InOptional(const Value& operand, Look look);

  // comprehensions.cc
  Value Comprehension(const Node& node);
  Value Quantify(const Node& node, const Value& range, std::size_t size);
  Value Collect(const Node& node, const Value& range, std::size_t size);
  Value TransformMap(const Node& node, const Value& range, std::size_t size);
  void SetVariables(const Node& node, const Value& range, std::size_t position);
  // True, false or an error: whether the item passes the filter.
  Value Passes(const Node& node);

  const Code& code_;
  const Host& host_;
  Value* locals_;
  CallContext context_;
};

}  // namespace antiphon::expression
