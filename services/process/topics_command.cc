#include "services/process/topics_command.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "services/process/process_checks.h"
#include "services/process/process_loader.h"
#include "services/process/topic_checks.h"
#include "services/process/topics_print.h"

namespace antiphon::process {
namespace {

constexpr int kExitOk = 0;
constexpr int kExitNo = 1;
constexpr int kExitBad = 2;

int Say(std::FILE* messages, const Error& error) {
  std::fprintf(messages, "antiphon: %s\n", error.message.c_str());
  return kExitBad;
}

std::optional<Error> FirstError(const std::vector<topology::Diagnostic>& diagnostics) {
  const auto found = std::ranges::find(diagnostics, topology::Severity::kError, &topology::Diagnostic::severity);
  return found == diagnostics.end() ? std::nullopt : std::optional(Error{Recovery::kStopProcess, topology::ToString(*found)});
}

// The names of those that could be made; the rest is said.
std::vector<std::string> CreateMissing(const TopicReport& report, runtime::LogDirectory& directory, std::FILE* messages) {
  std::vector<std::string> created;
  for (const TopicSpec& spec : report.missing) {
    if (const auto made = directory.Create(spec.name, spec.facts); made) {
      created.push_back(spec.name);
    } else {
      std::fprintf(messages, "antiphon: %s was not created: %s\n", spec.name.c_str(), made.error().message.c_str());
    }
  }
  return created;
}

bool IsGood(const TopicReport& report, const std::vector<std::string>& created) {
  return std::ranges::none_of(report.findings, [&created](const TopicFinding& finding) {
    return finding.severity == topology::Severity::kError &&
           (finding.code != "missing" || std::ranges::find(created, finding.topic) == created.end());
  });
}

}  // namespace

int RunTopicsCommand(const TopicsCommand& command, const TopicsPorts& ports, std::FILE* output, std::FILE* messages) {
  const auto config = LoadGoodProcess(command.process, ports.surroundings);
  if (!config) return Say(messages, config.error());
  const auto topology = ports.load_topology(config->topology.string());
  if (!topology) return Say(messages, topology.error());
  if (const auto error = FirstError(CheckWithTopology(*config, **topology))) return Say(messages, *error);
  const auto table = std::make_shared<const TopicTable>(TopicTable::Make(*config, **topology));
  const auto directory = ports.open(*config, table);
  if (!directory) return Say(messages, directory.error());
  const auto report = CheckTopics(*table, *config, **directory, {.partitions = command.partitions, .replication = command.replication});
  if (!report) return Say(messages, report.error());
  std::vector<std::string> created;
  if (command.create) created = CreateMissing(*report, **directory, messages);
  const std::string text = command.json ? TopicsAsJson(*table, *report, created) : TopicsAsText(*table, *report, created);
  if (std::fwrite(text.data(), 1, text.size(), output) != text.size() || std::fflush(output) != 0) return kExitBad;
  return IsGood(*report, created) ? kExitOk : kExitNo;
}

}  // namespace antiphon::process
