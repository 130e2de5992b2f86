#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace antiphon::formats {

// The most bytes that a base64 text of so many characters stands for.
[[nodiscard]] constexpr std::size_t Base64BytesMax(std::size_t characters) { return characters / 4 * 3; }

// Reads base64 as RFC 4648, section 4, writes it: padded, without line ends, unused bits zero. Returns the bytes written; nothing if the
// text is not such a text. REQUIRES: `out` has room for Base64BytesMax.
[[nodiscard]] std::optional<std::size_t> DecodeBase64(std::string_view text, char* out);

}  // namespace antiphon::formats
