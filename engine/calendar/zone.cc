#include "engine/calendar/zone.h"

#include <algorithm>
#include <utility>

#include "engine/calendar/canonical.h"
#include "state/base/check.h"

namespace antiphon::calendar {

Zone::Zone() : Zone(*Create("UTC", std::chrono::seconds{0}, {})) {}

Result<Zone> Zone::Create(std::string name, std::chrono::seconds first_offset, const std::vector<Transition>& transitions) {
  constexpr std::chrono::seconds kOffsetMax = std::chrono::hours{26};
  auto table = std::make_shared<Table>();
  table->starts_ms.push_back(ToEpochMs(kPast));
  table->offsets_ms.push_back(Milliseconds{first_offset}.count());
  EngineTime last = kPast;
  for (const Transition& transition : transitions) {
    if (transition.at <= last || transition.at >= kFuture) {
      return Fail(Recovery::kStopProcess, "zone '" + name + "': its transitions are not in ascending order");
    }
    last = transition.at;
    const std::int64_t offset_ms = Milliseconds{transition.offset}.count();
    if (offset_ms == table->offsets_ms.back()) continue;
    table->starts_ms.push_back(ToEpochMs(transition.at));
    table->offsets_ms.push_back(offset_ms);
  }
  table->starts_ms.push_back(ToEpochMs(kFuture));
  const auto [least, most] = std::ranges::minmax(table->offsets_ms);
  if (least <= -Milliseconds{kOffsetMax}.count() || most >= Milliseconds{kOffsetMax}.count() || table->offsets_ms.size() > UINT16_MAX) {
    return Fail(Recovery::kStopProcess, "zone '" + name + "': an offset of a day and more, or too many transitions");
  }
  table->name = std::move(name);
  table->offset_ms_max = most;

  std::int64_t highest = ToEpochMs(kPast) - Milliseconds{kOffsetMax}.count();
  for (std::size_t i = 0; i < table->offsets_ms.size(); ++i) {
    table->highest_before_ms.push_back(highest);
    highest = std::max(highest, table->starts_ms[i + 1] - 1 + table->offsets_ms[i]);
  }
  std::size_t period = 0;
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    while (table->starts_ms[period + 1] <= static_cast<std::int64_t>(slot << kSlotBits)) ++period;
    table->slots[slot] = static_cast<std::uint16_t>(period);
  }
  return Zone(std::move(table));
}

EngineTime Zone::FromLocal(LocalTime local) const {
  const std::int64_t shown = local.time_since_epoch().count();
  // No period before this one shows `local` or more; the first one that does is at most a few further.
  std::size_t period = PeriodOf(shown - table_->offset_ms_max);
  for (;;) {
    const std::int64_t ms = std::max(shown - table_->offsets_ms[period], table_->starts_ms[period]);
    if (ms < table_->starts_ms[period + 1]) return FromEpochMs(ms);
    ++period;
    ANTIPHON_CHECK(period < table_->offsets_ms.size());
  }
}

std::size_t Zone::PeriodBefore1970(std::int64_t ms) const {
  const auto next = std::ranges::upper_bound(table_->starts_ms, ms);
  return next == table_->starts_ms.begin() ? 0 : static_cast<std::size_t>(next - table_->starts_ms.begin()) - 1;
}

void Zone::AppendCanonical(std::string& out) const {
  AppendText(out, table_->name);
  AppendU32(out, period_count());
  for (std::size_t i = 0; i < period_count(); ++i) {
    AppendI64(out, table_->starts_ms[i]);
    AppendI64(out, table_->offsets_ms[i]);
  }
}

}  // namespace antiphon::calendar
