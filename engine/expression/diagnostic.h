#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::expression {

// A mistake in an expression and its place in the text.
struct ExpressionDiagnostic {
  std::uint32_t offset = 0;  // bytes
  std::uint32_t length = 0;  // bytes; 0 at the end of the text
  std::uint32_t line = 1;    // from 1
  std::uint32_t column = 1;  // from 1, in code points
  std::string message;
  std::string remedy;  // what to write instead, or empty: "did you mean event.amount?"

  friend bool operator==(const ExpressionDiagnostic&, const ExpressionDiagnostic&) = default;
};

// "1:7: undeclared name 'x'; did you mean y?"
[[nodiscard]] std::string ToString(const ExpressionDiagnostic& diagnostic);

// Of `names`, the one nearest to `name` by edit distance, if it is near enough to be a slip (a third of the length, at most 3); the first
// of equals. Empty otherwise. O(names * length^2).
[[nodiscard]] std::string NearestName(std::string_view name, const std::vector<std::string>& names);

}  // namespace antiphon::expression
