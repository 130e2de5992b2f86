#pragma once

#include <cstdint>
#include <string>

#include "state/base/hash.h"
#include "state/base/result.h"
#include "state/model/customer_state.h"
#include "state/store/state_store.h"

namespace antiphon::store {

// StateDigest: what two states of one partition are compared by. The sum modulo 2^128 of XXH3-128 over (length of the key as u32
// little-endian, key, canonical record); the canonical record is the stored form under the identity map, that is, under the topology in
// force. It does not depend on the order in which records are added. The digest of a state is the sum of its partitions'.
// Source: docs/state.md, "The digest".
class StateDigest {
 public:
  void Add(const state::CustomerState& customer);

  [[nodiscard]] const Hash128& sum() const { return sum_; }
  [[nodiscard]] std::uint64_t customers() const { return customers_; }

 private:
  Hash128 sum_;
  std::uint64_t customers_ = 0;
  std::string buffer_;
};

// The digest of all records of the store, those not yet committed included. Fails as ForEach does.
[[nodiscard]] Result<StateDigest> DigestOfStore(StateStore& store);

}  // namespace antiphon::store
