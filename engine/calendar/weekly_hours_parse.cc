#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/calendar/calendar_period.h"
#include "engine/calendar/weekly_hours.h"

namespace antiphon::calendar {
namespace {

// A piece of a text and where it stood.
struct Word {
  std::string_view text;
  std::size_t offset = 0;
};

Word Trim(Word word) {
  while (!word.text.empty() && word.text.front() == ' ') {
    word.text.remove_prefix(1);
    ++word.offset;
  }
  while (!word.text.empty() && word.text.back() == ' ') word.text.remove_suffix(1);
  return word;
}

// Cuts at the first `separator`; the rest is nothing if there is none.
std::pair<Word, std::optional<Word>> Cut(Word word, char separator) {
  const std::size_t at = word.text.find(separator);
  if (at == std::string_view::npos) return {Trim(word), std::nullopt};
  return {Trim({word.text.substr(0, at), word.offset}), Trim({word.text.substr(at + 1), word.offset + at + 1})};
}

using DaySet = std::array<bool, 8>;  // weekdays, Sunday first; then holidays

struct Problem {
  std::size_t offset;
  std::string message;
};

// At most so much of an operator's text is quoted.
std::string Quoted(std::string_view text) {
  constexpr std::size_t kQuotedMax = 40;
  return "'" + std::string(text.substr(0, kQuotedMax)) + (text.size() > kQuotedMax ? "...'" : "'");
}

std::expected<std::chrono::weekday, Problem> ParseDayName(Word word) {
  const std::optional<std::chrono::weekday> day = ParseWeekday(word.text);
  if (day) return *day;
  return std::unexpected(Problem{word.offset, Quoted(word.text) +
                                                  " is no day; write mon, tue, wed, thu, fri, sat, sun, a range such as mon-fri, "
                                                  "'every day' or 'holidays'"});
}

std::expected<DaySet, Problem> ParseDays(std::string_view text) {
  DaySet named{};
  std::optional<Word> rest = Trim({text, 0});
  if (rest->text == "holidays") {
    named[7] = true;
    return named;
  }
  while (rest) {
    auto [item, next] = Cut(*rest, ',');
    rest = next;
    const auto [first_word, last_word] = Cut(item, '-');
    const auto first = ParseDayName(first_word);
    if (!first) return std::unexpected(first.error());
    const auto last = last_word ? ParseDayName(*last_word) : first;
    if (!last) return std::unexpected(last.error());
    for (std::chrono::weekday day = *first;; ++day) {
      named[day.c_encoding()] = true;
      if (day == *last) break;
    }
  }
  return named;
}

struct ClockRange {
  Milliseconds begin;
  Milliseconds end;
};

std::expected<ClockRange, Problem> ParseRange(Word item) {
  const auto [begin_word, end_word] = Cut(item, '-');
  const std::string example = "; write a range such as 09:30-11:30, several with commas between them, or 'closed'";
  if (!end_word) return std::unexpected(Problem{item.offset, Quoted(item.text) + " is no range of hours" + example});
  const std::optional<Milliseconds> begin = ParseTimeOfDay(begin_word.text);
  if (!begin) return std::unexpected(Problem{begin_word.offset, Quoted(begin_word.text) + " is no time of day" + example});
  const std::optional<Milliseconds> end = ParseTimeOfDay(end_word->text);
  if (!end) return std::unexpected(Problem{end_word->offset, Quoted(end_word->text) + " is no time of day" + example});
  if (*begin == kDayLength)
    return std::unexpected(Problem{begin_word.offset, "24:00 ends a range; as a begin write 00:00 of the next day"});
  if (*begin == *end) {
    return std::unexpected(Problem{item.offset, Quoted(item.text) + " is empty; for the whole day write 00:00-24:00, for none 'closed'"});
  }
  return ClockRange{*begin, *end > *begin ? *end : *end + kDayLength};
}

// No ranges: "closed".
std::expected<std::vector<ClockRange>, Problem> ParseHours(std::string_view text) {
  std::vector<ClockRange> ranges;
  std::optional<Word> rest = Trim({text, 0});
  if (rest->text == "closed") return ranges;
  while (rest) {
    auto [item, next] = Cut(*rest, ',');
    rest = next;
    const auto range = ParseRange(item);
    if (!range) return std::unexpected(range.error());
    ranges.push_back(*range);
  }
  return ranges;
}

}  // namespace

std::expected<WeeklyHours, HoursError> WeeklyHours::Parse(std::span<const HoursLine> lines) {
  WeeklyHours hours;
  std::optional<std::size_t> every_day;
  enum class Said : std::uint8_t { kNothing, kClosed, kOpen };
  std::array<Said, 8> said{};
  std::vector<std::vector<ClockRange>> parsed(lines.size());
  const auto fail = [](std::size_t line, HoursError::Part part, Problem problem) {
    return std::unexpected(HoursError{line, part, problem.offset, std::move(problem.message)});
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto ranges = ParseHours(lines[i].hours);
    if (!ranges) return fail(i, HoursError::Part::kHours, std::move(ranges.error()));
    parsed[i] = std::move(*ranges);
    if (Trim({lines[i].days, 0}).text == "every day") {
      if (every_day) return fail(i, HoursError::Part::kDays, {0, "'every day' stands twice; write one line for it"});
      every_day = i;
      continue;
    }
    const auto named = ParseDays(lines[i].days);
    if (!named) return fail(i, HoursError::Part::kDays, named.error());
    const Said now = parsed[i].empty() ? Said::kClosed : Said::kOpen;
    for (std::size_t day = 0; day < named->size(); ++day) {
      if (!(*named)[day]) continue;
      if (said[day] != Said::kNothing && said[day] != now) {
        return fail(i, HoursError::Part::kDays, {0, "a day of this line is closed in one line and has hours in another; name it once"});
      }
      said[day] = now;
      for (const ClockRange& range : parsed[i]) hours.days_[day].push_back({range.begin, range.end});
    }
  }
  hours.names_holidays_ = said[kHolidays] != Said::kNothing;
  for (std::size_t day = 0; day < hours.days_.size(); ++day) {
    Ranges& ranges = hours.days_[day];
    if (day != kHolidays && said[day] == Said::kNothing && every_day) {
      for (const ClockRange& range : parsed[*every_day]) ranges.push_back({range.begin, range.end});
    }
    std::ranges::sort(ranges, {}, &Range::begin);
    Ranges merged;
    for (const Range& range : ranges) {
      if (!merged.empty() && range.begin <= merged.back().end) {
        merged.back().end = std::max(merged.back().end, range.end);
      } else {
        merged.push_back(range);
      }
    }
    ranges = std::move(merged);
  }
  return hours;
}

}  // namespace antiphon::calendar
