#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "services/tools/scenario.h"
#include "services/tools/scenario_run.h"

namespace antiphon::tools {

// What became of one scenario.
struct ScenarioResult {
  std::string name;
  Place place;
  std::vector<Failure> failures;  // none: it passed
  std::chrono::duration<double> took = {};
};

// The scenarios of one file, in order.
struct FileResult {
  std::string file;
  std::vector<ScenarioResult> scenarios;
};

struct TestReport {
  std::vector<FileResult> files;

  [[nodiscard]] std::size_t passed() const;
  [[nodiscard]] std::size_t failed() const;
};

enum class ShowPassed : std::uint8_t { kNo, kYes };

// For a person: each failed scenario with what was expected and what happened, then the line "3 passed, 1 failed".
[[nodiscard]] std::string ReportText(const TestReport& report, ShowPassed show_passed);

// JUnit XML: a testsuite for each file, a testcase for each scenario (classname, name, time), a failure for each that failed. Characters
// that XML 1.0 does not have are replaced by U+FFFD.
[[nodiscard]] std::string ReportJUnit(const TestReport& report);

// One JSON document: {passed, failed, scenarios: [{name, file, line, passed, failures: [{file, line, column, expected, happened: []}]}]}.
[[nodiscard]] std::string ReportJson(const TestReport& report);

}  // namespace antiphon::tools
