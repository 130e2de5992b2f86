#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "engine/calendar/local_time.h"
#include "engine/calendar/zone.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::calendar {

// BucketGrid: time in one zone cut into numbered buckets of one length (the grain), for rolling feature windows. The last N buckets at a
// time t are the numbers Of(t) - N + 1 to Of(t). Source: docs/windows.md, "Buckets".
//
// For every t: Start(Of(t)) <= t < Start(Of(t) + 1), and Of never decreases with t. Where the boundaries are:
//   n days     at the zone's midnights (Zone::StartOfDay); n > 1 counts from 1970-01-01; whole weeks begin on the topology's first weekday.
//   n hours    (2, 3, 4, 6, 8, 12) where the clock first reaches a multiple of the grain since midnight; a day has always 24h / grain
//              buckets, so that the one in which the clock changes is shorter or longer.
//   an hour and its divisors (1s to 1h)
//              where the clock shows a multiple of the grain; an hour shown twice is two buckets, so a day may have 23 or 25. N buckets of
//              an hour are N hours of elapsed time, but for a change of the clock by a part of the grain (Lord Howe: 30 minutes): a jump
//              over a boundary begins a bucket, so that one is shorter, and a step back that does not reach one makes its bucket longer.
// Numbers are small and stable: they depend on the zone's past only, so a new tzdata does not renumber what was stored.
// Value type, immutable, no allocation in queries.
class BucketGrid {
 public:
  // The most and the least; what lies between is checked by Create.
  static constexpr Milliseconds kGrainMin = std::chrono::seconds{1};
  static constexpr Milliseconds kGrainMax = std::chrono::days{366};

  // UTC, 1 day.
  BucketGrid();

  // Error, with the lengths that are possible, if `grain` is none of those above.
  [[nodiscard]] static Result<BucketGrid> Create(Zone zone, Milliseconds grain, std::chrono::weekday week_starts = std::chrono::Monday);

  [[nodiscard]] Milliseconds grain() const { return Milliseconds{grain_ms_}; }
  [[nodiscard]] const Zone& zone() const { return zone_; }

  // The number of the bucket that holds `time`. One division for a zone of fixed offset, and for up to an hour in nearly all zones;
  // else a look-up of the zone's period more.
  [[nodiscard]] std::int64_t Of(EngineTime time) const {
    if (form_ == Form::kElapsed) return FloorDiv(ToEpochMs(time) + phase_ms_, grain_ms_);
    if (form_ == Form::kLocal) return FloorDiv(zone_.HighestLocal(time).time_since_epoch().count() + phase_ms_, grain_ms_);
    return OfByPeriod(time);
  }

  // The first instant of the bucket, also of one that is still to come. If a bucket is empty (a date that the zone skipped), the
  // first instant after it.
  [[nodiscard]] EngineTime Start(std::int64_t bucket) const;

  // The first instant of the last `count` buckets at `time`, the current one included. REQUIRES: count >= 1.
  [[nodiscard]] EngineTime WindowStart(EngineTime time, std::int64_t count) const { return Start(Of(time) - count + 1); }

 private:
  enum class Form : std::uint8_t {
    kElapsed,   // boundaries at a constant distance in UTC
    kLocal,     // boundaries by the highest that the clock has shown
    kByPeriod,  // up to an hour, in a zone whose offset changed by a part of the grain
  };

  [[nodiscard]] std::int64_t OfByPeriod(EngineTime time) const;
  [[nodiscard]] std::int64_t OfInPeriod(EngineTime time, std::size_t period) const;
  void NumberPeriods();

  Zone zone_;
  std::int64_t grain_ms_ = 0;
  std::int64_t phase_ms_ = 0;  // added before the division
  Form form_ = Form::kElapsed;
  std::vector<std::int64_t> number_shift_;  // kByPeriod: added to the number by clock, so that numbers go on by one
};

// How many buckets a window of length `over` has: over / grain, rounded up. REQUIRES: both positive.
[[nodiscard]] constexpr std::int64_t BucketCount(Milliseconds over, Milliseconds grain) { return (over + grain - Milliseconds{1}) / grain; }

// The grain of a window that names none: at most 180 buckets up to 3 days, then days.
//   over <= 3m: 1s    <= 3h: 1m    <= 3d: 1h    else 1d
[[nodiscard]] Milliseconds DefaultGrain(Milliseconds over);

}  // namespace antiphon::calendar
