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

// The scenarios of one file, in order; or why it could not be run.
struct FileResult {
  std::string file;
  std::vector<ScenarioResult> scenarios = {};
  std::vector<std::string> mistakes = {};  // if there are any, it has no scenarios
};

struct TestReport {
  std::vector<FileResult> files;

  [[nodiscard]] std::size_t passed() const;
  [[nodiscard]] std::size_t failed() const;
  [[nodiscard]] std::size_t broken() const;  // files with mistakes
};

enum class ShowPassed : std::uint8_t { kNo, kYes };

// For a person: each failed scenario with what was expected and what happened, then the line "3 passed, 1 failed", or
// "3 passed, 1 failed, 2 could not be run". The mistakes are not repeated.
[[nodiscard]] std::string ReportText(const TestReport& report, ShowPassed show_passed);

// JUnit XML: a testsuite for each file, a testcase for each scenario (classname, name, time), a failure for each that failed; for
// a file with mistakes a testcase of the file's name with an error. Characters that XML 1.0 does not have are replaced by U+FFFD.
[[nodiscard]] std::string ReportJUnit(const TestReport& report);

// One JSON document: {passed, failed, scenarios: [{name, file, line, passed, failures: [{file, line, column, expected, happened: []}]}],
// broken: [{file, mistakes: []}]}.
[[nodiscard]] std::string ReportJson(const TestReport& report);

}  // namespace antiphon::tools
