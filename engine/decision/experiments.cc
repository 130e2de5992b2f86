#include "engine/decision/experiments.h"

#include <array>

#include "state/base/hash.h"

namespace antiphon::decision {

bool InShare(std::string_view customer, std::string_view salt, std::uint32_t share_ppm) {
  if (share_ppm == 0) return false;
  const std::array<std::string_view, 2> parts{salt, customer};
  return HashParts128(parts).low % 1'000'000U < share_ppm;
}

}  // namespace antiphon::decision
