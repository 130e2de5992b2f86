#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "engine/topology/topology.h"
#include "services/topology_files/memory_files.h"
#include "state/base/hash.h"
#include "state/base/result.h"

namespace antiphon::topology_files {

// The consent to drop anything.
inline constexpr std::string_view kAllDrops = "all";

// One version of a topology, as it is kept in antiphon.topologies: antiphon.v1.TopologyVersion.
struct PublishedVersion {
  std::string name;  // the author's
  Hash128 version;
  std::uint32_t semantics_version = 0;    // of the engine that published it
  Files files;                            // all that its loader read
  std::set<std::string> allowed_drops{};  // "feature/spend_30d", kAllDrops: consent that was given where it was published
  friend bool operator==(const PublishedVersion&, const PublishedVersion&) = default;
};

[[nodiscard]] std::string EncodeVersion(const PublishedVersion& version);
// Fails (stop the process) on bytes that are no such record.
[[nodiscard]] Result<PublishedVersion> DecodeVersion(std::string_view bytes);

// A topology and what it was loaded from.
struct LoadedVersion {
  PublishedVersion record;
  std::shared_ptr<const topology::Topology> topology;
};
// Of a folder, as LoadGoodTopology; `semantics_version` is this program's.
[[nodiscard]] Result<LoadedVersion> LoadVersionFolder(const std::string& folder, std::uint32_t semantics_version);

// Compiles the files again. Fails (stop the process), in words for whoever runs it, if this program cannot: it is of another semantics
// version, knows less, or has another zone data base, so that the hash comes out different.
[[nodiscard]] Result<std::shared_ptr<const topology::Topology>> CompileVersion(const PublishedVersion& version,
                                                                               std::uint32_t semantics_version);

}  // namespace antiphon::topology_files
