#pragma once

#include <cstdint>
#include <span>

#include "engine/expression/arena.h"
#include "engine/expression/value.h"
#include "state/base/strong_id.h"

namespace antiphon::expression {

// What a slot or a function id means is the declarer's business: an expression carries it from the Declarations to the Host.
using HostSlot = StrongId<struct HostSlotTag, std::uint32_t>;
using HostFunction = StrongId<struct HostFunctionTag, std::uint32_t>;

// Host: how an expression reads its surroundings while it is evaluated. Deterministic within one evaluation.
class Host {
 public:
  virtual ~Host() = default;

  // The value of a declared variable, of the declared type, or Value::Absent(). It must live as long as the evaluation's result.
  [[nodiscard]] virtual Value Load(HostSlot slot) const = 0;

  // Calls a declared function; the arguments have the declared kinds (never errors or absent). New texts and lists go to the arena.
  // A failure is Value::Error(ErrorCode::kHost, "static text"); Value::Absent() is an error kNoValue for the expression.
  [[nodiscard]] virtual Value Call(HostFunction function, std::span<const Value> args, Arena& arena) const = 0;
};

}  // namespace antiphon::expression
