#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/orchestrator/topology_parts.h"
#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "services/topology_files/published_versions.h"
#include "state/base/hash.h"
#include "state/base/result.h"

namespace antiphon::orchestrator {

// What is dropped on the way from one topology to another, sorted: "feature/spend_30d". A changed definition is dropped, and new.
[[nodiscard]] std::vector<std::string> DropsBetween(const topology::Topology& from, const topology::Topology& to);
// Those of them that nobody allowed.
[[nodiscard]] std::vector<std::string> ForbiddenOf(std::vector<std::string> drops, const std::set<std::string>& allowed);
// "a, b, c", up to some.
[[nodiscard]] std::string Listed(const std::vector<std::string>& drops);

// Which version a partition is opened with.
struct TopologyChoice {
  std::shared_ptr<const TopologyParts> version;
  std::int64_t topologies_next = 0;  // PartitionMeta's
  bool activates = false;            // it is another one than that of the partition's last commit
};

// What becomes of a control record that asks for a version.
struct ActivationAnswer {
  std::string refused;               // why not, for the dead letter; empty: it is activated
  std::int64_t topologies_next = 0;  // PartitionMeta's, if it is
};

// TopologyLibrary: the versions of the topology that were published, and the parts of those that somebody runs: compiled once, when first
// asked for. Which version a partition runs is decided here, by what stands in the log alone: the partition's meta and the topic of
// versions; a process's own folder decides nothing. Thread-safe. Source: docs/live.md, "Topology versions".
class TopologyLibrary {
 public:
  // What is pointed at outlives the library.
  struct Options {
    const process::ProcessConfig* config = nullptr;
    const process::TopicTable* topics = nullptr;
    const topology::Topology* counted = nullptr;  // the topology that the process's figures count by
    std::vector<std::string> descriptors;         // by input: the content of the file that its format names
    std::uint32_t semantics_version = 0;
    std::set<std::string> allowed_drops;  // given to this process, beside those that were published
  };
  explicit TopologyLibrary(Options options, topology_files::PublishedVersions versions = {})
      : options_(std::move(options)), versions_(std::move(versions)) {}

  // A record of the topic of versions; one that it has already is passed over.
  void Take(std::int64_t offset, std::optional<std::string_view> key, std::optional<std::string_view> value);
  void PassTo(std::int64_t next);
  [[nodiscard]] std::int64_t next() const;
  [[nodiscard]] topology_files::PublishedVersions versions() const;

  // kStopProcess: there is no such version, or this process cannot run it, with the reason.
  [[nodiscard]] Result<std::shared_ptr<const TopologyParts>> Find(const Hash128& version);

  // For a partition that ran `active` at its last commit, when the topic was taken account of up to `topologies_next`; nothing: it never
  // committed. The newest version, if it was published since and may be activated; else the partition goes on as it was. kStopProcess:
  // this process cannot run what the partition must.
  struct Ran {
    Hash128 active;
    std::int64_t topologies_next = 0;
  };
  [[nodiscard]] Result<TopologyChoice> Choose(const std::optional<Ran>& ran);

  // For a partition that runs `active` and reads a control record that names `wanted`.
  [[nodiscard]] ActivationAnswer Ask(const TopologyParts& active, const Hash128& wanted);

 private:
  // All with the mutex held.
  [[nodiscard]] Result<std::shared_ptr<const TopologyParts>> FindLocked(const Hash128& version);
  [[nodiscard]] Result<std::shared_ptr<const TopologyParts>> MayFollow(const Hash128& from, const Hash128& to);
  [[nodiscard]] Result<TopologyChoice> ChooseUnknown(const Ran& ran, const topology_files::PublishedVersions::Entry* newest);

  const Options options_;
  mutable std::mutex mutex_;
  topology_files::PublishedVersions versions_;                     // guarded by mutex_
  std::map<Hash128, std::shared_ptr<const TopologyParts>> parts_;  // guarded by mutex_
};

}  // namespace antiphon::orchestrator
