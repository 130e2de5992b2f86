#include "engine/topology/source_files.h"

namespace antiphon::topology {

// Iterative, with one point to go back to: O(path * pattern), no recursion on an operator's text.
bool FitsGlob(std::string_view path, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_at = 0;
  bool star_crosses = false;
  while (at < path.size()) {
    if (in < pattern.size() && pattern[in] == '*') {
      star_crosses = in + 1 < pattern.size() && pattern[in + 1] == '*';
      in += star_crosses ? 2 : 1;
      star = in;
      star_at = at;
    } else if (in < pattern.size() && (pattern[in] == path[at] || (pattern[in] == '?' && path[at] != '/'))) {
      ++at;
      ++in;
    } else if (star != std::string_view::npos && (star_crosses || path[star_at] != '/')) {
      at = ++star_at;
      in = star;
    } else {
      return false;
    }
  }
  while (in < pattern.size() && pattern[in] == '*') ++in;
  return in == pattern.size();
}

}  // namespace antiphon::topology
