#include "state/store/stored_row.h"

#include <cstdint>
#include <cstring>

#include "state/store/codec.h"

namespace antiphon::store {

void EncodeRow(const state::CustomerState& customer, const SlotMap& map, std::string& out) {
  const std::int64_t due = ToEpochMs(FirstDue(customer));
  char bytes[sizeof due];
  std::memcpy(bytes, &due, sizeof due);  // little-endian, as everything stored is (wire.h)
  out.append(bytes, sizeof bytes);
  EncodeCustomer(customer, map, out);
}

std::optional<StoredRow> SplitRow(std::string_view row) {
  std::int64_t due = 0;
  if (row.size() < sizeof due) return std::nullopt;
  std::memcpy(&due, row.data(), sizeof due);
  return StoredRow{.due = FromEpochMs(due), .record = row.substr(sizeof due)};
}

}  // namespace antiphon::store
