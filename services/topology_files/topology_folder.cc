#include "services/topology_files/topology_folder.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "services/formats/message_catalog.h"
#include "services/topology_files/folder.h"

namespace antiphon::topology_files {

Result<topology::LoadOutcome> LoadTopologyFolder(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return Fail(Recovery::kStopProcess, "there is no folder " + folder + "; give the folder that holds topology.yaml");
  }
  if (!std::filesystem::exists(folder + "/topology.yaml", error)) {
    return Fail(Recovery::kStopProcess, "the folder " + folder + " has no topology.yaml; give the folder that holds it");
  }
  const formats::ProtoMessageCatalog catalog;
  return topology::LoadTopology(Folder(folder), catalog);
}

Result<std::shared_ptr<const topology::Topology>> LoadGoodTopology(const std::string& folder) {
  auto outcome = LoadTopologyFolder(folder);
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  if (outcome->topology != nullptr) return std::move(outcome->topology);
  std::string message = "the topology " + folder + " has errors:";
  for (const topology::Diagnostic& diagnostic : outcome->diagnostics) {
    if (diagnostic.severity == topology::Severity::kError) message += "\n" + folder + "/" + topology::ToString(diagnostic);
  }
  return Fail(Recovery::kStopProcess, message + "\nantiphon check " + folder + " shows warnings too");
}

}  // namespace antiphon::topology_files
