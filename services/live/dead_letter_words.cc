#include "services/live/dead_letter_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace antiphon::live {
namespace {

constexpr std::array kWords{
    ReasonWords{
        "not_json", "it is no JSON object, is cut off, has a key twice, or is no UTF-8",
        "look at its bytes: is the input's `format` in the process file the one its producer writes? Re-drive after the format is right"},
    ReasonWords{"too_large", "it is longer than the limit of a record (16 MiB)",
                "its producer must send less; it cannot be re-driven as it is"},
    ReasonWords{"no_type", "it has no type where the topology looks for it",
                "check `envelope: {type}` of the topology, or mend its producer"},
    ReasonWords{"unknown_type", "its type is not declared, and the topology wants that refused",
                "declare the type in `events`, or let unknown types pass; then re-drive"},
    ReasonWords{"no_time", "it has no time, or one that cannot be read", "check `time` of its event type, or mend its producer"},
    ReasonWords{"time_out_of_bounds", "its time is outside of [1970-01-02, 2100-01-01), or later than wall time by more than clock.ahead",
                "if it was only ahead of the clock, re-drive it once its time has come; else its producer's clock or unit is wrong"},
    ReasonWords{"no_customer", "it names no customer", "check `customer` of its event type, or mend its producer"},
    ReasonWords{"bad_customer", "its customer is neither a text nor a whole number, or is longer than 256 bytes",
                "check `customer` of its event type, or mend its producer"},
    ReasonWords{"bad_id", "its id is neither a text nor a whole number, or is longer than 256 bytes",
                "check `id` of its event type, or mend its producer"},
    ReasonWords{"missing_field", "a required field is absent or null",
                "mend its producer, or declare the field as not required; then re-drive"},
    ReasonWords{"bad_field", "a field has another type than declared", "mend its producer, or the field's declaration; then re-drive"},
    ReasonWords{"field_out_of_range", "a number, date or time that its type cannot hold exactly, or a map nested too deep",
                "check the scale of decimals and the units; mend the declaration or its producer, then re-drive"},
    ReasonWords{"bad_control",
                "a control record that names nothing or several things, or stands on an input; or an event on the control topic",
                "send a right one to the control topic; re-driving sends the same again"},
    ReasonWords{"unknown_target", "a control record that names what the topology does not have",
                "send it with a name that the topology has, or re-drive it once the topology has it"},
    ReasonWords{"broken_file", "an archive is damaged or cut off", "there is no record that could be re-driven"},
    ReasonWords{
        "wrong_partition", "its customer belongs to another partition: the topic's records are not where Java's client would put them",
        "if its key is the customer, its producer places it otherwise: re-driving sends it to the right partition, once. If the key is "
        "something else, the input needs `key: other` in the process file"},
};

// The length of the UTF-8 sequence at the front and its code point; nothing: there is none.
struct CodePoint {
  std::size_t length = 0;
  std::uint32_t value = 0;
};
std::optional<CodePoint> First(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return CodePoint{.length = 1, .value = lead};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return std::nullopt;
  std::uint32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return std::nullopt;
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return std::nullopt;
  return CodePoint{.length = length, .value = value};
}

// Controls, and what changes the direction or the lines of a text.
bool IsHarmful(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

std::string HexOf(std::string_view bytes) {
  constexpr std::size_t kWidth = 16;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += kWidth) {
    const std::string_view line = bytes.substr(at, kWidth);
    out += fmt::format("{:08x} ", at);
    for (std::size_t i = 0; i < kWidth; ++i) {
      out += i < line.size() ? fmt::format(" {:02x}", static_cast<std::uint8_t>(line[i])) : "   ";
    }
    out += "  ";
    for (const char c : line) out += c >= 0x20 && c < 0x7F ? c : '.';
    out += '\n';
  }
  if (!out.empty()) out.pop_back();
  return out;
}

}  // namespace

ReasonWords WordsOf(std::string_view reason) {
  const auto* found = std::ranges::find(kWords, reason, &ReasonWords::reason);
  if (found != kWords.end()) return *found;
  return {.reason = reason, .meaning = "this version does not know the reason", .remedy = "ask the version that wrote it"};
}

bool IsReason(std::string_view reason) { return std::ranges::find(kWords, reason, &ReasonWords::reason) != kWords.end(); }

std::string ReasonNames() {
  std::string names;
  for (const ReasonWords& words : kWords) names += (names.empty() ? "" : ", ") + std::string(words.reason);
  return names;
}

std::string ShownBytes(std::string_view bytes) {
  std::string out;
  for (std::string_view rest = bytes; !rest.empty();) {
    const auto point = First(rest);
    if (!point) return HexOf(bytes);
    if (IsHarmful(point->value)) {
      out += fmt::format("\\u{{{:x}}}", point->value);
    } else {
      out += rest.substr(0, point->length);
    }
    rest.remove_prefix(point->length);
  }
  return out;
}

}  // namespace antiphon::live
