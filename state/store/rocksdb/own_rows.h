#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "state/base/time.h"

// The rows of the due index, and those that a database keeps of itself (tables kDue and kStore of rocks_database.h).
namespace antiphon::store {

inline constexpr std::string_view kFormatName = "format";
inline constexpr std::string_view kFormat = "antiphon state 2";
inline constexpr std::string_view kDictionaryName = "dictionary";
// No row of the due index is before this due: where to seek past tombstones.
inline constexpr std::string_view kWatermarkName = "watermark";
inline constexpr std::string_view kCustomersName = "customers";  // u64, little-endian

inline constexpr std::size_t kDueBytes = sizeof(std::uint64_t);

// due, big-endian with the sign bit flipped | customer
[[nodiscard]] std::string DueKey(EngineTime due, std::string_view customer);
// REQUIRES: at least kDueBytes bytes.
[[nodiscard]] EngineTime DueOf(std::string_view key);

}  // namespace antiphon::store
