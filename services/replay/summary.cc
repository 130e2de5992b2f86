#include "services/replay/summary.h"

#include <algorithm>
#include <functional>

namespace antiphon::replay {

std::array<std::uint64_t, 10> ContactsByDecile(const Totals& totals, std::uint64_t customers) {
  std::vector<std::uint32_t> contacts;
  contacts.reserve(totals.reached.size());
  for (const auto& [customer, count] : totals.reached) contacts.push_back(count);
  std::sort(contacts.begin(), contacts.end(), std::greater<>());
  std::array<std::uint64_t, 10> deciles{};
  customers = std::max<std::uint64_t>(customers, contacts.size());
  for (std::uint64_t i = 0; i < contacts.size(); ++i) deciles[static_cast<std::size_t>(i * 10 / customers)] += contacts[i];
  return deciles;
}

}  // namespace antiphon::replay
