#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "services/antiphon/commands.h"
#include "services/antiphon/topology_folder.h"

namespace antiphon::command {
namespace {

constexpr int kExitNo = 1;
constexpr int kExitBad = 2;

struct CheckArguments {
  std::string folder;
  bool json = false;
};

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

std::string AsJson(const topology::LoadOutcome& outcome) {
  nlohmann::ordered_json diagnostics = nlohmann::ordered_json::array();
  for (const topology::Diagnostic& diagnostic : outcome.diagnostics) {
    diagnostics.push_back({{"severity", SeverityName(diagnostic.severity)},
                           {"code", diagnostic.code},
                           {"file", diagnostic.file},
                           {"line", diagnostic.line},
                           {"column", diagnostic.column},
                           {"text", diagnostic.text},
                           {"message", diagnostic.message},
                           {"remedy", diagnostic.remedy}});
  }
  nlohmann::ordered_json json{{"ok", outcome.topology != nullptr}};
  if (outcome.topology != nullptr) json["topology"] = {{"name", outcome.topology->name}, {"version", ToHex(outcome.topology->version)}};
  json["diagnostics"] = std::move(diagnostics);
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string AsText(const CheckArguments& arguments, const topology::LoadOutcome& outcome) {
  std::string text;
  std::size_t errors = 0;
  std::size_t warnings = 0;
  for (const topology::Diagnostic& diagnostic : outcome.diagnostics) {
    errors += diagnostic.severity == topology::Severity::kError ? 1U : 0U;
    warnings += diagnostic.severity == topology::Severity::kWarning ? 1U : 0U;
    text += arguments.folder + "/" + topology::ToString(diagnostic) + "\n";
  }
  const std::string counts = std::to_string(errors) + " errors, " + std::to_string(warnings) + " warnings\n";
  if (outcome.topology == nullptr) return text + arguments.folder + ": " + counts;
  const topology::Topology& topology = *outcome.topology;
  text += topology.name + ": ok, " + counts;
  text += std::to_string(topology.event_types.size()) + " event types, " + std::to_string(topology.features.size()) + " features, " +
          std::to_string(topology.triggers.size()) + " triggers, " + std::to_string(topology.offers.size()) + " offers, " +
          std::to_string(topology.channels.size()) + " channels, " + std::to_string(topology.caps.size()) + " caps\n";
  text += "version " + ToHex(topology.version) + "\n";
  return text;
}

int RunCheck(const CheckArguments& arguments) {
  const auto outcome = LoadTopologyFolder(arguments.folder);
  if (!outcome) {
    std::fprintf(stderr, "antiphon: %s\n", outcome.error().message.c_str());
    return kExitBad;
  }
  const std::string text = arguments.json ? AsJson(*outcome) : AsText(arguments, *outcome);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) return kExitBad;
  return outcome->topology != nullptr ? 0 : kExitNo;
}

}  // namespace

void AddCheck(CLI::App& app, int& exit_code) {
  CLI::App* check = app.add_subcommand("check", "Says what is wrong in a topology: file, line, column, and what to write instead.");
  const auto arguments = std::make_shared<CheckArguments>();
  check->add_option("topology", arguments->folder, "The folder with topology.yaml")->type_name("DIR")->required();
  check->add_flag("--json", arguments->json, "Print the findings as JSON");
  check->footer(
      "Example:\n  antiphon check topologies/retail-bank\n\nExit codes: 0 no errors (there may be warnings), 1 errors, 2 no such folder.");
  check->callback([arguments, &exit_code] { exit_code = RunCheck(*arguments); });
}

}  // namespace antiphon::command
