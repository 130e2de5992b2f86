#pragma once

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/calendar/weekly_hours.h"
#include "tests/unit/calendar/support.h"

namespace antiphon::calendar {

using HoursText = std::vector<std::pair<std::string, std::string>>;

inline std::expected<WeeklyHours, HoursError> ParseHours(const HoursText& text) {
  std::vector<HoursLine> lines;
  for (const auto& [day, hours] : text) lines.push_back({day, hours});
  return WeeklyHours::Parse(lines);
}

inline WeeklyHours Hours(const HoursText& text) {
  auto hours = ParseHours(text);
  if (!hours) throw std::runtime_error(hours.error().message);
  return *hours;
}

// Opening hours as a naive model: for each weekday (Sunday first, then holidays) the ranges in minutes, and the text that says the same.
struct HoursModel {
  std::vector<std::vector<std::pair<int, int>>> days = std::vector<std::vector<std::pair<int, int>>>(8);
  HoursText text;

  // By the wall clock; a range that ends at or before its begin goes on into the next day.
  [[nodiscard]] bool IsOpen(LocalTime local, const HolidayCalendar* holidays) const {
    const LocalDay today = DateOf(local);
    const auto minute = std::chrono::floor<std::chrono::minutes>(local - LocalTime{today}).count();
    const auto of = [&](LocalDay day) -> const std::vector<std::pair<int, int>>& {
      return days[holidays != nullptr && holidays->IsHoliday(day) ? 7 : std::chrono::weekday{day}.c_encoding()];
    };
    for (const auto& [begin, end] : of(today)) {
      if (minute >= begin && (end <= begin || minute < end)) return true;
    }
    for (const auto& [begin, end] : of(today - std::chrono::days{1})) {
      if (end <= begin && minute < end) return true;
    }
    return false;
  }
};

inline std::string Clock(int minute) {
  std::string text = "00:00";
  text[0] = static_cast<char>('0' + minute / 600);
  text[1] = static_cast<char>('0' + minute / 60 % 10);
  text[3] = static_cast<char>('0' + minute % 60 / 10);
  text[4] = static_cast<char>('0' + minute % 10);
  return text;
}

inline HoursModel AnyHours() {
  static const std::vector<std::string> kNames = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", "holidays"};
  HoursModel model;
  for (std::size_t day = 0; day < kNames.size(); ++day) {
    const int count = *rc::gen::inRange(0, 4);
    std::string hours = count == 0 ? "closed" : "";
    for (int i = 0; i < count; ++i) {
      const int grain = *rc::gen::element(1, 15, 60);
      const int begin = *rc::gen::inRange(0, 1440 / grain) * grain;
      const int end = *rc::gen::inRange(0, 1440 / grain + 1) * grain;
      if (begin == end) {
        model.days[day].emplace_back(0, 1440);
        hours += std::string(i > 0 ? "," : "") + "00:00-24:00";
      } else {
        model.days[day].emplace_back(begin, end);
        hours += std::string(i > 0 ? "," : "") + Clock(begin) + "-" + Clock(end);
      }
    }
    model.text.emplace_back(kNames[day], hours);
  }
  return model;
}

}  // namespace antiphon::calendar
