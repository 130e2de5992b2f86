#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace antiphon::simulate {

// The made-up names of the simulated bank's world. Every employer, landlord, merchant, agent and fund is invented; places are real.
// All texts are free of characters that JSON would escape.

struct District {
  std::string_view name;
  std::string_view region;
  std::uint32_t weight;  // thousands of inhabitants, roughly
};

[[nodiscard]] std::span<const District> Districts();
[[nodiscard]] std::span<const std::string_view> FirstNames(bool female);
// The same family in both forms: LastNames(true)[i] is the woman's form of LastNames(false)[i].
[[nodiscard]] std::span<const std::string_view> LastNames(bool female);
[[nodiscard]] std::span<const std::string_view> Employers();
[[nodiscard]] std::span<const std::string_view> Landlords();
[[nodiscard]] std::span<const std::string_view> EstateAgents();
[[nodiscard]] std::span<const std::string_view> Developers();
[[nodiscard]] std::span<const std::string_view> RivalFunds();
[[nodiscard]] std::span<const std::string_view> Insurers();
[[nodiscard]] std::span<const std::string_view> Utilities();
[[nodiscard]] std::span<const std::string_view> Clients();
[[nodiscard]] std::span<const std::string_view> RivalBanks();  // two-letter codes, also the counterparty_bank of everyone else

inline constexpr std::string_view kOwnBank = "AN";

}  // namespace antiphon::simulate
