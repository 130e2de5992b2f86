#include "services/orchestrator/topology_log.h"

#include <algorithm>
#include <array>

namespace antiphon::orchestrator {

TopologyLog::~TopologyLog() {
  if (reads_) source_.Unassign(std::array{log_});
}

Result<bool> TopologyLog::CatchUp(runtime::LogDirectory& directory) {
  const std::array logs{log_};
  const auto not_yet = [](const Error& error) -> Result<bool> {
    if (error.recovery == Recovery::kRetry) return false;
    return std::unexpected(error);
  };
  if (!reads_) {
    const auto start = directory.Starts(logs);
    if (!start) return not_yet(start.error());
    const std::array from{runtime::LogPosition{.log = log_, .next = std::max(start->front(), library_.next())}};
    if (auto assigned = source_.Assign(from); !assigned) return not_yet(assigned.error());
    reads_ = true;
  }
  if (!end_) {
    const auto end = source_.StableEnds(logs);
    if (!end) return not_yet(end.error());
    end_ = end->front();
  }
  while (source_.Position(log_) < *end_) {
    const auto taken = source_.Take(log_);
    if (!taken) {
      source_.Unassign(logs);
      reads_ = false;
      return std::unexpected(taken.error());
    }
    const std::optional<runtime::LogRecord>& record = *taken;
    if (!record) break;
    library_.Take(record->offset, record->key, record->value);
  }
  if (source_.Position(log_) < *end_) return false;
  library_.PassTo(source_.Position(log_));
  return true;
}

Result<void> ReadVersions(const ProcessParts& parts, runtime::EventSource& source, runtime::LogDirectory& directory,
                          Milliseconds patience) {
  constexpr Milliseconds kWait{100};
  TopologyLog log(source, {.topic = parts.topics->Of(process::TopicRole::kTopologies), .partition = 0}, *parts.library);
  const Milliseconds deadline = parts.clock->Monotonic() + patience;
  do {
    const auto caught_up = log.CatchUp(directory);
    if (!caught_up) return std::unexpected(caught_up.error());
    if (*caught_up) return {};
    source.Wait(kWait);
  } while (parts.clock->Monotonic() < deadline);
  return Fail(Recovery::kRetry, "the cluster does not send the versions of the topology");
}

}  // namespace antiphon::orchestrator
