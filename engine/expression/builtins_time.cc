// Timestamps and durations: their parts, with and without a zone, and their ranges.
#include <array>
#include <chrono>

#include "engine/expression/builtins.h"
#include "engine/expression/time_text.h"
#include "engine/expression/zone.h"

namespace antiphon::expression {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kTimestampSecondsMin = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kTimestampSecondsMax = 253402300799;  // 9999-12-31T23:59:59Z

struct NamedPart {
  const char* name;
  TimePart part;
};
constexpr std::array<NamedPart, 10> kParts = {{{"getFullYear", TimePart::kFullYear},
                                               {"getMonth", TimePart::kMonth},
                                               {"getDate", TimePart::kDate},
                                               {"getDayOfMonth", TimePart::kDayOfMonth},
                                               {"getDayOfWeek", TimePart::kDayOfWeek},
                                               {"getDayOfYear", TimePart::kDayOfYear},
                                               {"getHours", TimePart::kHours},
                                               {"getMinutes", TimePart::kMinutes},
                                               {"getSeconds", TimePart::kSeconds},
                                               {"getMilliseconds", TimePart::kMilliseconds}}};

// The whole duration in hours, minutes or seconds; of milliseconds only what is left of the second. Towards zero.
Value PartOfDuration(TimePart part, const Value& duration) {
  std::int64_t seconds = duration.seconds();
  auto nanos = static_cast<std::int64_t>(duration.nanos());
  if (seconds < 0 && nanos > 0) {
    ++seconds;
    nanos -= kNanosPerSecond;
  }
  switch (part) {
    case TimePart::kHours:
      return Value::Int(seconds / 3600);
    case TimePart::kMinutes:
      return Value::Int(seconds / 60);
    case TimePart::kSeconds:
      return Value::Int(seconds);
    case TimePart::kMilliseconds:
      return Value::Int(nanos / 1'000'000);
    default:
      return NoOverload();
  }
}

template <TimePart part>
Value GetPart(CallContext& /*context*/, Arguments args) {
  if (args.size() == 1) return args[0].is(Kind::kDuration) ? PartOfDuration(part, args[0]) : PartOfTimestamp(part, args[0], 0);
  if (!args[0].is(Kind::kTimestamp) || !args[1].is(Kind::kString)) return NoOverload();
  const std::optional<Zone> zone = Zone::Find(args[1].as_text());
  if (!zone) return BadArgument("no such time zone");
  return PartOfTimestamp(part, args[0], zone->OffsetSeconds(args[0].seconds()));
}

}  // namespace

std::optional<TimePart> FindTimePart(std::string_view function) {
  for (const NamedPart& named : kParts)
    if (function == named.name) return named.part;
  return std::nullopt;
}

Value PartOfTimestamp(TimePart part, const Value& timestamp, std::int32_t offset_seconds) {
  if (!timestamp.is(Kind::kTimestamp)) return NoOverload();
  const std::chrono::sys_seconds at{std::chrono::seconds{timestamp.seconds() + offset_seconds}};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const auto second = (at - day).count();
  switch (part) {
    case TimePart::kHours:
      return Value::Int(second / 3600);
    case TimePart::kMinutes:
      return Value::Int(second / 60 % 60);
    case TimePart::kSeconds:
      return Value::Int(second % 60);
    case TimePart::kMilliseconds:
      return Value::Int(timestamp.nanos() / 1'000'000);
    case TimePart::kDayOfWeek:  // Sunday is 0
      return Value::Int(std::chrono::weekday{day}.c_encoding());
    default:
      break;
  }
  const std::chrono::year_month_day date{day};
  switch (part) {
    case TimePart::kFullYear:
      return Value::Int(static_cast<int>(date.year()));
    case TimePart::kMonth:  // January is 0
      return Value::Int(static_cast<unsigned>(date.month()) - 1);
    case TimePart::kDate:  // from 1
      return Value::Int(static_cast<unsigned>(date.day()));
    case TimePart::kDayOfMonth:  // from 0
      return Value::Int(static_cast<unsigned>(date.day()) - 1);
    default:  // kDayOfYear, from 0
      return Value::Int((day - std::chrono::sys_days{date.year() / 1 / 1}).count());
  }
}

Value MakeTimestamp(std::int64_t seconds, std::int64_t nanos) {
  seconds += nanos / kNanosPerSecond;
  nanos %= kNanosPerSecond;
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --seconds;
  }
  if (seconds < kTimestampSecondsMin || seconds > kTimestampSecondsMax)
    return Value::Error(ErrorCode::kOverflow, "range error: a timestamp lies within the years 1 to 9999");
  return Value::Timestamp(seconds, static_cast<std::uint32_t>(nanos));
}

// The range is that of 64 bits of nanoseconds, about 292 years: CEL's reference and its conformance cases have it so.
Value MakeDuration(std::int64_t seconds, std::int64_t nanos) {
  const Int128 whole = static_cast<Int128>(seconds) * kNanosPerSecond + nanos;
  if (whole > INT64_MAX || whole < INT64_MIN)
    return Value::Error(ErrorCode::kOverflow, "range error: a duration is at most 9223372036 seconds");
  auto whole_seconds = static_cast<std::int64_t>(whole / kNanosPerSecond);
  auto rest = static_cast<std::int64_t>(whole % kNanosPerSecond);
  if (rest < 0) {
    rest += kNanosPerSecond;
    --whole_seconds;
  }
  return Value::Duration(whole_seconds, static_cast<std::uint32_t>(rest));
}

std::span<const BuiltinRow> TimeRows() {
  static constexpr BuiltinRow kRows[] = {
      {"getFullYear", true, "timestamp", "int", &GetPart<TimePart::kFullYear>},
      {"getFullYear", true, "timestamp, string", "int", &GetPart<TimePart::kFullYear>},
      {"getMonth", true, "timestamp", "int", &GetPart<TimePart::kMonth>},
      {"getMonth", true, "timestamp, string", "int", &GetPart<TimePart::kMonth>},
      {"getDate", true, "timestamp", "int", &GetPart<TimePart::kDate>},
      {"getDate", true, "timestamp, string", "int", &GetPart<TimePart::kDate>},
      {"getDayOfMonth", true, "timestamp", "int", &GetPart<TimePart::kDayOfMonth>},
      {"getDayOfMonth", true, "timestamp, string", "int", &GetPart<TimePart::kDayOfMonth>},
      {"getDayOfWeek", true, "timestamp", "int", &GetPart<TimePart::kDayOfWeek>},
      {"getDayOfWeek", true, "timestamp, string", "int", &GetPart<TimePart::kDayOfWeek>},
      {"getDayOfYear", true, "timestamp", "int", &GetPart<TimePart::kDayOfYear>},
      {"getDayOfYear", true, "timestamp, string", "int", &GetPart<TimePart::kDayOfYear>},
      {"getHours", true, "timestamp", "int", &GetPart<TimePart::kHours>},
      {"getHours", true, "timestamp, string", "int", &GetPart<TimePart::kHours>},
      {"getHours", true, "duration", "int", &GetPart<TimePart::kHours>},
      {"getMinutes", true, "timestamp", "int", &GetPart<TimePart::kMinutes>},
      {"getMinutes", true, "timestamp, string", "int", &GetPart<TimePart::kMinutes>},
      {"getMinutes", true, "duration", "int", &GetPart<TimePart::kMinutes>},
      {"getSeconds", true, "timestamp", "int", &GetPart<TimePart::kSeconds>},
      {"getSeconds", true, "timestamp, string", "int", &GetPart<TimePart::kSeconds>},
      {"getSeconds", true, "duration", "int", &GetPart<TimePart::kSeconds>},
      {"getMilliseconds", true, "timestamp", "int", &GetPart<TimePart::kMilliseconds>},
      {"getMilliseconds", true, "timestamp, string", "int", &GetPart<TimePart::kMilliseconds>},
      {"getMilliseconds", true, "duration", "int", &GetPart<TimePart::kMilliseconds>},
  };
  return kRows;
}

}  // namespace antiphon::expression
