#include "services/topology_files/published_version.h"

#include <utility>

#include "antiphon/v1/live.pb.h"
#include "engine/topology/topology_loader.h"
#include "services/formats/message_catalog.h"
#include "services/topology_files/folder.h"
#include "services/topology_files/topology_folder.h"

namespace antiphon::topology_files {

std::string EncodeVersion(const PublishedVersion& version) {
  v1::TopologyVersion out;
  out.set_name(version.name);
  out.mutable_version()->set_high(version.version.high);
  out.mutable_version()->set_low(version.version.low);
  out.set_semantics_version(version.semantics_version);
  for (const auto& [path, content] : version.files) {
    v1::TopologyFile& file = *out.add_files();
    file.set_path(path);
    file.set_content(content);
  }
  for (const std::string& drop : version.allowed_drops) out.add_allowed_drops(drop);
  return out.SerializeAsString();
}

Result<PublishedVersion> DecodeVersion(std::string_view bytes) {
  v1::TopologyVersion in;
  if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Fail(Recovery::kStopProcess, "a record of the topologies is damaged: it is no antiphon.v1.TopologyVersion");
  }
  PublishedVersion version{.name = in.name(),
                           .version = {.high = in.version().high(), .low = in.version().low()},
                           .semantics_version = in.semantics_version(),
                           .files = {},
                           .allowed_drops = {in.allowed_drops().begin(), in.allowed_drops().end()}};
  for (const v1::TopologyFile& file : in.files()) version.files.emplace(file.path(), file.content());
  return version;
}

Result<LoadedVersion> LoadVersionFolder(const std::string& folder, std::uint32_t semantics_version) {
  auto topology = LoadGoodTopology(folder);  // for its words about what is wrong
  if (!topology) return std::unexpected(std::move(topology.error()));
  const Folder on_disk(folder);
  const NotedFiles files(on_disk);
  const formats::ProtoMessageCatalog catalog;
  const topology::LoadOutcome noted = topology::LoadTopology(files, catalog);
  LoadedVersion loaded{.record = {.name = (*topology)->name,
                                  .version = (*topology)->version,
                                  .semantics_version = semantics_version,
                                  .files = files.noted(),
                                  .allowed_drops = {}},
                       .topology = *std::move(topology)};
  // It must be the same out of the record, or nobody else could run it.
  if (auto again = CompileVersion(loaded.record, semantics_version); !again) return std::unexpected(std::move(again.error()));
  return loaded;
}

Result<std::shared_ptr<const topology::Topology>> CompileVersion(const PublishedVersion& version, std::uint32_t semantics_version) {
  const std::string which = "topology " + ToHex(version.version) + " (" + version.name + ")";
  if (version.semantics_version > semantics_version) {
    return Fail(Recovery::kStopProcess, which + " was published by a newer Antiphon (semantics " +
                                            std::to_string(version.semantics_version) + ", this is " + std::to_string(semantics_version) +
                                            "): run the newer one here too");
  }
  const formats::ProtoMessageCatalog catalog;
  topology::LoadOutcome outcome = topology::LoadTopology(MemoryFiles(version.files), catalog);
  if (outcome.topology == nullptr) {
    std::string message = which + " cannot be compiled by this Antiphon, run the one that published it here too";
    for (const topology::Diagnostic& diagnostic : outcome.diagnostics) {
      if (diagnostic.severity == topology::Severity::kError) return Fail(Recovery::kStopProcess, message + ": " + ToString(diagnostic));
    }
    return Fail(Recovery::kStopProcess, message);
  }
  if (outcome.topology->version != version.version) {
    return Fail(Recovery::kStopProcess, which + " comes out as " + ToHex(outcome.topology->version) +
                                            " here: its publisher has another Antiphon or another time zone data base; make them equal");
  }
  return std::move(outcome.topology);
}

}  // namespace antiphon::topology_files
