#include "services/orchestrator/fault_points.h"

#include <signal.h>

#include <array>
#include <charconv>
#include <string_view>

namespace antiphon::orchestrator {
namespace {

constexpr std::array<const char*, static_cast<std::size_t>(FaultPoint::kCount)> kNames{
    "applied", "sealed", "committed", "half_stored", "stored", "restoring", "rekeyed", "rekey_committed"};

}  // namespace

const char* FaultPointName(FaultPoint point) { return kNames[static_cast<std::size_t>(point)]; }

bool KillAtPoint::Parse(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return false;
  const std::string_view count = std::string_view(text).substr(colon + 1);
  std::uint32_t left = 0;
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), left);
  if (error != std::errc{} || end != count.data() + count.size() || left == 0) return false;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (std::string_view(text).substr(0, colon) != kNames[i]) continue;
    point_ = static_cast<FaultPoint>(i);
    left_ = left;
    return true;
  }
  return false;
}

void KillAtPoint::Reach(FaultPoint point) {
  if (point != point_) return;
  if (left_.fetch_sub(1) == 1) ::raise(SIGKILL);
}

}  // namespace antiphon::orchestrator
