#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace antiphon {

using Milliseconds = std::chrono::milliseconds;

// A point of event time or engine time, in milliseconds since 1970-01-01T00:00:00Z. What it means (event, now, floor, due) is said by
// the name of the variable. Wall time exists in the shell only. Source: docs/time-and-determinism.md.
using EngineTime = std::chrono::sys_time<Milliseconds>;

// The bounds of the times that an input may have: [1970-01-02, 2100-01-01).
inline constexpr EngineTime kEngineTimeMin{std::chrono::sys_days{std::chrono::year{1970} / 1 / 2}};
inline constexpr EngineTime kEngineTimeMax{std::chrono::sys_days{std::chrono::year{2100} / 1 / 1}};

[[nodiscard]] constexpr std::int64_t ToEpochMs(EngineTime time) { return time.time_since_epoch().count(); }
[[nodiscard]] constexpr EngineTime FromEpochMs(std::int64_t ms) { return EngineTime{Milliseconds{ms}}; }

// RFC 3339 in UTC with milliseconds, "2026-03-01T09:30:00.000Z": the one form in which times are printed.
[[nodiscard]] std::string FormatTime(EngineTime time);
void AppendTime(std::string& out, EngineTime time);

// Reads RFC 3339 ("2026-03-01T09:30:00Z", with a fraction of up to 9 digits, "Z" or an offset "+01:00"; 'T', 't' or a space between).
// Digits beyond the millisecond are cut off, towards the past. Nothing if the text is not such a time or the date does not exist; a leap
// second
// (":60") is read as the first millisecond of the next minute. The year has four digits, 0000 to 9999: bounds are the caller's concern.
[[nodiscard]] std::optional<EngineTime> ParseTime(std::string_view text);

// A length of time as operators write it: a whole number and a unit, "90d", "48h", "30m", "10s", "500ms", "2w". A day is 24 hours.
// Nothing if the text is not such a length or does not fit. Never negative.
[[nodiscard]] std::optional<Milliseconds> ParseDuration(std::string_view text);

// The shortest such text: 7d, not 168h.
[[nodiscard]] std::string FormatDuration(Milliseconds duration);

}  // namespace antiphon
