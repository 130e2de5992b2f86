#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace antiphon::expression {

// Zone: a time zone of CEL's timestamp functions: an IANA name ("Europe/Prague") or a fixed offset ("+02:00", "-09:30", "02:00").
// Trivially copyable; the rules belong to the process's time zone database, which is read once and never changes afterwards.
// Howard Hinnant's date library is included in zone.cc only.
class Zone {
 public:
  // Nothing if there is no such zone. The first call with a name reads the system's database.
  [[nodiscard]] static std::optional<Zone> Find(std::string_view name);

  // Seconds east of UTC at that time.
  [[nodiscard]] std::int32_t OffsetSeconds(std::int64_t epoch_seconds) const;

 private:
  const void* rules_ = nullptr;  // date::time_zone
  std::int32_t fixed_seconds_ = 0;
};

}  // namespace antiphon::expression
