#include "engine/expression/zone.h"

#include <date/tz.h>

#include <chrono>
#include <exception>

namespace antiphon::expression {
namespace {

// "+02:00", "-09:30" or "02:00"; hours up to 23.
std::optional<std::int32_t> ParseOffset(std::string_view text) {
  bool west = false;
  if (text.starts_with('+') || text.starts_with('-')) {
    west = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100; };
  const std::int32_t hours = digit(0) * 10 + digit(1);
  const std::int32_t minutes = digit(3) * 10 + digit(4);
  if (hours > 23 || minutes > 59) return std::nullopt;
  const std::int32_t seconds = (hours * 60 + minutes) * 60;
  return west ? -seconds : seconds;
}

}  // namespace

std::optional<Zone> Zone::Find(std::string_view name) {
  Zone zone;
  if (name.empty() || name == "UTC" || name == "Z") return zone;
  if (const std::optional<std::int32_t> offset = ParseOffset(name)) {
    zone.fixed_seconds_ = *offset;
    return zone;
  }
  try {
    zone.rules_ = date::locate_zone(name);
    return zone;
  } catch (const std::exception&) {  // the library's way to say that there is no such zone
    return std::nullopt;
  }
}

std::int32_t Zone::OffsetSeconds(std::int64_t epoch_seconds) const {
  if (rules_ == nullptr) return fixed_seconds_;
  const auto* const rules = static_cast<const date::time_zone*>(rules_);
  const std::chrono::sys_seconds at{std::chrono::seconds{epoch_seconds}};
  return static_cast<std::int32_t>(rules->get_info(at).offset.count());
}

}  // namespace antiphon::expression
