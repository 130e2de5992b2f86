#include "services/tools/time_text.h"

namespace antiphon::tools {
namespace {

// What a wall clock shows is read as if it stood in UTC: the same checks of dates and digits.
std::optional<calendar::LocalTime> AsLocal(std::string text) {
  const auto shown = ParseTime(text.append("Z"));
  if (!shown) return std::nullopt;
  return calendar::LocalTime{shown->time_since_epoch()};
}

constexpr std::size_t kDayLetters = std::string_view("2026-03-02").size();
constexpr std::size_t kMinuteLetters = std::string_view("2026-03-02 09:00").size();
constexpr std::size_t kSecondLetters = std::string_view("2026-03-02 09:00:00").size();

}  // namespace

std::optional<TimeSpan> ReadTimeSpan(std::string_view text, const calendar::Zone& zone) {
  if (const auto exact = ParseTime(text)) return TimeSpan{*exact, *exact + Milliseconds{1}};
  std::string full(text);
  Milliseconds length{1};
  if (text.size() == kDayLetters) {
    full += "T00:00:00";
    length = calendar::kDayLength;
  } else if (text.size() == kMinuteLetters) {
    full += ":00";
    length = std::chrono::minutes{1};
  } else if (text.size() == kSecondLetters) {
    length = std::chrono::seconds{1};
  }
  const auto local = AsLocal(std::move(full));
  if (!local) return std::nullopt;
  const EngineTime from = zone.FromLocal(*local);
  return TimeSpan{from, length < calendar::kDayLength ? from + length : zone.FromLocal(*local + length)};
}

std::string LocalTimeText(EngineTime time, const calendar::Zone& zone) {
  std::string text = FormatTime(EngineTime{zone.ToLocal(time).time_since_epoch()});
  text[kDayLetters] = ' ';
  text.pop_back();  // Z
  if (text.ends_with(".000")) text.resize(kSecondLetters);
  if (text.size() == kSecondLetters && text.ends_with(":00")) text.resize(kMinuteLetters);
  return text;
}

}  // namespace antiphon::tools
