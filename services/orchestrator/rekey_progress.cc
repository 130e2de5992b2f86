#include "services/orchestrator/rekey_progress.h"

#include <cstddef>
#include <utility>

namespace antiphon::orchestrator {

Result<std::optional<RekeyedAsOf>> RekeyProgress::AllHanded() {
  // What is asked of is never there at once: a cluster that does not answer leaves things as they were.
  const auto unanswered = [](const Error& error) -> Result<std::optional<RekeyedAsOf>> {
    if (error.recovery == Recovery::kRetry) return std::nullopt;
    return std::unexpected(error);
  };
  if (ends_.empty()) {
    const RekeyedAsOf now{.wall = parts_.clock->Now(), .monotonic = parts_.clock->Monotonic()};
    auto ends = source_.StableEnds(parts_.sources);
    if (!ends) return unanswered(ends.error());
    ends_ = *std::move(ends);
    asked_at_ = now;
  }
  const auto positions = directory_.Committed(parts_.sources);
  if (!positions) return unanswered(positions.error());
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    const std::optional<std::int64_t>& position = (*positions)[i];
    if (!position || *position < ends_[i]) return std::nullopt;
  }
  ends_.clear();
  return asked_at_;
}

}  // namespace antiphon::orchestrator
