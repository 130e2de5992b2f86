#include "services/tools/test_command.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <utility>

#include "services/tools/scenario_loader.h"
#include "services/tools/scenario_verdict.h"

namespace antiphon::tools {
namespace {

namespace fs = std::filesystem;

constexpr int kOk = 0;
constexpr int kSomeFailed = 1;
constexpr int kBadInput = 2;

std::optional<std::string> ReadFile(const fs::path& path) {
  const std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

bool IsFolderOfTopology(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path / kTopologyFile, ignored);
}

// The nearest folder at or above `path` that holds a topology.
std::optional<fs::path> TopologyAround(const fs::path& path) {
  if (IsFolderOfTopology(path)) return path;
  std::error_code error;
  fs::path folder = fs::weakly_canonical(path, error);
  if (error) return std::nullopt;
  for (;; folder = folder.parent_path()) {
    if (IsFolderOfTopology(folder)) return folder;
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

// The scenario files of a folder, sorted by name.
std::vector<fs::path> YamlFiles(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const fs::path extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".yml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// Tester: one `antiphon test`.
class Tester {
 public:
  Tester(const TestOptions& options, const LoadTopologyFolder& load, std::FILE* err) : options_(options), load_(load), err_(err) {}

  void Run() {
    if (options_.paths.empty()) Complain("say what to test: antiphon test TOPOLOGY_FOLDER, or a scenario file");
    for (const std::string& path : options_.paths) TestPath(path);
    const bool nothing = report_.passed() + report_.failed() == 0;
    if (nothing && !broken()) {
      Complain(options_.filter.empty() ? "no scenario was found: put scenario files into the topology's folder tests/"
                                       : "no scenario's name holds '" + options_.filter + "'");
    }
  }

  [[nodiscard]] const TestReport& report() const { return report_; }
  [[nodiscard]] bool broken() const { return complained_ || report_.broken() > 0; }

 private:
  void Complain(const std::string& message) {
    std::fprintf(err_, "antiphon test: %s\n", message.c_str());
    complained_ = true;
  }

  // Of what was to be tested, so that a report that only a machine reads tells it too.
  void ComplainOf(const fs::path& path, const std::string& message) {
    std::fprintf(err_, "antiphon test: %s\n", message.c_str());
    report_.files.push_back({.file = path.string(), .mistakes = {message}});
  }

  void TestPath(const std::string& given) {
    const fs::path path(given);
    std::error_code error;
    if (!fs::exists(path, error)) return ComplainOf(path, "there is no file or folder " + given);
    std::vector<fs::path> files;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
    } else {
      const fs::path folder = IsFolderOfTopology(path) ? path / "tests" : path;
      files = YamlFiles(folder);
      if (files.empty()) return ComplainOf(path, "there is no scenario file (*.yaml) in " + folder.string());
    }
    const TestedTopology* topology = TopologyFor(path);
    if (topology == nullptr) return;
    for (const fs::path& file : files) TestOne(*topology, file);
  }

  // Loads each topology once. nullptr, and reported: there is none.
  const TestedTopology* TopologyFor(const fs::path& path) {
    std::optional<fs::path> folder = options_.topology.empty() ? TopologyAround(path) : std::optional<fs::path>(options_.topology);
    if (!folder) {
      ComplainOf(path, "no topology.yaml in " + path.string() + " or a folder around it; name its folder with --topology");
      return nullptr;
    }
    const auto known = loaded_.find(folder->string());
    if (known != loaded_.end()) {
      if (!known->second) report_.files.push_back({.file = path.string(), .mistakes = {"the topology has mistakes"}});
      return known->second.get();
    }
    std::unique_ptr<const TestedTopology>& loaded = loaded_[folder->string()];
    auto topology = load_(folder->string());
    if (topology) {
      loaded = std::make_unique<const TestedTopology>(*std::move(topology));
    } else {
      ComplainOf(path, "the topology has mistakes:\n" + topology.error().message);
    }
    return loaded.get();
  }

  void TestOne(const TestedTopology& topology, const fs::path& file) {
    const auto text = ReadFile(file);
    if (!text) return ComplainOf(file, "cannot read " + file.string());
    TestedFile tested = TestFile(topology, *text, file.string(), options_.filter);
    for (const topology::Diagnostic& diagnostic : tested.diagnostics) {
      tested.result.mistakes.push_back(topology::ToString(diagnostic));
      std::fprintf(err_, "%s\n", tested.result.mistakes.back().c_str());
    }
    if (!tested.result.scenarios.empty() || !tested.result.mistakes.empty()) report_.files.push_back(std::move(tested.result));
  }

  const TestOptions& options_;
  const LoadTopologyFolder& load_;
  std::FILE* err_;
  std::map<std::string, std::unique_ptr<const TestedTopology>> loaded_;
  TestReport report_;
  bool complained_ = false;
};

bool WriteFile(const std::string& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  return stream.good();
}

}  // namespace

TestedFile TestFile(const TestedTopology& topology, std::string_view text, const std::string& file, std::string_view filter) {
  ScenarioFile scenarios = LoadScenarios(text, file, *topology.with);
  TestedFile tested{.result = {.file = file}, .diagnostics = std::move(scenarios.diagnostics)};
  if (!tested.diagnostics.empty()) return tested;
  for (const Scenario& scenario : scenarios.scenarios) {
    if (scenario.name.find(filter) == std::string::npos) continue;
    const auto began = std::chrono::steady_clock::now();
    const topology::Topology& in_force = scenario.experiments ? *topology.with : topology.without;
    const ScenarioRun run = RunScenario(in_force, scenario);
    ScenarioResult result{.name = scenario.name, .place = scenario.place, .failures = Judge(in_force, scenario, run)};
    result.took = std::chrono::steady_clock::now() - began;
    tested.result.scenarios.push_back(std::move(result));
  }
  return tested;
}

int RunTest(const TestOptions& options, const LoadTopologyFolder& load, std::FILE* out, std::FILE* err) {
  Tester tester(options, load, err);
  tester.Run();
  const TestReport& report = tester.report();
  if (!options.junit.empty() && !WriteFile(options.junit, ReportJUnit(report))) {
    std::fprintf(err, "antiphon test: cannot write %s\n", options.junit.c_str());
    return kBadInput;
  }
  const std::string text = options.json ? ReportJson(report) : ReportText(report, options.verbose ? ShowPassed::kYes : ShowPassed::kNo);
  std::fputs(text.c_str(), out);
  if (tester.broken()) return kBadInput;
  return report.failed() == 0 ? kOk : kSomeFailed;
}

}  // namespace antiphon::tools
