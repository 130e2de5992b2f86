#include "services/tools/scenario_loader.h"

#include <memory>
#include <utility>

#include "services/tools/scenario_reader.h"

namespace antiphon::tools {
namespace {

using topology::YamlNode;

constexpr const char* kDefaultCustomer = "C1";

// The documents of a file: [begin, end) of its text. A document begins after a line "---".
struct Part {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Part> SplitDocuments(std::string_view text) {
  std::vector<Part> parts{{}};
  for (std::size_t line = 0; line < text.size();) {
    const std::size_t next = std::min(text.find('\n', line), text.size() - 1) + 1;
    const std::string_view content = text.substr(line, next - line);
    const bool divides = content.starts_with("---") && (content.size() == 3 || content.find_first_of(" \t\r\n", 3) == 3);
    if (divides) {
      parts.back().end = line;
      parts.push_back({.begin = line});
    }
    line = next;
  }
  parts.back().end = text.size();
  return parts;
}

// The part alone, at its place in the file: what stands before it is blank.
std::string Isolate(std::string_view text, const Part& part) {
  std::string alone(text.substr(0, part.end));
  for (std::size_t i = 0; i < part.begin; ++i) {
    if (alone[i] != '\n') alone[i] = ' ';
  }
  return alone;
}

class Loader {
 public:
  Loader(std::string_view text, const std::string& file, const topology::Topology& topology) : text_(text), reader_(text, file, topology) {}

  ScenarioFile Run() {
    for (const Part& part : SplitDocuments(text_)) {
      const topology::YamlDocument document = topology::ParseYaml(Isolate(text_, part), 0);
      for (const topology::YamlProblem& problem : document.problems) {
        reader_.ErrorAt(reader_.PlaceOf(problem.offset), problem.code, {}, problem.message, problem.remedy);
      }
      if (!document.problems.empty() || document.root.is_null()) continue;
      if (document.root.is_sequence()) {
        for (const YamlNode& item : document.root.items) ReadScenario(item);
      } else {
        ReadScenario(document.root);
      }
    }
    if (scenarios_.empty() && !reader_.diagnostics().has_errors()) {
      reader_.ErrorAt(reader_.PlaceOf(0), "no_scenario", {}, "the file holds no scenario",
                      "write `scenario: what it shows`, `given:` and `expect:`");
    }
    return {.scenarios = std::move(scenarios_), .diagnostics = reader_.diagnostics().Take()};
  }

 private:
  void ReadScenario(const YamlNode& node) {
    const std::size_t errors_before = reader_.diagnostics().errors();
    MapKeys keys(reader_, node, "a scenario");
    if (!keys.good()) return;
    Scenario scenario;
    scenario.place = reader_.PlaceOf(node);
    const auto name = keys.Text("scenario");
    if (!name) reader_.Error(node, "missing_key", "a scenario needs a name", "write `scenario: what it shows`");
    scenario.name = name.value_or("");
    scenario.about = keys.Text("about").value_or("");
    const std::string customer = keys.Text("customer").value_or(kDefaultCustomer);
    scenario.experiments = keys.Bool("experiments").value_or(false);
    if (const YamlNode* given = keys.Find("given")) {
      scenario.given = ReadGiven(reader_, *given, {.customer = customer});
    } else {
      reader_.Error(node, "missing_key", "a scenario needs `given`: the events that happen");
    }
    if (const YamlNode* until = keys.Find("until")) ReadUntil(*until, scenario);
    if (const YamlNode* expect = keys.Find("expect")) {
      ReadExpectations(reader_, *expect, customer, scenario);
    } else {
      reader_.Error(node, "missing_key", "a scenario needs `expect`", "write `expect: {contacts: none}` for silence");
    }
    keys.Finish();
    if (reader_.diagnostics().errors() == errors_before) scenarios_.push_back(std::move(scenario));
  }

  // A time, or a length after the last event.
  void ReadUntil(const YamlNode& node, Scenario& scenario) {
    EngineTime last{};
    for (const GivenEvent& event : scenario.given) last = std::max(last, event.time + event.every * (event.repeat - 1));
    if (const auto length = node.is_scalar() ? ParseDuration(node.text) : std::nullopt) {
      scenario.until = last + *length;
    } else if (const auto span = reader_.ReadTime(node, "until")) {
      scenario.until = span->from;
    }
    if (scenario.until && *scenario.until < last) {
      reader_.Error(node, "bad_time", "`until` is before the last event of `given`", "the clock never goes back");
    }
  }

  std::string_view text_;
  ScenarioReader reader_;
  std::vector<Scenario> scenarios_;
};

}  // namespace

ScenarioFile LoadScenarios(std::string_view text, const std::string& file, const topology::Topology& topology) {
  return Loader(text, file, topology).Run();
}

}  // namespace antiphon::tools
