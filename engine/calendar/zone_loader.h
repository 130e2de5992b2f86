#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/calendar/zone.h"
#include "state/base/result.h"

namespace antiphon::calendar {

// The one place that reads the system's zone data (tzdata, through Howard Hinnant's date library); called while a topology is loaded, never
// by a decision. The first call in a process costs about 5 ms, a zone about 0.1 ms.
//
// Names are those of the IANA database, aliases included ("Europe/Prague", "UTC", "GB"), with their case. An unknown name is an error with
// the nearest known ones.
//
// The library reads transitions up to 2037 only, since it does not read the rule by which a zone file goes on after its table. A zone that
// still changes its clocks in the last year of its table goes on in the same way: each later year repeats, counted from 1 March, the
// last year in which 1 March is the same weekday. That is exact for every rule of the form "n-th or last weekday of March to December",
// which are all the rules of the database; a test holds each zone to the C library, which does read the rule. Exceptions: docs/windows.md.
[[nodiscard]] Result<Zone> LoadZone(std::string_view name);

// The names that LoadZone knows, sorted. Empty if the system has no zone data.
[[nodiscard]] std::vector<std::string> ZoneNames();

}  // namespace antiphon::calendar
