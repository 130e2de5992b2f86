#include "engine/calendar/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace antiphon::calendar {
namespace {

constexpr std::size_t kWrittenMax = 64;  // no name is longer; keeps the work small for any text

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (Lower(a[i]) == Lower(b[j]) ? 0U : 1U);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> NearestNames(std::string_view written, std::span<const std::string> names, std::size_t count_max) {
  std::vector<std::pair<std::size_t, std::size_t>> near;  // distance, index
  if (written.size() > kWrittenMax) return {};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = names[i];
    // The last part alone is a common way to write a name of several: "Prague", the treatment "call".
    const std::string_view last = name.substr(name.find_last_of("/.") + 1);
    const std::size_t distance = std::min(Distance(written, name), Distance(written, last) + (last.size() == name.size() ? 0U : 1U));
    if (distance * 2 <= std::max(written.size(), std::size_t{2})) near.emplace_back(distance, i);
  }
  std::ranges::sort(near);
  std::vector<std::string> found;
  for (const auto& [distance, index] : near) {
    if (found.size() == count_max) break;
    found.push_back(names[index]);
  }
  return found;
}

std::string DidYouMean(std::string_view written, std::span<const std::string> names) {
  const std::vector<std::string> near = NearestNames(written, names);
  if (near.empty()) return {};
  std::string text = "; did you mean ";
  for (std::size_t i = 0; i < near.size(); ++i) {
    if (i > 0) text += i + 1 == near.size() ? " or " : ", ";
    text += near[i];
  }
  return text + "?";
}

}  // namespace antiphon::calendar
