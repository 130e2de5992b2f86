#pragma once

#include <cstdio>
#include <string>

#include "services/tools/customer_log.h"
#include "services/tools/topology_folder.h"

namespace antiphon::tools {

// `antiphon eval`, as its arguments say. Source: docs/explain.md, "eval".
struct EvalOptions {
  std::string topology = {};
  LogOptions logs = {};
  std::string customer = {};
  std::string at = {};  // empty: at the end of the logs
  std::string expression = {};
  bool json = false;
};

// Replays the customer up to the last millisecond of `at` and evaluates the expression as the topology would: the value, its type and unit,
// and what it read on `out`; mistakes with a caret under their place on `err`. Returns the exit code: 0 it has a value, 1 the evaluation
// failed (an absent value, a division by zero) or the logs do not know the customer, 2 bad usage, input or expression.
[[nodiscard]] int RunEval(const EvalOptions& options, const LoadTopologyFolder& load, std::FILE* out, std::FILE* err);

}  // namespace antiphon::tools
