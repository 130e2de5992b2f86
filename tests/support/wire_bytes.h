#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace antiphon::formats {

// The wire form of protobuf, byte by byte.
inline std::string Varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
  out.push_back(static_cast<char>(value));
  return out;
}
inline std::string VarintField(std::uint32_t number, std::uint64_t value) { return Varint(std::uint64_t{number} << 3U) + Varint(value); }
inline std::string BytesField(std::uint32_t number, std::string_view bytes) {
  return Varint(std::uint64_t{number} << 3U | 2U) + Varint(bytes.size()) + std::string(bytes);
}
inline std::string Fixed64Field(std::uint32_t number, double value) {
  std::string out = Varint(std::uint64_t{number} << 3U | 1U);
  char bytes[8];
  std::memcpy(bytes, &value, sizeof(bytes));
  return out.append(bytes, sizeof(bytes));
}
inline std::string Fixed32Field(std::uint32_t number, float value) {
  std::string out = Varint(std::uint64_t{number} << 3U | 5U);
  char bytes[4];
  std::memcpy(bytes, &value, sizeof(bytes));
  return out.append(bytes, sizeof(bytes));
}
inline std::string ZigZagOf(std::int64_t value) {
  return Varint((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U));
}

}  // namespace antiphon::formats
