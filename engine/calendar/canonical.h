#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace antiphon::calendar {

// The primitives of the canonical bytes that are hashed into the topology's version: little-endian, fixed widths.
template <typename Integer>
inline void AppendLittleEndian(std::string& out, Integer value) {
  for (std::size_t byte = 0; byte < sizeof(Integer); ++byte) out.push_back(static_cast<char>(value >> (8 * byte) & 0xff));
}
inline void AppendI64(std::string& out, std::int64_t value) { AppendLittleEndian(out, static_cast<std::uint64_t>(value)); }
inline void AppendU32(std::string& out, std::size_t value) { AppendLittleEndian(out, static_cast<std::uint32_t>(value)); }
// u32 length, then the bytes.
inline void AppendText(std::string& out, std::string_view text) {
  AppendU32(out, text.size());
  out += text;
}

}  // namespace antiphon::calendar
