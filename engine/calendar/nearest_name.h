#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::calendar {

// The names that an operator may have meant: at most `count_max` of `names`, by Levenshtein distance over lower-case ASCII, then in the
// order given; none that differs in more than half of its letters. For messages only: O(names x length^2).
[[nodiscard]] std::vector<std::string> NearestNames(std::string_view written, std::span<const std::string> names,
                                                    std::size_t count_max = 3);

// "; did you mean a, b or c?", or nothing if no name is near.
[[nodiscard]] std::string DidYouMean(std::string_view written, std::span<const std::string> names);

}  // namespace antiphon::calendar
