#pragma once

#include <string>
#include <string_view>

namespace antiphon::live {

// What an operator is told of a reason. Source: docs/records.md, "Dead letters".
struct ReasonWords {
  std::string_view reason;
  std::string_view meaning;
  std::string_view remedy;
};

// Of a word that this version does not know, it says so.
[[nodiscard]] ReasonWords WordsOf(std::string_view reason);
[[nodiscard]] bool IsReason(std::string_view reason);
// "not_json, too_large, ..".
[[nodiscard]] std::string ReasonNames();

// Bytes from outside for a terminal: as text if they are UTF-8, whatever could steer a terminal or turn the order of letters escaped; else
// as lines of sixteen bytes in hexadecimal and ASCII.
[[nodiscard]] std::string ShownBytes(std::string_view bytes);

}  // namespace antiphon::live
