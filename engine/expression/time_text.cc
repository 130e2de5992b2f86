#include "engine/expression/time_text.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>

#include "engine/expression/builtins.h"

namespace antiphon::expression {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

// Reads a text from its front.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool empty() const { return text_.empty(); }
  bool Take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool Take(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  [[nodiscard]] bool AtDigit() const { return !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; }
  int TakeDigit() {
    const int digit = text_[0] - '0';
    text_.remove_prefix(1);
    return digit;
  }
  // Exactly `count` digits.
  std::optional<int> Digits(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      if (!AtDigit()) return std::nullopt;
      value = value * 10 + TakeDigit();
    }
    return value;
  }

 private:
  std::string_view text_;
};

// Digits after the point as billionths; more than nine are refused.
std::optional<std::int64_t> Billionths(Reader& reader) {
  std::int64_t value = 0;
  std::int64_t weight = kNanosPerSecond / 10;
  if (!reader.AtDigit()) return std::nullopt;
  while (reader.AtDigit()) {
    if (weight == 0) return std::nullopt;
    value += weight * reader.TakeDigit();
    weight /= 10;
  }
  return value;
}

// "Z", "+01:00": seconds east of UTC.
std::optional<std::int64_t> Offset(Reader& reader) {
  if (reader.Take('Z') || reader.Take('z')) return 0;
  const bool west = reader.Take('-');
  if (!west && !reader.Take('+')) return std::nullopt;
  const auto hours = reader.Digits(2);
  if (!hours || !reader.Take(':')) return std::nullopt;
  const auto minutes = reader.Digits(2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = (std::int64_t{*hours} * 60 + *minutes) * 60;
  return west ? -seconds : seconds;
}

std::optional<std::chrono::sys_days> Date(Reader& reader) {
  const auto year = reader.Digits(4);
  if (!year || !reader.Take('-')) return std::nullopt;
  const auto month = reader.Digits(2);
  if (!month || !reader.Take('-')) return std::nullopt;
  const auto day = reader.Digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date};
}

char* AppendFraction(char* out, std::uint32_t nanos) {
  if (nanos == 0) return out;
  *out++ = '.';
  for (std::uint32_t weight = kNanosPerSecond / 10; nanos > 0; weight /= 10) {
    *out++ = static_cast<char>('0' + nanos / weight);
    nanos %= weight;
  }
  return out;
}

char* AppendDigits(char* out, int value, int count) {
  for (int i = count - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + count;
}

struct DurationUnit {
  std::string_view name;
  std::int64_t nanos;
};
// Longer names first.
constexpr std::array<DurationUnit, 8> kDurationUnits = {{{"ns", 1},
                                                         {"us", 1'000},
                                                         {"\u00B5s", 1'000},
                                                         {"\u03BCs", 1'000},
                                                         {"ms", 1'000'000},
                                                         {"s", kNanosPerSecond},
                                                         {"m", 60 * kNanosPerSecond},
                                                         {"h", 3600 * kNanosPerSecond}}};

}  // namespace

Value ParseTimestampText(std::string_view text) {
  constexpr Value kBad = BadArgument("the text is not an RFC 3339 timestamp such as 2026-03-01T09:30:00Z");
  Reader reader(text);
  const auto date = Date(reader);
  if (!date || !(reader.Take('T') || reader.Take('t') || reader.Take(' '))) return kBad;
  const auto hour = reader.Digits(2);
  if (!hour || !reader.Take(':')) return kBad;
  const auto minute = reader.Digits(2);
  if (!minute || !reader.Take(':')) return kBad;
  const auto second = reader.Digits(2);
  if (!second || *hour > 23 || *minute > 59 || *second > 59) return kBad;
  std::int64_t nanos = 0;
  if (reader.Take('.')) {
    const auto fraction = Billionths(reader);
    if (!fraction) return kBad;
    nanos = *fraction;
  }
  const auto offset = Offset(reader);
  if (!offset || !reader.empty()) return kBad;
  const std::int64_t days = date->time_since_epoch().count();
  return MakeTimestamp(days * 86400 + std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60 + *second - *offset, nanos);
}

Value ParseDurationText(std::string_view text) {
  constexpr Value kBad = BadArgument("the text is not a duration such as 90s or 1h30m (units h, m, s, ms, us, ns)");
  Reader reader(text);
  const bool negative = reader.Take('-');
  if (!negative) (void)reader.Take('+');
  if (reader.empty()) return kBad;
  if (reader.Take('0') && reader.empty()) return Value::Duration(0);
  Reader parts(text.substr(text.starts_with('-') || text.starts_with('+') ? 1 : 0));
  Int128 nanos = 0;
  constexpr Int128 kMost = Int128{1} << 100;
  while (!parts.empty()) {
    Int128 number = 0;
    Int128 scale = 1;
    if (!parts.AtDigit() && text.find('.') == std::string_view::npos) return kBad;
    bool digits = false;
    for (; parts.AtDigit(); digits = true) {
      number = number * 10 + parts.TakeDigit();
      if (number > kMost) return Overflow();
    }
    if (parts.Take('.')) {
      for (; parts.AtDigit(); digits = true) {
        const int digit = parts.TakeDigit();
        if (scale >= 1'000'000'000'000'000) continue;  // below a nanosecond for every unit
        number = number * 10 + digit;
        scale *= 10;
        if (number > kMost) return Overflow();
      }
    }
    if (!digits) return kBad;
    const DurationUnit* unit = nullptr;
    for (const DurationUnit& candidate : kDurationUnits)
      if (unit == nullptr && parts.Take(candidate.name)) unit = &candidate;
    if (unit == nullptr) return kBad;
    if (number > (kMost >> 20)) return Overflow();
    nanos += number * unit->nanos / scale;
    if (nanos > kMost) return Overflow();
  }
  if (negative) nanos = -nanos;
  if (nanos > INT64_MAX || nanos < INT64_MIN) return Overflow();
  return MakeDuration(static_cast<std::int64_t>(nanos / kNanosPerSecond), static_cast<std::int64_t>(nanos % kNanosPerSecond));
}

char* FormatTimestampText(const Value& timestamp, char* out) {
  const std::chrono::sys_seconds at{std::chrono::seconds{timestamp.seconds()}};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const auto second = static_cast<int>((at - day).count());
  out = AppendDigits(out, static_cast<int>(date.year()), 4);
  *out++ = '-';
  out = AppendDigits(out, static_cast<int>(static_cast<unsigned>(date.month())), 2);
  *out++ = '-';
  out = AppendDigits(out, static_cast<int>(static_cast<unsigned>(date.day())), 2);
  *out++ = 'T';
  out = AppendDigits(out, second / 3600, 2);
  *out++ = ':';
  out = AppendDigits(out, second / 60 % 60, 2);
  *out++ = ':';
  out = AppendDigits(out, second % 60, 2);
  out = AppendFraction(out, timestamp.nanos());
  *out++ = 'Z';
  return out;
}

char* FormatDurationText(const Value& duration, char* out) {
  std::int64_t seconds = duration.seconds();
  std::uint32_t nanos = duration.nanos();
  if (seconds < 0) {
    *out++ = '-';
    seconds = -seconds;
    if (nanos > 0) {
      --seconds;
      nanos = static_cast<std::uint32_t>(kNanosPerSecond) - nanos;
    }
  }
  out = std::to_chars(out, out + 24, seconds).ptr;
  out = AppendFraction(out, nanos);
  *out++ = 's';
  return out;
}

}  // namespace antiphon::expression
