#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/topology/topology.h"
#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "services/runtime/clock.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log_directory.h"
#include "services/topology_files/published_versions.h"
#include "state/base/result.h"

namespace antiphon::live {

// What the one who starts a process says of its topology.
struct PublishWish {
  bool activate = false;                // publish the folder's version anew, though others were published since
  std::set<std::string> allowed_drops;  // "feature/spend_30d", "all"
};
// Of command line words; fails (kStopProcess) on one that names no kind.
[[nodiscard]] Result<std::set<std::string>> ParseDrops(const std::vector<std::string>& words);

// What is to be done with the version of a process's folder.
struct Publication {
  std::optional<topology_files::PublishedVersion> publish;
  std::string note;  // for the log; empty: nothing to say
};
// The folder's version is published if it never was, or with `activate`; the newest is what runs. Fails (kStopProcess) if customers would
// lose what nobody allowed to drop: nothing is to be published then, and what runs goes on. Pure. Source: docs/live.md, "Topology
// versions".
[[nodiscard]] Result<Publication> Decide(const topology_files::LoadedVersion& own, const topology_files::PublishedVersions& versions,
                                         const PublishWish& wish);

// All versions that were published when it was called. kRetry: the cluster did not answer.
[[nodiscard]] Result<topology_files::PublishedVersions> ReadPublished(const process::TopicTable& topics, runtime::EventSource& source,
                                                                      runtime::LogDirectory& directory, runtime::Clock& clock);
// Returns when the cluster has it.
[[nodiscard]] Result<void> Publish(const process::ProcessConfig& config, const process::TopicTable& topics,
                                   const topology_files::PublishedVersion& version);

}  // namespace antiphon::live
