#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/calendar/zone.h"
#include "engine/decision/step.h"
#include "engine/expression/value.h"

namespace antiphon::decision {

// What expressions ask of a customer by name; the names were checked at load where they are literals, an unknown one here answers as if
// there were nothing. Source: docs/expressions.md, "Functions of Antiphon".

// The customer's own zone where it is known and among the topology's customer zones, else the bank's.
[[nodiscard]] const calendar::Zone& ZoneOf(const Step& step);

// The customer's language where the topology has it, else the default one.
[[nodiscard]] state::LanguageId LanguageOf(const Step& step);

[[nodiscard]] std::int64_t HoldingsOf(const Step& step, std::string_view product);
[[nodiscard]] expression::Value ConsentsByName(const Step& step, std::string_view purpose, std::string_view channel);
[[nodiscard]] expression::Value SuppressedByName(const Step& step, std::string_view suppression);
[[nodiscard]] expression::Value SinceByName(const Step& step, std::string_view scheme);

// Which contacts contacts.count and contacts.last are asked about. Source: docs/contact-policy.md, "What expressions count".
struct ContactQuestion {
  const expression::Value& filter;      // texts by the keys channel, offer, class, group, issue, product, campaign, direction, status
  std::span<const std::uint32_t> free;  // numbers, ascending: as long as they are open (not said) they are not seen; Candidate::free
};

// Contacts that take a place and fit the filter (with status, contacts of that status whether they take a place or not), counted in
// (now - window, now], or all remembered.
[[nodiscard]] expression::Value CountContacts(const Step& step, const ContactQuestion& question, std::optional<Milliseconds> window);
// The newest counted time, not after now, of such a contact; absent if there is none.
[[nodiscard]] expression::Value LastContact(const Step& step, const ContactQuestion& question);

}  // namespace antiphon::decision
