#include "engine/pattern/pattern.h"

namespace antiphon::pattern {
namespace {

void CollectNames(const std::vector<PatternElement>& elements, std::vector<std::string>& names) {
  for (const PatternElement& element : elements) {
    if (element.group) {
      CollectNames(*element.group, names);
    } else {
      names.push_back(element.name);
    }
  }
}

}  // namespace

std::vector<std::string> StepNames(const PatternSpec& spec) {
  std::vector<std::string> names;
  CollectNames(spec.elements, names);
  return names;
}

std::optional<StepNumber> FindStep(const PatternSpec& spec, std::string_view name) {
  const std::vector<std::string> names = StepNames(spec);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<StepNumber>(i);
  }
  return std::nullopt;
}

bool EndsInAbsence(const PatternSpec& spec) {
  const std::vector<PatternElement>* elements = &spec.elements;
  while (!elements->empty()) {
    const PatternElement& last = elements->back();
    if (!last.group) return last.contiguity == Contiguity::kNotFollowedBy;
    elements = &*last.group;
  }
  return false;
}

}  // namespace antiphon::pattern
