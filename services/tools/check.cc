#include "services/tools/check.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/process/config_text.h"
#include "services/process/process_checks.h"
#include "services/process/process_loader.h"
#include "services/topology_files/topology_folder.h"

namespace antiphon::tools {
namespace {

constexpr int kExitNo = 1;
constexpr int kExitBad = 2;

const char* SeverityName(topology::Severity severity) {
  switch (severity) {
    case topology::Severity::kError:
      return "error";
    case topology::Severity::kWarning:
      return "warning";
    case topology::Severity::kNote:
      return "note";
  }
  return "";
}

// What was checked and what came out.
struct Checked {
  std::string subject;  // as the user named it
  std::string prefix;   // of the files of diagnostics, in text
  std::shared_ptr<const topology::Topology> topology;
  std::optional<process::ProcessConfig> process;
  bool good = false;
  std::vector<topology::Diagnostic> diagnostics;
};

std::string AsJson(const Checked& checked) {
  nlohmann::ordered_json diagnostics = nlohmann::ordered_json::array();
  for (const topology::Diagnostic& diagnostic : checked.diagnostics) {
    diagnostics.push_back({{"severity", SeverityName(diagnostic.severity)},
                           {"code", diagnostic.code},
                           {"file", diagnostic.file},
                           {"line", diagnostic.line},
                           {"column", diagnostic.column},
                           {"text", diagnostic.text},
                           {"message", diagnostic.message},
                           {"remedy", diagnostic.remedy}});
  }
  nlohmann::ordered_json json{{"ok", checked.good}};
  if (checked.process) json["process"] = nlohmann::ordered_json::parse(process::ToJson(*checked.process));
  if (checked.topology != nullptr) json["topology"] = {{"name", checked.topology->name}, {"version", ToHex(checked.topology->version)}};
  json["diagnostics"] = std::move(diagnostics);
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string AsText(const Checked& checked) {
  std::string text;
  std::size_t errors = 0;
  std::size_t warnings = 0;
  for (const topology::Diagnostic& diagnostic : checked.diagnostics) {
    errors += diagnostic.severity == topology::Severity::kError ? 1U : 0U;
    warnings += diagnostic.severity == topology::Severity::kWarning ? 1U : 0U;
    text += checked.prefix + topology::ToString(diagnostic) + "\n";
  }
  const std::string counts = std::to_string(errors) + " errors, " + std::to_string(warnings) + " warnings\n";
  if (!checked.good) return text + checked.subject + ": " + counts;
  text += (checked.process ? checked.subject : checked.topology->name) + ": ok, " + counts;
  if (checked.process) text += std::to_string(checked.process->inputs.size()) + " inputs\n";
  if (checked.topology == nullptr) return text;
  const topology::Topology& topology = *checked.topology;
  if (checked.process) text += "topology " + topology.name + ": ";
  text += std::to_string(topology.event_types.size()) + " event types, " + std::to_string(topology.features.size()) + " features, " +
          std::to_string(topology.triggers.size()) + " triggers, " + std::to_string(topology.offers.size()) + " offers, " +
          std::to_string(topology.channels.size()) + " channels, " + std::to_string(topology.caps.size()) + " caps\n";
  text += "version " + ToHex(topology.version) + "\n";
  return text;
}

Result<Checked> CheckFolder(const std::string& folder) {
  auto outcome = topology_files::LoadTopologyFolder(folder);
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  Checked checked;
  checked.subject = folder;
  checked.prefix = folder + "/";
  checked.good = outcome->topology != nullptr;
  checked.topology = std::move(outcome->topology);
  checked.diagnostics = std::move(outcome->diagnostics);
  return checked;
}

Result<Checked> CheckProcess(const std::string& file) {
  auto outcome = process::LoadProcessFile(file, process::SystemSurroundings(), process::ReadAt::kElsewhere);
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  Checked checked;
  checked.subject = file;
  checked.process = std::move(outcome->config);
  checked.diagnostics = std::move(outcome->diagnostics);
  if (!checked.process) return checked;
  if (checked.process->topology.empty()) {  // named by a variable that is not set here, which was said
    checked.good = true;
    return checked;
  }
  auto of_topology = CheckFolder(checked.process->topology.string());
  if (!of_topology) return std::unexpected(std::move(of_topology.error()));
  checked.topology = std::move(of_topology->topology);
  for (topology::Diagnostic& diagnostic : of_topology->diagnostics) {
    diagnostic.file = of_topology->prefix + diagnostic.file;
    checked.diagnostics.push_back(std::move(diagnostic));
  }
  if (checked.topology == nullptr) return checked;
  const auto together = process::CheckWithTopology(*checked.process, *checked.topology);
  checked.diagnostics.insert(checked.diagnostics.end(), together.begin(), together.end());
  checked.good = std::ranges::none_of(together, [](const auto& one) { return one.severity == topology::Severity::kError; });
  return checked;
}

}  // namespace

int RunCheckCommand(const CheckCommand& command, std::FILE* output, std::FILE* messages) {
  const auto checked = command.process.empty() ? CheckFolder(command.folder) : CheckProcess(command.process);
  if (!checked) {
    std::fprintf(messages, "antiphon: %s\n", checked.error().message.c_str());
    return kExitBad;
  }
  const std::string text = command.json ? AsJson(*checked) : AsText(*checked);
  if (std::fwrite(text.data(), 1, text.size(), output) != text.size() || std::fflush(output) != 0) return kExitBad;
  return checked->good ? 0 : kExitNo;
}

}  // namespace antiphon::tools
