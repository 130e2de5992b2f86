#include "engine/expression/diagnostic.h"

#include <algorithm>

#include "engine/expression/diagnostics_sink.h"
#include "engine/expression/text.h"

namespace antiphon::expression {
namespace {

// Levenshtein's distance with the swap of neighbours as one step (optimal string alignment), cut off above `most`.
std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t most) {
  const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference > most) return most + 1;
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string ToString(const ExpressionDiagnostic& diagnostic) {
  std::string result = std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) + ": " + diagnostic.message;
  if (!diagnostic.remedy.empty()) result += "; " + diagnostic.remedy;
  return result;
}

std::string NearestName(std::string_view name, const std::vector<std::string>& names) {
  constexpr std::size_t kLengthMax = 128;
  if (name.size() > kLengthMax) return {};
  const std::size_t most = std::min<std::size_t>(3, (name.size() + 2) / 3);
  std::size_t best = most + 1;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : names) {
    const std::size_t distance = EditDistance(name, candidate, most);
    if (distance >= best || distance == 0) continue;
    best = distance;
    nearest = &candidate;
  }
  return nearest == nullptr ? std::string() : *nearest;
}

void DiagnosticsSink::Report(Span span, std::string message, std::string remedy) {
  ++count_;
  if (diagnostics_.size() >= max_ && max_ > 0) return;
  ExpressionDiagnostic diagnostic;
  const auto size = static_cast<std::uint32_t>(text_.size());
  diagnostic.offset = std::min(span.offset, size);
  diagnostic.length = std::min(span.length, size - diagnostic.offset);
  const std::string_view before = text_.substr(0, diagnostic.offset);
  diagnostic.line = static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  diagnostic.column = static_cast<std::uint32_t>(1 + CountCodePoints(before.substr(line_start)));
  diagnostic.message = std::move(message);
  diagnostic.remedy = std::move(remedy);
  diagnostics_.push_back(std::move(diagnostic));
}

std::vector<ExpressionDiagnostic> DiagnosticsSink::Take() {
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [](const ExpressionDiagnostic& a, const ExpressionDiagnostic& b) { return a.offset < b.offset; });
  count_ = 0;
  return std::move(diagnostics_);
}

}  // namespace antiphon::expression
