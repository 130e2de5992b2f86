#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/calendar/zone.h"
#include "state/base/time.h"

namespace antiphon::tools {

// Times as operators write and read them: RFC 3339 ("2026-03-02T09:00:00Z"), or the wall clock of the topology's zone, as precise as
// wanted: "2026-03-02", "2026-03-02 09:00", "2026-03-02 09:00:30", "2026-03-02 09:00:30.250".

// The times that a text may stand for: [from, until). "2026-03-02" is a day, "2026-03-02 09:00" a minute; a millisecond otherwise.
struct TimeSpan {
  EngineTime from{};
  EngineTime until{};
  [[nodiscard]] bool Contains(EngineTime time) const { return from <= time && time < until; }
  friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};

// Nothing if the text is no time. A local time that is skipped or shown twice is the one that Zone::FromLocal gives.
[[nodiscard]] std::optional<TimeSpan> ReadTimeSpan(std::string_view text, const calendar::Zone& zone);

// "2026-03-02 09:00" on the zone's clock; seconds and milliseconds only where there are some.
[[nodiscard]] std::string LocalTimeText(EngineTime time, const calendar::Zone& zone);

inline constexpr std::string_view kTimeRemedy =
    "write 2026-03-02T09:00:00Z, or a time of the topology's zone: 2026-03-02, 2026-03-02 09:00";

}  // namespace antiphon::tools
