#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <utility>

namespace antiphon {

// StrongId: an id that cannot be mixed with another kind of id. `using OfferId = StrongId<struct OfferIdTag, std::uint32_t>;`
template <typename Tag, typename Representation>
class StrongId {
 public:
  using representation_type = Representation;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Representation value) : value_(std::move(value)) {}

  [[nodiscard]] constexpr const Representation& value() const { return value_; }

  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;
  friend constexpr bool operator==(const StrongId&, const StrongId&) = default;

 private:
  Representation value_{};
};

}  // namespace antiphon

template <typename Tag, typename Representation>
struct std::hash<antiphon::StrongId<Tag, Representation>> {
  std::size_t operator()(const antiphon::StrongId<Tag, Representation>& id) const { return std::hash<Representation>{}(id.value()); }
};
