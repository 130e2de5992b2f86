#include "engine/topology/diagnostic.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace antiphon::topology {

std::string ToString(const Diagnostic& diagnostic) {
  static constexpr const char* kWords[] = {"error", "warning", "note"};
  std::string out = diagnostic.file + ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) + ": " +
                    kWords[static_cast<std::size_t>(diagnostic.severity)] + ": " + diagnostic.message;
  if (!diagnostic.remedy.empty()) out += "; " + diagnostic.remedy;
  return out + " [" + diagnostic.code + "]";
}

void Diagnostics::Add(Diagnostic diagnostic) {
  if (std::ranges::find(diagnostics_, diagnostic) != diagnostics_.end()) return;
  if (diagnostic.severity == Severity::kError) ++errors_;
  if (diagnostics_.size() >= kMax) {
    ++left_out_;
    return;
  }
  diagnostics_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::Take() {
  std::ranges::stable_sort(diagnostics_, {}, [](const Diagnostic& diagnostic) {
    return std::tuple(std::string_view(diagnostic.file), diagnostic.line, diagnostic.column, diagnostic.severity);
  });
  if (left_out_ > 0) {
    Diagnostic rest = diagnostics_.back();
    rest.code = "too_many";
    rest.message = std::to_string(left_out_) + " more are not shown";
    rest.remedy.clear();
    diagnostics_.push_back(std::move(rest));
  }
  return std::exchange(diagnostics_, {});
}

}  // namespace antiphon::topology
