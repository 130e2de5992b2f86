#include "engine/calendar/schedule.h"

#include <algorithm>

namespace antiphon::calendar {
namespace {

const HolidayCalendar kNoHolidays;

const HolidayCalendar& HolidaysOf(const HoursInZone& hours) { return hours.holidays == nullptr ? kNoHolidays : *hours.holidays; }

std::optional<OpenInterval> IntervalFrom(const HoursInZone& hours, EngineTime time) {
  return hours.hours->NextInterval(*hours.zone, HolidaysOf(hours), time);
}

// The earliest time from `time` on at which the constraint holds; nothing if there is none in reach.
std::optional<EngineTime> WhenOpen(const HoursInZone& open, EngineTime time) {
  if (open.hours == nullptr) return time;
  const auto interval = IntervalFrom(open, time);
  return interval ? std::optional(std::max(interval->start, time)) : std::nullopt;
}

std::optional<EngineTime> WhenNotQuiet(const HoursInZone& quiet, EngineTime time, EngineTime horizon) {
  if (quiet.hours == nullptr) return time;
  while (time < horizon) {
    const auto interval = IntervalFrom(quiet, time);
    if (!interval || interval->start > time) return time;
    time = interval->end;
  }
  return std::nullopt;
}

std::optional<EngineTime> WhenAnswerable(const ReplyHours& reply, EngineTime time, EngineTime horizon) {
  if (reply.channel.hours == nullptr) return time;
  EngineTime from = time;
  while (from < horizon + reply.open_within) {
    const auto interval = IntervalFrom(reply.channel, from);
    if (!interval) return std::nullopt;
    // In time for this interval: enough of it lies after the message and soon enough.
    const EngineTime earliest = std::max(time, interval->start + reply.open_for - reply.open_within);
    const EngineTime latest = interval->end - std::max(reply.open_for, Milliseconds{1});
    if (reply.open_for <= reply.open_within && earliest <= latest) return earliest;
    from = interval->end;
  }
  return std::nullopt;
}

}  // namespace

std::optional<EngineTime> EarliestSayable(const SayableQuestion& question, EngineTime at) {
  const EngineTime horizon = at + kScheduleHorizon;
  EngineTime time = at;
  while (time < horizon) {
    const EngineTime before = time;
    const auto open = WhenOpen(question.open, time);
    if (!open) return std::nullopt;
    const auto loud = WhenNotQuiet(question.quiet, *open, horizon);
    if (!loud) return std::nullopt;
    const auto answerable = question.reply ? WhenAnswerable(*question.reply, *loud, horizon) : loud;
    if (!answerable) return std::nullopt;
    time = *answerable;
    if (time == before) return time;
  }
  return std::nullopt;
}

}  // namespace antiphon::calendar
