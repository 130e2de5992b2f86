#include "state/store/digest.h"

#include <utility>

#include "state/store/codec.h"

namespace antiphon::store {

void StateDigest::Add(const state::CustomerState& customer) {
  static const SlotMap kIdentity = SlotMap::Identity();
  buffer_.clear();
  const auto size = static_cast<std::uint32_t>(customer.customer.size());
  for (unsigned shift = 0; shift < 32; shift += 8) buffer_ += static_cast<char>((size >> shift) & 0xFFU);
  buffer_ += customer.customer;
  EncodeCustomer(customer, kIdentity, buffer_);
  sum_ += HashBytes128(buffer_);
  ++customers_;
}

Result<StateDigest> DigestOfStore(StateStore& store) {
  StateDigest digest;
  if (Result<void> visited = store.ForEach([&](const state::CustomerState& customer) { digest.Add(customer); }); !visited.has_value()) {
    return std::unexpected(std::move(visited).error());
  }
  return digest;
}

}  // namespace antiphon::store
