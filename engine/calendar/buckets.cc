#include "engine/calendar/buckets.h"

#include <algorithm>
#include <string>
#include <utility>

#include "state/base/check.h"

namespace antiphon::calendar {
namespace {

constexpr Milliseconds kHour = std::chrono::hours{1};
constexpr Milliseconds kWeek = std::chrono::weeks{1};

bool IsGrain(Milliseconds grain) {
  if (grain < BucketGrid::kGrainMin || grain > BucketGrid::kGrainMax) return false;
  if (grain <= kHour) return kHour % grain == Milliseconds{0} && grain % std::chrono::seconds{1} == Milliseconds{0};
  if (grain < kDayLength) return kDayLength % grain == Milliseconds{0} && grain % kHour == Milliseconds{0};
  return grain % kDayLength == Milliseconds{0};
}

// The part of a grain by which a clock of this offset is ahead of UTC: never negative.
std::int64_t Phase(std::int64_t offset_ms, std::int64_t grain_ms) { return offset_ms - FloorDiv(offset_ms, grain_ms) * grain_ms; }

}  // namespace

BucketGrid::BucketGrid() : grain_ms_(kDayLength.count()) {}

Result<BucketGrid> BucketGrid::Create(Zone zone, Milliseconds grain, std::chrono::weekday week_starts) {
  ANTIPHON_CHECK(week_starts.ok());
  if (!IsGrain(grain)) {
    return Fail(Recovery::kStopProcess,
                "a grain of " + FormatDuration(grain) +
                    " cannot be aligned to the clock; write a number of whole days (up to 366), 12h, 8h, 6h, 4h, 3h, "
                    "2h, 1h, or a part of an hour that divides it, such as 30m, 15m, 5m, 1m or 10s");
  }
  BucketGrid grid;
  grid.zone_ = std::move(zone);
  grid.grain_ms_ = grain.count();
  if (grain > kHour) {
    std::int64_t phase_ms = 0;
    if (grain % kWeek == Milliseconds{0}) {
      // The first such weekday at or before 1970-01-01.
      phase_ms = Milliseconds{std::chrono::weekday{LocalDay{}} - week_starts}.count();
    }
    const bool fixed = grid.zone_.is_fixed();
    grid.form_ = fixed ? Form::kElapsed : Form::kLocal;
    grid.phase_ms_ = phase_ms + (fixed ? grid.zone_.PeriodOffset(0).count() : 0);
    return grid;
  }
  grid.phase_ms_ = Phase(grid.zone_.PeriodOffset(0).count(), grid.grain_ms_);
  for (std::size_t i = 1; i < grid.zone_.period_count(); ++i) {
    if (Phase(grid.zone_.PeriodOffset(i).count(), grid.grain_ms_) != grid.phase_ms_) grid.form_ = Form::kByPeriod;
  }
  if (grid.form_ == Form::kByPeriod) grid.NumberPeriods();
  return grid;
}

void BucketGrid::NumberPeriods() {
  number_shift_.assign(zone_.period_count(), 0);
  for (std::size_t i = 1; i < zone_.period_count(); ++i) {
    // A change by whole grains leaves the boundaries where they are.
    if ((zone_.PeriodOffset(i) - zone_.PeriodOffset(i - 1)).count() % grain_ms_ == 0) {
      number_shift_[i] = number_shift_[i - 1];
      continue;
    }
    const EngineTime start = zone_.PeriodStart(i);
    const std::int64_t before_ms = (zone_.PeriodOffset(i - 1) + (start - Milliseconds{1}).time_since_epoch()).count();
    const std::int64_t shown_ms = (zone_.PeriodOffset(i) + start.time_since_epoch()).count();
    // Another change begins a bucket if the clock jumps over a boundary, or back onto one; else the bucket goes on through it.
    const bool begins = FloorDiv(shown_ms, grain_ms_) > FloorDiv(before_ms, grain_ms_) || shown_ms % grain_ms_ == 0;
    const std::int64_t number = OfInPeriod(start - Milliseconds{1}, i - 1) + (begins ? 1 : 0);
    number_shift_[i] = number - OfInPeriod(start, i);
  }
}

std::int64_t BucketGrid::OfInPeriod(EngineTime time, std::size_t period) const {
  const std::int64_t phase_ms = Phase(zone_.PeriodOffset(period).count(), grain_ms_);
  return FloorDiv(ToEpochMs(time) + phase_ms, grain_ms_) + number_shift_[period];
}

std::int64_t BucketGrid::OfByPeriod(EngineTime time) const { return OfInPeriod(time, zone_.PeriodOf(time)); }

EngineTime BucketGrid::Start(std::int64_t bucket) const {
  const std::int64_t ms = bucket * grain_ms_ - phase_ms_;
  if (form_ == Form::kElapsed) return FromEpochMs(ms);
  if (form_ == Form::kLocal) return zone_.FromLocal(LocalTime{Milliseconds{ms}});
  // The last period that begins in an earlier bucket; the boundary lies in it or is its end.
  std::size_t low = 0;
  for (std::size_t count = zone_.period_count(); count > 1;) {
    const std::size_t half = count / 2;
    if (OfInPeriod(zone_.PeriodStart(low + half), low + half) < bucket) low += half;
    count -= half;
  }
  const std::int64_t offset_ms = zone_.PeriodOffset(low).count();
  return std::min(FromEpochMs((bucket - number_shift_[low]) * grain_ms_ - Phase(offset_ms, grain_ms_)), zone_.PeriodEnd(low));
}

Milliseconds DefaultGrain(Milliseconds over) {
  if (over <= std::chrono::minutes{3}) return std::chrono::seconds{1};
  if (over <= std::chrono::hours{3}) return std::chrono::minutes{1};
  if (over <= std::chrono::days{3}) return std::chrono::hours{1};
  return kDayLength;
}

}  // namespace antiphon::calendar
