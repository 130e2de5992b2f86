#include "engine/calendar/schedule.h"

#include <algorithm>

#include "state/base/check.h"

namespace antiphon::calendar {
namespace {

// The next instant after `time` at which `hours` change between open and closed, at most `until`.
EngineTime NextChange(const ZonedHours& hours, EngineTime time, EngineTime until) {
  return (hours.IsOpen(time) ? hours.NextClose(time, until) : hours.NextOpen(time, until)).value_or(until);
}

// How long `hours` are open in [from, to).
Milliseconds OpenTime(const ZonedHours& hours, EngineTime from, EngineTime to) {
  Milliseconds total{0};
  while (from < to) {
    const std::optional<EngineTime> open = hours.NextOpen(from, to);
    if (!open) break;
    from = hours.NextClose(*open, to).value_or(to);
    total += from - *open;
  }
  return total;
}

DelayReason WhyClosed(const ZonedHours& channel, EngineTime time) {
  if (channel.holidays == nullptr || !channel.holidays->IsHoliday(DateOf(channel.zone->ToLocal(time)))) return DelayReason::kChannelClosed;
  const bool open_else = channel.hours->IsOpenAt(channel.zone->ToLocal(time), nullptr);
  return open_else ? DelayReason::kChannelHoliday : DelayReason::kChannelClosed;
}

}  // namespace

bool ReplyWindow::CanAnswer(EngineTime time) const {
  const EngineTime end = time + open_within;
  if (open_for <= Milliseconds{0}) return hours.NextOpen(time, end + Milliseconds{1}).has_value();
  return OpenTime(hours, time, end) >= open_for;
}

std::optional<EngineTime> ReplyWindow::NextAnswerable(EngineTime time, EngineTime until) const {
  if (time >= until) return std::nullopt;
  if (open_for <= Milliseconds{0}) {
    const std::optional<EngineTime> open = hours.NextOpen(time, until + open_within);
    if (!open || std::max(time, *open - open_within) >= until) return std::nullopt;
    return std::max(time, *open - open_within);
  }
  if (open_for > open_within) return std::nullopt;
  // The open time within [t, t + open_within) changes evenly between boundaries of its two ends: follow it until it is enough.
  Milliseconds open = OpenTime(hours, time, time + open_within);
  while (time < until) {
    if (open >= open_for) return time;
    const EngineTime end = time + open_within;
    const EngineTime next = std::min(NextChange(hours, time, until), NextChange(hours, end, until + open_within) - open_within);
    const Milliseconds gained = (hours.IsOpen(end) ? next - time : Milliseconds{0}) - (hours.IsOpen(time) ? next - time : Milliseconds{0});
    if (gained > Milliseconds{0} && open + gained >= open_for) {
      const EngineTime enough = time + (open_for - open);
      return enough < until ? std::optional(enough) : std::nullopt;
    }
    open += gained;
    time = next;
  }
  return std::nullopt;
}

PlannedTime EarliestSayable(const SayableConstraints& constraints, EngineTime at, Milliseconds horizon) {
  PlannedTime planned;
  EngineTime time = at;
  const EngineTime until = at + horizon;
  // Each step goes to the earliest time that one constraint allows, which no later one can undo; so where all agree is the earliest.
  // False: none before the horizon.
  const auto move = [&](std::optional<EngineTime> next, DelayReason reason) {
    if (next == time) return true;
    planned.reasons.Add(reason);
    planned.last = reason;
    if (!next || *next >= until) return false;
    ANTIPHON_CHECK(*next > time);
    time = *next;
    return true;
  };
  for (EngineTime before = at;; before = time) {
    if (horizon <= Milliseconds{0}) return planned;
    const std::optional<EngineTime> open = constraints.channel.NextOpen(time, until);
    if (open != time && !move(open, WhyClosed(constraints.channel, time))) return planned;
    if (constraints.quiet.hours != nullptr && !move(constraints.quiet.NextClose(time, until), DelayReason::kQuietHours)) return planned;
    if (constraints.replies_to && !move(constraints.replies_to->NextAnswerable(time, until), DelayReason::kReplyClosed)) return planned;
    if (time == before) break;
  }
  planned.at = time;
  return planned;
}

}  // namespace antiphon::calendar
