#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/topology/topology.h"
#include "services/archive/archive.h"
#include "services/archive/archive_logs.h"
#include "services/archive/archived_process.h"
#include "services/archive/verifier.h"
#include "services/orchestrator/process_parts.h"
#include "services/orchestrator/topology_library.h"
#include "services/process/topic_table.h"
#include "services/runtime/clock.h"
#include "state/base/result.h"

namespace antiphon::archive {

// ArchivedSpan: one span of an archive as a run whose journal can be played: its process file, its topology, its logs. Used by one thread.
class ArchivedSpan {
 public:
  // Reads every byte of the span once: each segment is whole. `archive` and `clock` outlive it. Fails (stop the process) if something of it
  // is damaged, or the files of the topology in force at its end are missing or not of their version.
  [[nodiscard]] static Result<std::unique_ptr<ArchivedSpan>> Open(const Archive& archive, std::size_t span, runtime::Clock& clock);
  ArchivedSpan(const ArchivedSpan&) = delete;
  ArchivedSpan& operator=(const ArchivedSpan&) = delete;

  // Plays the span's commits of one partition from the snapshot before. Compares the lines with the archived ones and the state with the
  // snapshot at its end; with `lines`, the state alone. `cuts`: where the lines begin, of the verdict of the span before; without it the
  // lines that may be of the span before are passed over up to the first that fits.
  [[nodiscard]] Result<Verdict> Verify(std::int32_t partition, JudgedLines* lines,
                                       const std::map<std::string, std::int64_t, std::less<>>* cuts);

  [[nodiscard]] const SpanInfo& info() const { return info_; }
  [[nodiscard]] const orchestrator::ProcessParts& parts() const { return parts_; }

 private:
  using Topologies = std::vector<std::shared_ptr<const topology::Topology>>;
  ArchivedSpan(const Archive& archive, std::size_t span, ArchivedProcess process, std::shared_ptr<const topology::Topology> topology,
               const Topologies& others, runtime::Clock& clock);
  // The versions that were published by the end of the span, as far as this program can compile them.
  [[nodiscard]] Result<Topologies> ReadTopologies();
  [[nodiscard]] LineWindows WindowsOf(std::int32_t partition, const std::map<std::string, std::int64_t, std::less<>>* cuts) const;

  const Archive& archive_;
  const SpanInfo& info_;
  const SpanInfo* before_;  // nullptr: the first one
  ArchivedProcess process_;
  std::shared_ptr<const topology::Topology> topology_;
  process::TopicTable topics_;
  orchestrator::TopologyLibrary library_;
  orchestrator::ProcessParts parts_;
  std::unique_ptr<SpanLogs> logs_;
  std::unique_ptr<ArchiveSource> source_;
  std::unique_ptr<ArchiveDirectory> directory_;
};

// What a run's own topics are played from, where their beginning has expired: the state of a partition at the end of a span, and where the
// lines after it begin.
struct ArchivedStart {
  StateFold fold;
  LineWindows windows;
};
// The latest state before `from`, or the last there is; nothing: all of them are later, or the partition had no commit then.
[[nodiscard]] Result<std::optional<ArchivedStart>> StartBefore(const Archive& archive, std::optional<EngineTime> from,
                                                               std::int32_t partition);

}  // namespace antiphon::archive
