#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/calendar/local_time.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::calendar {

// Zone: how the wall clock of one place runs, as a table of periods of constant offset, 1970 to 2100. The table is filled once, at load, so
// that no decision reads the system's zone data; it is part of the topology's version (AppendCanonical).
// Value type, immutable, cheap to copy (copies share the table), safe to share between threads.
// Before the first period its offset holds, after the last one the last. Source: docs/windows.md, "Zones".
// REQUIRES for all times given: years 0 to 9999.
class Zone {
 public:
  // From `at` on, the clock shows UTC + `offset`.
  struct Transition {
    EngineTime at;
    std::chrono::seconds offset;
  };

  // UTC.
  Zone();

  // `transitions` that do not change the offset are dropped. Error if they are not in ascending order or an offset reaches 26 hours.
  [[nodiscard]] static Result<Zone> Create(std::string name, std::chrono::seconds first_offset, const std::vector<Transition>& transitions);

  [[nodiscard]] const std::string& name() const { return table_->name; }
  // The offset never changes, so that days and hours are plain divisions.
  [[nodiscard]] bool is_fixed() const { return table_->starts_ms.size() == 2; }

  // What the clock shows at `time`. A few nanoseconds: the period is found by a table of slots.
  [[nodiscard]] LocalTime ToLocal(EngineTime time) const {
    const std::int64_t ms = ToEpochMs(time);
    return LocalTime{Milliseconds{ms + table_->offsets_ms[PeriodOf(ms)]}};
  }

  // The first instant at which the clock shows `local` or more. So a local time that is skipped (clocks go forward) is the first instant
  // after the gap, and one that is shown twice (clocks go back) is the earlier one. Never decreases with `local`. O(1) as above.
  [[nodiscard]] EngineTime FromLocal(LocalTime local) const;

  // The days of a zone cut all time into pieces: a day begins at FromLocal(its midnight) and ends where the next one begins. Where clocks
  // go back over midnight (St. John's until 2011), the part shown twice belongs to the day that has begun, so that days never go back; a
  // date that is skipped as a whole (Samoa, 2011-12-30) has no instant.
  [[nodiscard]] LocalDay DayOf(EngineTime time) const { return DateOf(HighestLocal(time)); }
  [[nodiscard]] EngineTime StartOfDay(LocalDay day) const { return FromLocal(LocalTime{day}); }
  [[nodiscard]] EngineTime StartOfDay(EngineTime time) const { return StartOfDay(DayOf(time)); }

  // The highest that the clock has shown up to and including `time`: the clock itself, except where it goes back, there it stands.
  // FromLocal(local) <= time exactly if local <= HighestLocal(time).
  [[nodiscard]] LocalTime HighestLocal(EngineTime time) const {
    const std::int64_t ms = ToEpochMs(time);
    const std::size_t period = PeriodOf(ms);
    const std::int64_t shown = ms + table_->offsets_ms[period];
    const std::int64_t before = table_->highest_before_ms[period];
    return LocalTime{Milliseconds{shown > before ? shown : before}};
  }

  // The periods, ascending; the first one begins at kPast.
  [[nodiscard]] std::size_t period_count() const { return table_->offsets_ms.size(); }
  [[nodiscard]] std::size_t PeriodOf(EngineTime time) const { return PeriodOf(ToEpochMs(time)); }
  [[nodiscard]] EngineTime PeriodStart(std::size_t period) const { return FromEpochMs(table_->starts_ms[period]); }
  // Exclusive; kFuture for the last one.
  [[nodiscard]] EngineTime PeriodEnd(std::size_t period) const { return FromEpochMs(table_->starts_ms[period + 1]); }
  [[nodiscard]] Milliseconds PeriodOffset(std::size_t period) const { return Milliseconds{table_->offsets_ms[period]}; }

  static constexpr EngineTime kPast{Milliseconds{INT64_MIN / 4}};
  static constexpr EngineTime kFuture{Milliseconds{INT64_MAX / 4}};

  // The bytes by which the topology's version knows the zone: name (u32 length, bytes), u32 count of periods, then for each its start and
  // its offset in ms (i64 each); all little-endian.
  void AppendCanonical(std::string& out) const;

 private:
  static constexpr unsigned kSlotBits = 34;   // 2^34 ms are 198 days: a slot rarely holds more than one transition
  static constexpr std::size_t kSlots = 242;  // up to 2101

  struct Table {
    std::string name;
    std::vector<std::int64_t> starts_ms;          // one more than periods; the last is kFuture
    std::vector<std::int64_t> offsets_ms;         // by period
    std::vector<std::int64_t> highest_before_ms;  // by period: the highest that the clock has shown before it
    std::int64_t offset_ms_max = 0;
    std::array<std::uint16_t, kSlots> slots{};  // by slot: the period of its first instant
  };

  explicit Zone(std::shared_ptr<const Table> table) : table_(std::move(table)) {}

  [[nodiscard]] std::size_t PeriodOf(std::int64_t ms) const {
    const Table& table = *table_;
    if (ms < 0) return PeriodBefore1970(ms);
    const std::size_t slot = static_cast<std::size_t>(ms) >> kSlotBits;
    std::size_t period = table.slots[slot < kSlots ? slot : kSlots - 1];
    while (table.starts_ms[period + 1] <= ms) ++period;
    return period;
  }
  [[nodiscard]] std::size_t PeriodBefore1970(std::int64_t ms) const;

  std::shared_ptr<const Table> table_;
};

}  // namespace antiphon::calendar
