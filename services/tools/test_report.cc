#include "services/tools/test_report.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "engine/expression/text.h"
#include "services/tools/json_out.h"

namespace antiphon::tools {
namespace {

std::size_t CountOf(const TestReport& report, bool passed) {
  std::size_t count = 0;
  for (const FileResult& file : report.files) {
    for (const ScenarioResult& scenario : file.scenarios) count += scenario.failures.empty() == passed ? 1U : 0U;
  }
  return count;
}

std::string FailureText(const Failure& failure) {
  std::string text = ToString(failure.place) + ": expected " + failure.expected + "\n";
  for (const std::string& line : failure.happened) text.append("    ").append(line).append("\n");
  return text;
}

bool IsXmlCharacter(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
         (c >= 0x10000 && c <= 0x10FFFF);
}

// For text and attributes alike.
std::string Xml(std::string_view text) {
  static constexpr char32_t kReplacement = 0xFFFD;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = expression::NextCodePoint(text, at);
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      expression::AppendCodePoint(out, IsXmlCharacter(c) ? c : kReplacement);
    }
  }
  return out;
}

std::string Seconds(std::chrono::duration<double> took) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", took.count());
  return text.data();
}

void AppendCase(std::string& out, const FileResult& file, const ScenarioResult& scenario) {
  out += "    <testcase classname=\"" + Xml(file.file) + "\" name=\"" + Xml(scenario.name) + "\" time=\"" + Seconds(scenario.took) + "\"";
  if (scenario.failures.empty()) {
    out += "/>\n";
    return;
  }
  out += ">\n";
  // A case has one failure: its message is the first expectation, its text all of them.
  out += "      <failure message=\"" + Xml("expected " + scenario.failures.front().expected) + "\" type=\"expectation\">";
  for (const Failure& failure : scenario.failures) out += Xml(FailureText(failure));
  out += "</failure>\n    </testcase>\n";
}

void AppendError(std::string& out, const FileResult& file) {
  out += "    <testcase classname=\"" + Xml(file.file) + "\" name=\"" + Xml(file.file) + "\" time=\"0.000\">\n";
  out += "      <error message=\"" + Xml(file.mistakes.front()) + "\" type=\"mistake\">";
  for (const std::string& mistake : file.mistakes) out += Xml(mistake) + "\n";
  out += "</error>\n    </testcase>\n";
}

void AppendBroken(JsonOut& json, const TestReport& report) {
  json.Key("broken");
  json.BeginArray();
  for (const FileResult& file : report.files) {
    if (file.mistakes.empty()) continue;
    json.BeginObject();
    json.Field("file", file.file);
    json.Key("mistakes");
    json.BeginArray();
    for (const std::string& mistake : file.mistakes) json.String(mistake);
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::size_t TestReport::passed() const { return CountOf(*this, true); }
std::size_t TestReport::failed() const { return CountOf(*this, false); }
std::size_t TestReport::broken() const {
  return static_cast<std::size_t>(std::ranges::count_if(files, [](const FileResult& file) { return !file.mistakes.empty(); }));
}

std::string ReportText(const TestReport& report, ShowPassed show_passed) {
  std::string out;
  for (const FileResult& file : report.files) {
    for (const ScenarioResult& scenario : file.scenarios) {
      if (scenario.failures.empty()) {
        if (show_passed == ShowPassed::kYes) out += "ok    " + scenario.name + "\n";
        continue;
      }
      out += "FAIL  " + scenario.name + "\n";
      for (const Failure& failure : scenario.failures) out += "  " + FailureText(failure);
    }
  }
  out += std::to_string(report.passed()) + " passed, " + std::to_string(report.failed()) + " failed";
  if (report.broken() > 0) out += ", " + std::to_string(report.broken()) + " could not be run";
  return out + "\n";
}

std::string ReportJUnit(const TestReport& report) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += "<testsuites name=\"antiphon test\" tests=\"" + std::to_string(report.passed() + report.failed() + report.broken()) +
         "\" failures=\"" + std::to_string(report.failed()) + "\" errors=\"" + std::to_string(report.broken()) + "\">\n";
  for (const FileResult& file : report.files) {
    std::size_t failed = 0;
    std::chrono::duration<double> took{};
    for (const ScenarioResult& scenario : file.scenarios) {
      failed += scenario.failures.empty() ? 0U : 1U;
      took += scenario.took;
    }
    const std::size_t errors = file.mistakes.empty() ? 0 : 1;
    out += "  <testsuite name=\"" + Xml(file.file) + "\" tests=\"" + std::to_string(file.scenarios.size() + errors) + "\" failures=\"" +
           std::to_string(failed) + "\" errors=\"" + std::to_string(errors) + "\" skipped=\"0\" time=\"" + Seconds(took) + "\">\n";
    if (errors > 0) AppendError(out, file);
    for (const ScenarioResult& scenario : file.scenarios) AppendCase(out, file, scenario);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

std::string ReportJson(const TestReport& report) {
  std::string out;
  JsonOut json(out);
  json.BeginObject();
  json.FieldInt("passed", static_cast<std::int64_t>(report.passed()));
  json.FieldInt("failed", static_cast<std::int64_t>(report.failed()));
  json.Key("scenarios");
  json.BeginArray();
  for (const FileResult& file : report.files) {
    for (const ScenarioResult& scenario : file.scenarios) {
      json.BeginObject();
      json.Field("name", scenario.name);
      json.Field("file", scenario.place.file);
      json.FieldInt("line", scenario.place.line);
      json.FieldBool("passed", scenario.failures.empty());
      json.Key("failures");
      json.BeginArray();
      for (const Failure& failure : scenario.failures) {
        json.BeginObject();
        json.Field("file", failure.place.file);
        json.FieldInt("line", failure.place.line);
        json.FieldInt("column", failure.place.column);
        json.Field("expected", failure.expected);
        json.Key("happened");
        json.BeginArray();
        for (const std::string& line : failure.happened) json.String(line);
        json.EndArray();
        json.EndObject();
      }
      json.EndArray();
      json.EndObject();
    }
  }
  json.EndArray();
  AppendBroken(json, report);
  json.EndObject();
  return out + "\n";
}

}  // namespace antiphon::tools
