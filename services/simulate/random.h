#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace antiphon::simulate {

// What a stream of random numbers is drawn for. Adding a purpose changes nothing that the others draw; the values are part of what a
// seed means, so they are never renumbered.
enum class Purpose : std::uint32_t {
  kTraits = 1,
  kJoining = 2,
  kLife = 3,
  kOnboarding = 4,
  kAgenda = 5,
  kSalary = 6,
  kOrders = 7,
  kSpending = 8,
  kSavings = 9,
  kWeb = 10,
  kContacts = 11,
};

// A step of SplitMix64's finaliser: a bijection of 64 bits. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
// generators" (OOPSLA 2014); constants of Vigna's public-domain splitmix64.c.
[[nodiscard]] constexpr std::uint64_t Mix64(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

// Stream: SplitMix64, integers only, so that a seed means the same on every machine and standard library. A stream is made anew for
// each (seed, customer, purpose, day): no customer's life depends on how many others there are, nor one subject on what another drew.
// A full expression draws at most once, but for lists in braces: C++ leaves the order of operands and arguments to the compiler.
// Value type.
class Stream {
 public:
  constexpr Stream(std::uint64_t seed, std::uint32_t customer, Purpose purpose, std::int32_t day)
      : state_(Mix64(Mix64(Mix64(seed + kStep) + customer) +
                     ((static_cast<std::uint64_t>(purpose) << 32U) | static_cast<std::uint32_t>(day)))) {}

  constexpr std::uint64_t Next() {
    state_ += kStep;
    return Mix64(state_);
  }

  // Uniform in [0, bound); the bias of at most bound / 2^32 does not matter here. REQUIRES: bound > 0.
  constexpr std::uint32_t Below(std::uint32_t bound) { return static_cast<std::uint32_t>(((Next() >> 32U) * bound) >> 32U); }

  // Uniform in [low, high]. REQUIRES: low <= high, high - low < 2^32 - 1.
  constexpr std::int64_t Between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(Below(static_cast<std::uint32_t>(high - low + 1)));
  }

  // In [low, high], small values more often: the smaller of two draws. REQUIRES: as Between.
  constexpr std::int64_t Skewed(std::int64_t low, std::int64_t high) {
    const std::int64_t first = Between(low, high);
    const std::int64_t second = Between(low, high);
    return first < second ? first : second;
  }

  constexpr bool Chance(std::uint32_t per_mille) { return Below(1000) < per_mille; }

  // One of `choices`. REQUIRES: not empty.
  constexpr std::string_view Pick(std::span<const std::string_view> choices) {
    return choices[Below(static_cast<std::uint32_t>(choices.size()))];
  }

  // The index of a weight, with probability weight / sum. REQUIRES: the sum is positive.
  template <typename Weights>
  constexpr std::uint32_t PickWeighted(const Weights& weights) {
    std::uint32_t sum = 0;
    for (const auto weight : weights) sum += weight;
    std::uint32_t rest = Below(sum);
    std::uint32_t index = 0;
    for (const auto weight : weights) {
      if (rest < weight) break;
      rest -= weight;
      ++index;
    }
    return index;
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;
  std::uint64_t state_;
};

}  // namespace antiphon::simulate
