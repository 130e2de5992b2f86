#include "state/store/rocksdb/own_rows.h"

namespace antiphon::store {

std::string DueKey(EngineTime due, std::string_view customer) {
  const std::uint64_t ordered = static_cast<std::uint64_t>(ToEpochMs(due)) ^ (1ULL << 63U);
  std::string key;
  key.reserve(kDueBytes + customer.size());
  for (unsigned shift = 64; shift > 0; shift -= 8) key += static_cast<char>((ordered >> (shift - 8)) & 0xFFU);
  key += customer;
  return key;
}

EngineTime DueOf(std::string_view key) {
  std::uint64_t ordered = 0;
  for (std::size_t i = 0; i < kDueBytes; ++i) ordered = (ordered << 8U) | static_cast<std::uint8_t>(key[i]);
  return FromEpochMs(static_cast<std::int64_t>(ordered ^ (1ULL << 63U)));
}

}  // namespace antiphon::store
