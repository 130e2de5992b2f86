#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/topology/topology.h"
#include "services/live/publication.h"
#include "services/orchestrator/decoders.h"
#include "services/orchestrator/directory_claims.h"
#include "services/orchestrator/fault_points.h"
#include "services/orchestrator/live_figures.h"
#include "services/orchestrator/process_parts.h"
#include "services/orchestrator/standby_keeper.h"
#include "services/orchestrator/topology_library.h"
#include "services/process/process_config.h"
#include "services/process/topic_checks.h"
#include "services/process/topic_table.h"
#include "services/runtime/clock.h"
#include "services/runtime/event_source.h"
#include "services/runtime/group_members.h"
#include "services/runtime/log_directory.h"
#include "services/runtime/membership.h"
#include "services/runtime/output_sink.h"
#include "state/base/result.h"

namespace antiphon::live {

// LiveProcess: what a process file and its topology amount to: everything that a run, or whoever looks at one, is made of, and the adapters
// to the cluster. Made once; outlives what it makes. Used by the thread that made it; what it makes says its own.
class LiveProcess {
 public:
  // Reads the process file and the topology, asks the cluster for its topics, reads the versions that were published. For whoever looks on:
  // nothing is published. The error's message is for the operator: all mistakes of a file, or all findings of the topics that are errors,
  // one a line; warnings of the topics are logged.
  [[nodiscard]] static Result<std::unique_ptr<LiveProcess>> Open(const std::string& file);
  // The same for a run: publishes the folder's version if it is to be (publication.h), and is made for the newest.
  [[nodiscard]] static Result<std::unique_ptr<LiveProcess>> OpenToRun(const std::string& file, const PublishWish& wish);
  LiveProcess(const LiveProcess&) = delete;
  LiveProcess& operator=(const LiveProcess&) = delete;
  ~LiveProcess();

  [[nodiscard]] const orchestrator::ProcessParts& parts() const { return parts_; }
  [[nodiscard]] std::int32_t partitions() const { return static_cast<std::int32_t>(parts_.settings.partitions); }
  [[nodiscard]] runtime::LogDirectory& directory() { return *directory_; }
  // Of the re-keyers' group, as it stands, whatever is under way. REQUIRES: parts().sources is not empty.
  [[nodiscard]] runtime::LogDirectory& rekeyed() { return *rekeyed_; }

  // Of which topics the records come with their headers: of those that a run decides by, or of all.
  enum class Headers : std::uint8_t { kWanted, kAll };
  [[nodiscard]] Result<std::unique_ptr<runtime::EventSource>> MakeSource(Headers headers = Headers::kWanted) const;
  // For the topology that the process is made for: of its re-keyer, and of whoever looks at records before a run.
  [[nodiscard]] Result<orchestrator::Decoders> MakeDecoders() const;
  [[nodiscard]] std::unique_ptr<runtime::OutputSinkFactory> MakeSinks() const;
  [[nodiscard]] Result<std::unique_ptr<runtime::Membership>> MakeMembership(runtime::Membership::Listener& listener) const;

  // Looks at the latest records of the inputs before anything is begun. kStopProcess: an input that breaks what the process file claims,
  // with the remedy; what is less is logged.
  [[nodiscard]] Result<void> CheckInputs() const;

  // The same for the re-keyer. REQUIRES: parts().sources is not empty.
  [[nodiscard]] Result<std::unique_ptr<runtime::EventSource>> MakeRekeySource() const;
  [[nodiscard]] Result<std::unique_ptr<runtime::LogDirectory>> MakeRekeyDirectory() const;
  [[nodiscard]] std::unique_ptr<runtime::OutputSinkFactory> MakeRekeySinks() const;
  [[nodiscard]] Result<std::unique_ptr<runtime::Membership>> MakeRekeyMembership(runtime::Membership::LogsListener& listener) const;

  // Nothing unless the process file has `standby: 1`.
  [[nodiscard]] Result<std::unique_ptr<orchestrator::StandbyKeeper>> MakeStandbyKeeper();

 private:
  LiveProcess(process::ProcessConfig config, topology_files::LoadedVersion own);

  [[nodiscard]] static Result<std::unique_ptr<LiveProcess>> Begin(const std::string& file);
  // The topics as `topics_` has them, checked; the partitions.
  [[nodiscard]] Result<std::uint32_t> CheckCluster();
  [[nodiscard]] Result<void> ReadFormats();
  [[nodiscard]] Result<void> FindSources(const process::TopicReport& report);
  [[nodiscard]] Result<topology_files::PublishedVersions> ReadVersions();
  [[nodiscard]] Result<void> PublishOwn(topology_files::PublishedVersions& versions, const PublishWish& wish);
  // Makes the table of topics for these, too. True if it has more of them now.
  [[nodiscard]] bool Widen(std::vector<std::shared_ptr<const topology::Topology>> others);
  void FillParts(std::uint32_t partitions, topology_files::PublishedVersions versions, std::set<std::string> allowed_drops);

  process::ProcessConfig config_;
  topology_files::LoadedVersion own_;                   // of the folder
  std::shared_ptr<const topology::Topology> topology_;  // that the process is made for
  std::shared_ptr<const process::TopicTable> topics_;
  std::vector<std::string> descriptors_;  // by input
  std::set<std::uint32_t> with_headers_;  // the topics whose headers are wanted
  std::vector<runtime::LogId> sources_;   // every partition of the inputs that are re-keyed
  runtime::WallClock clock_;
  orchestrator::KillAtPoint faults_;
  std::unique_ptr<runtime::LogDirectory> directory_;
  std::unique_ptr<runtime::LogDirectory> rekeyed_;
  std::unique_ptr<runtime::LogDirectory> standby_directory_;
  std::unique_ptr<runtime::GroupMembers> members_;
  orchestrator::DirectoryClaims claims_;
  std::unique_ptr<orchestrator::LiveFigures> figures_;
  std::unique_ptr<orchestrator::TopologyLibrary> library_;
  orchestrator::ProcessParts parts_;
};

}  // namespace antiphon::live
