#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace antiphon::process {

// A number of bytes as operators write it: a number, with a fraction if wanted, and KiB, MiB, GiB or TiB: "512MiB", "1.5GiB". Nothing if
// the text is not such a size, is zero or does not fit. "MB" is not read: nobody agrees on what it means.
[[nodiscard]] std::optional<std::uint64_t> ParseByteSize(std::string_view text);

// The largest unit of which it is a whole number: 1536MiB, not 1.5GiB.
[[nodiscard]] std::string FormatByteSize(std::uint64_t bytes);

}  // namespace antiphon::process
