#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/declarations.h"
#include "engine/expression/diagnostic.h"
#include "engine/expression/program.h"
#include "engine/expression/type.h"

namespace antiphon::expression {

enum class Checking : std::uint8_t {
  kStrict,   // names and types are checked: what a topology is compiled with
  kDynamic,  // nothing is: an unknown name or a wrong type is an error of the evaluation
};

struct CompileLimits {
  std::size_t text_bytes_max = 64U << 10U;
  std::uint32_t depth_max = 250;               // nesting of the syntax tree
  std::uint32_t diagnostics_max = 20;          // the rest is not reported
  std::uint64_t steps_max = 1'000'000;         // of one evaluation: iterations, and items copied or compared
  std::size_t constant_bytes_max = 1U << 20U;  // of folded constants; what would exceed it is computed when evaluated
};

struct CompileOptions {
  // The namespace of names: in "a.b", `x` means a.b.x, else a.x, else x. `.x` means x alone.
  std::string container;
  Checking checking = Checking::kStrict;
  // The types that the result may have; none: any. A result of type dyn is refused unless dyn is among them.
  std::vector<Type> expected_types;
  CompileLimits limits;
};

// Parses, checks, folds constants and compiles. On failure: every mistake found, in the order of the text (at least one).
// Pure. O(text) but for suggestions.
[[nodiscard]] std::expected<Program, std::vector<ExpressionDiagnostic>> Compile(std::string_view text, const Declarations& declarations,
                                                                                const CompileOptions& options = {});

}  // namespace antiphon::expression
