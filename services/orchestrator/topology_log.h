#pragma once

#include <cstdint>
#include <optional>

#include "services/orchestrator/process_parts.h"
#include "services/orchestrator/topology_library.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

// TopologyLog: brings the library up to the end of the topic of versions. Owned by one who has a source; used on his thread.
class TopologyLog {
 public:
  // All outlive it.
  TopologyLog(runtime::EventSource& source, runtime::LogId log, TopologyLibrary& library) : source_(source), log_(log), library_(library) {}
  ~TopologyLog();
  TopologyLog(const TopologyLog&) = delete;
  TopologyLog& operator=(const TopologyLog&) = delete;

  // The next CatchUp goes as far as the topic's end is then.
  void Renew() { end_.reset(); }
  // True when the library has all that was published when it was asked first since Renew. Does not wait for records; kRetry never.
  [[nodiscard]] Result<bool> CatchUp(runtime::LogDirectory& directory);

 private:
  runtime::EventSource& source_;
  runtime::LogId log_;
  TopologyLibrary& library_;
  bool reads_ = false;
  std::optional<std::int64_t> end_;
};

// Brings the library of `parts` to what was published by now. Blocks; kRetry if the cluster has not sent it within `patience`.
[[nodiscard]] Result<void> ReadVersions(const ProcessParts& parts, runtime::EventSource& source, runtime::LogDirectory& directory,
                                        Milliseconds patience);

}  // namespace antiphon::orchestrator
