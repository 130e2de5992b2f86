#include "services/process/byte_size.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace antiphon::process {
namespace {

constexpr std::array<std::pair<std::string_view, unsigned>, 4> kUnits = {{{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}}};
constexpr double kBytesMax = 9007199254740992.0;  // 2^53: whole numbers up to here are exact in a double

}  // namespace

std::optional<std::uint64_t> ParseByteSize(std::string_view text) {
  for (const auto& [unit, shift] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const std::size_t length = text.size() - unit.size();
    if (length == 0 || text.front() < '0' || text.front() > '9') return std::nullopt;
    double value = 0;
    const char* const begin = text.data();
    const char* const end = begin + length;
    const auto [rest, error] = std::from_chars(begin, end, value, std::chars_format::fixed);
    if (error != std::errc{} || rest != end) return std::nullopt;
    const double bytes = std::floor(std::ldexp(value, static_cast<int>(shift)));
    if (!(bytes >= 1 && bytes <= kBytesMax)) return std::nullopt;
    return static_cast<std::uint64_t>(bytes);
  }
  return std::nullopt;
}

std::string FormatByteSize(std::uint64_t bytes) {
  for (const auto& [unit, shift] : kUnits) {
    if (bytes != 0 && bytes % (std::uint64_t{1} << shift) == 0) return std::to_string(bytes >> shift) + std::string(unit);
  }
  return std::to_string(bytes) + " bytes";
}

}  // namespace antiphon::process
