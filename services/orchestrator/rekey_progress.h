#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "services/orchestrator/process_parts.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

// When something was asked.
struct RekeyedAsOf {
  EngineTime wall{};
  Milliseconds monotonic{0};
};

// RekeyProgress: up to when all that came into the inputs with `key: other` stands in antiphon.rekeyed, whoever re-keys it. Without it a
// partition's clock could pass a record that stands there and has not reached it. Asks in this order: the stable ends of all partitions of
// these inputs; the positions of the re-keyers' group. As soon as these are not before those, all records of then are in antiphon.rekeyed
// before a high watermark that is asked afterwards. Ends that are not reached yet are kept and compared again: of inputs that never
// rest, too, some past moment is reached.
// Owned by a worker, used on its thread. Source: docs/live.md, "Re-keying".
class RekeyProgress {
 public:
  // All outlive it. `directory` is of the re-keyers' group.
  RekeyProgress(const ProcessParts& parts, runtime::EventSource& source, runtime::LogDirectory& directory)
      : parts_(parts), source_(source), directory_(directory) {}

  // A moment since the last answer as of which it holds; nothing if none is known.
  [[nodiscard]] Result<std::optional<RekeyedAsOf>> AllHanded();

 private:
  const ProcessParts& parts_;
  runtime::EventSource& source_;
  runtime::LogDirectory& directory_;
  std::vector<std::int64_t> ends_;  // of parts_.sources, asked after asked_at_ was read; empty: to be asked
  RekeyedAsOf asked_at_;
};

}  // namespace antiphon::orchestrator
