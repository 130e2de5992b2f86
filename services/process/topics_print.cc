#include "services/process/topics_print.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace antiphon::process {
namespace {

using Json = nlohmann::ordered_json;
using topology::Severity;

const char* SeverityName(Severity severity) {
  static constexpr const char* kWords[] = {"error", "warning", "note"};
  return kWords[static_cast<std::size_t>(severity)];
}

const char* Standing(const TopicReport& report, std::size_t number, const std::string& name, const std::vector<std::string>& created) {
  if (std::ranges::find(created, name) != created.end()) return "created";
  if (!report.facts[number]) return "missing";
  const bool wrong = std::ranges::any_of(
      report.findings, [&](const TopicFinding& finding) { return finding.topic == name && finding.severity == Severity::kError; });
  return wrong ? "wrong" : "ok";
}

std::string Padded(std::string text, std::size_t width) {
  text.append(width - std::min(width, text.size()), ' ');
  return text;
}

std::string Brief(const runtime::TopicFacts& facts) {
  std::string text = std::to_string(facts.partitions) + (facts.partitions == 1 ? " partition, " : " partitions, ") +
                     std::to_string(facts.replication) + (facts.replication == 1 ? " replica" : " replicas");
  const auto policy = facts.settings.find("cleanup.policy");
  return policy == facts.settings.end() ? text : text + ", " + policy->second;
}

// What was made is known by its specification.
const runtime::TopicFacts* FactsOf(const TopicReport& report, std::size_t number, const std::string& name,
                                   const std::vector<std::string>& created) {
  if (report.facts[number]) return &*report.facts[number];
  if (std::ranges::find(created, name) == created.end()) return nullptr;
  const auto spec = std::ranges::find(report.missing, name, &TopicSpec::name);
  return spec == report.missing.end() ? nullptr : &spec->facts;
}

bool IsMade(const TopicFinding& finding, const std::vector<std::string>& created) {
  return finding.code == "missing" && std::ranges::find(created, finding.topic) != created.end();
}

}  // namespace

std::string TopicsAsText(const TopicTable& table, const TopicReport& report, const std::vector<std::string>& created) {
  std::size_t width = 0;
  for (const Topic& topic : table.topics()) width = std::max(width, topic.name.size());
  std::string text = report.partitions ? std::to_string(*report.partitions) + " partitions, as " + report.partitions_of + " says\n\n"
                                       : std::string("how many partitions the process has is not known\n\n");
  for (std::size_t i = 0; i < table.topics().size(); ++i) {
    const Topic& topic = table.topics()[i];
    const runtime::TopicFacts* const facts = FactsOf(report, i, topic.name, created);
    std::string line =
        Padded(Standing(report, i, topic.name, created), 9) + Padded(topic.name, width + 2) + Padded(ToString(topic.role), 14);
    if (facts != nullptr) line += Brief(*facts);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  std::size_t errors = 0;
  std::size_t warnings = 0;
  std::string findings;
  for (const TopicFinding& finding : report.findings) {
    if (IsMade(finding, created)) continue;
    errors += finding.severity == Severity::kError ? 1U : 0U;
    warnings += finding.severity == Severity::kWarning ? 1U : 0U;
    findings += ToString(finding) + "\n";
  }
  if (!findings.empty()) text += "\n" + findings;
  return text + "\n" + std::to_string(errors) + " errors, " + std::to_string(warnings) + " warnings\n";
}

std::string TopicsAsJson(const TopicTable& table, const TopicReport& report, const std::vector<std::string>& created) {
  Json topics = Json::array();
  for (std::size_t i = 0; i < table.topics().size(); ++i) {
    const Topic& topic = table.topics()[i];
    Json json{{"name", topic.name}, {"role", ToString(topic.role)}, {"standing", Standing(report, i, topic.name, created)}};
    if (const runtime::TopicFacts* facts = FactsOf(report, i, topic.name, created)) {
      json["partitions"] = facts->partitions;
      json["replication"] = facts->replication;
      json["settings"] = facts->settings;
    }
    topics.push_back(std::move(json));
  }
  Json findings = Json::array();
  bool good = true;
  for (const TopicFinding& finding : report.findings) {
    if (IsMade(finding, created)) continue;
    good = good && finding.severity != Severity::kError;
    findings.push_back({{"severity", SeverityName(finding.severity)},
                        {"topic", finding.topic},
                        {"code", finding.code},
                        {"is", finding.is},
                        {"should_be", finding.should_be},
                        {"why", finding.why},
                        {"mend", finding.mend}});
  }
  Json to_create = Json::array();
  for (const TopicSpec& spec : report.missing) {
    if (std::ranges::find(created, spec.name) != created.end()) continue;
    to_create.push_back({{"name", spec.name},
                         {"partitions", spec.facts.partitions},
                         {"replication", spec.facts.replication},
                         {"settings", spec.facts.settings}});
  }
  Json json{{"ok", good}};
  json["partitions"] = report.partitions ? Json(*report.partitions) : Json(nullptr);
  json["topics"] = std::move(topics);
  json["findings"] = std::move(findings);
  json["to_create"] = std::move(to_create);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace antiphon::process
