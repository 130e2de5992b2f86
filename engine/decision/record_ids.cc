#include "engine/decision/record_ids.h"

#include <array>
#include <charconv>
#include <string>

namespace antiphon::decision {

Hash128 MakeDecisionId(std::string_view customer, const Cause& cause, std::string_view first_trigger, EngineTime time,
                       std::uint32_t ordinal) {
  const std::string time_text = std::to_string(ToEpochMs(time));
  const std::string ordinal_text = std::to_string(ordinal);
  const std::array<std::string_view, 7> parts{customer,    CauseKindName(cause.kind), cause.source, cause.id, first_trigger, time_text,
                                              ordinal_text};
  return HashParts128(parts);
}

Hash128 MakeContactId(const Hash128& decision_id, std::string_view offer, std::string_view channel, std::uint32_t ordinal) {
  const std::array<char, 32> decision_digits = HexDigits(decision_id);
  const std::string ordinal_text = std::to_string(ordinal);
  const std::array<std::string_view, 4> parts{std::string_view(decision_digits.data(), decision_digits.size()), offer, channel,
                                              ordinal_text};
  return HashParts128(parts);
}

Hash128 ForeignContactId(std::string_view id) {
  const std::array<std::string_view, 2> parts{"foreign contact", id};
  return HashParts128(parts);
}

Hash128 ParseContactId(std::string_view text) {
  Hash128 id;
  if (text.size() == 32) {
    const char* const digits = &text.front();
    const auto high = std::from_chars(digits, digits + 16, id.high, 16);
    const auto low = std::from_chars(digits + 16, digits + 32, id.low, 16);
    if (high.ptr == digits + 16 && low.ptr == digits + 32) return id;
  }
  return ForeignContactId(text);
}

}  // namespace antiphon::decision
