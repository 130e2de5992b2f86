#include "services/formats/base64.h"

#include <array>
#include <cstdint>

namespace antiphon::formats {
namespace {

constexpr std::uint8_t kNoDigit = 64;

constexpr std::array<std::uint8_t, 256> MakeDigits() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = MakeDigits();

}  // namespace

std::optional<std::size_t> DecodeBase64(std::string_view text, char* out) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  char* const begin = out;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::size_t missing = i + 4 == text.size() ? padding : 0;
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const std::uint8_t digit = j < 4 - missing ? kDigits[static_cast<unsigned char>(text[i + j])] : std::uint8_t{0};
      if (digit == kNoDigit) return std::nullopt;
      bits = bits << 6U | digit;
    }
    if (missing != 0 && (bits & ((std::uint32_t{1} << (8 * missing)) - 1)) != 0) return std::nullopt;
    for (std::size_t j = 0; j < 3 - missing; ++j) *out++ = static_cast<char>(bits >> (16 - 8 * j) & 0xFFU);
  }
  return static_cast<std::size_t>(out - begin);
}

}  // namespace antiphon::formats
