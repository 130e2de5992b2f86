#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/expression/ast.h"
#include "engine/expression/diagnostic.h"

namespace antiphon::expression {

// DiagnosticsSink: collects the mistakes of one compilation, turns offsets into lines and columns, keeps the first `max` of them.
class DiagnosticsSink {
 public:
  DiagnosticsSink(std::string_view text, std::uint32_t max) : text_(text), max_(max) {}

  void Report(Span span, std::string message, std::string remedy = {});

  [[nodiscard]] bool empty() const { return count_ == 0; }
  // In the order of the text; empties the sink.
  [[nodiscard]] std::vector<ExpressionDiagnostic> Take();

 private:
  std::string_view text_;
  std::uint32_t max_;
  std::uint32_t count_ = 0;
  std::vector<ExpressionDiagnostic> diagnostics_;
};

}  // namespace antiphon::expression
