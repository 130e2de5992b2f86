#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/tools/test_command.h"
#include "tests/unit/tools/small_bank.h"

namespace antiphon::tools {
namespace {

TestReport SomeReport() {
  TestReport report;
  report.files.push_back({.file = "a<b>.yaml", .scenarios = {}});
  report.files.back().scenarios.push_back(
      {.name = "good & \"quoted\"", .place = {.file = "a<b>.yaml", .line = 1, .column = 1}, .failures = {}});
  report.files.back().scenarios.push_back(
      {.name = "bad",
       .place = {.file = "a<b>.yaml", .line = 9, .column = 1},
       .failures = {{.place = {.file = "a<b>.yaml", .line = 12, .column = 5}, .expected = "a < b\x01", .happened = {"- x", "+ y"}}}});
  return report;
}

TEST(ReportTest, TextEndsWithTheCounts) {
  EXPECT_EQ(ReportText(SomeReport(), ShowPassed::kNo),
            "FAIL  bad\n"
            "  a<b>.yaml:12:5: expected a < b\x01\n"
            "    - x\n"
            "    + y\n"
            "1 passed, 1 failed\n");
  EXPECT_THAT(ReportText(SomeReport(), ShowPassed::kYes), testing::StartsWith("ok    good & \"quoted\"\n"));
}

TEST(ReportTest, JUnitIsWellFormed) {
  EXPECT_EQ(
      ReportJUnit(SomeReport()),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"antiphon test\" tests=\"2\" failures=\"1\" errors=\"0\">\n"
      "  <testsuite name=\"a&lt;b&gt;.yaml\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"0.000\">\n"
      "    <testcase classname=\"a&lt;b&gt;.yaml\" name=\"good &amp; &quot;quoted&quot;\" time=\"0.000\"/>\n"
      "    <testcase classname=\"a&lt;b&gt;.yaml\" name=\"bad\" time=\"0.000\">\n"
      "      <failure message=\"expected a &lt; b\xEF\xBF\xBD\" type=\"expectation\">a&lt;b&gt;.yaml:12:5: expected a &lt; b\xEF\xBF\xBD\n"
      "    - x\n"
      "    + y\n"
      "</failure>\n"
      "    </testcase>\n"
      "  </testsuite>\n"
      "</testsuites>\n");
}

TEST(ReportTest, JsonHasEveryFailure) {
  EXPECT_EQ(
      ReportJson(SomeReport()),
      "{\"passed\":1,\"failed\":1,\"scenarios\":[{\"name\":\"good & "
      "\\\"quoted\\\"\",\"file\":\"a<b>.yaml\",\"line\":1,\"passed\":true,\"failures\":[]},"
      "{\"name\":\"bad\",\"file\":\"a<b>.yaml\",\"line\":9,\"passed\":false,\"failures\":[{\"file\":\"a<b>.yaml\",\"line\":12,\"column\":5,"
      "\"expected\":\"a < b\\u0001\",\"happened\":[\"- x\",\"+ y\"]}]}],\"broken\":[]}\n");
}

int RunOn(const TestOptions& options, std::string* out = nullptr, std::string* err = nullptr) {
  const Captured output;
  const Captured errors;
  const int code = RunTest(options, LoadSmallBank(), output.file(), errors.file());
  if (out != nullptr) *out = output.text();
  if (err != nullptr) *err = errors.text();
  return code;
}

const std::string kGood = "- {scenario: silence, given: [], expect: {contacts: none}}\n";
const std::string kBad = "- {scenario: noise, given: [], expect: {contacts: [{offer: first_steps}]}}\n";

TEST(TestCommandTest, ExitCodesSayWhatCameOfIt) {
  const TemporaryFile good("good.yaml", kGood);
  const TemporaryFile bad("bad.yaml", kGood + kBad);
  const TemporaryFile broken("broken.yaml", "scenario: x\n");
  EXPECT_EQ(RunOn({.paths = {good.path()}, .topology = "bank"}), 0);
  EXPECT_EQ(RunOn({.paths = {bad.path()}, .topology = "bank"}), 1);
  EXPECT_EQ(RunOn({.paths = {bad.path()}, .topology = "bank", .filter = "silence"}), 0);
  EXPECT_EQ(RunOn({.paths = {good.path(), broken.path()}, .topology = "bank"}), 2);
  EXPECT_EQ(RunOn({.paths = {good.path()}, .topology = "bank", .filter = "nobody is called so"}), 2);
  EXPECT_EQ(RunOn({.paths = {"no/such/file.yaml"}, .topology = "bank"}), 2);
  EXPECT_EQ(RunOn({.paths = {}}), 2);
}

TEST(TestCommandTest, WritesJUnitBesideTheReport) {
  const TemporaryFile bad("bad.yaml", kGood + kBad);
  const TemporaryFile junit("junit.xml", "");
  std::string out;
  EXPECT_EQ(RunOn({.paths = {bad.path()}, .topology = "bank", .junit = junit.path(), .json = true}, &out), 1);
  EXPECT_THAT(out, testing::StartsWith("{\"passed\":1,\"failed\":1,"));
  EXPECT_THAT(ReadAll(junit.path()), testing::HasSubstr("<testsuites name=\"antiphon test\" tests=\"2\" failures=\"1\" errors=\"0\">"));
}

TEST(TestCommandTest, AFileWithMistakesIsAnErrorInEveryReport) {
  const TemporaryFile good("good.yaml", kGood);
  const TemporaryFile broken("broken.yaml", "scenario: x\n");
  const TemporaryFile junit("junit.xml", "");
  std::string out;
  EXPECT_EQ(RunOn({.paths = {broken.path(), good.path()}, .topology = "bank", .junit = junit.path()}, &out), 2);
  EXPECT_THAT(out, testing::HasSubstr("1 passed, 0 failed, 1 could not be run"));
  const std::string xml = ReadAll(junit.path());
  EXPECT_THAT(xml, testing::HasSubstr("tests=\"2\" failures=\"0\" errors=\"1\">"));
  EXPECT_THAT(xml, testing::HasSubstr("<error message=\"" + broken.path() + ":1:1: error: a scenario needs `given`"));
  EXPECT_EQ(RunOn({.paths = {broken.path()}, .topology = "bank", .json = true}, &out), 2);
  EXPECT_THAT(out, testing::HasSubstr("\"broken\":[{\"file\":\"" + broken.path() + "\",\"mistakes\":["));
  EXPECT_EQ(RunOn({.paths = {"no/such/file.yaml"}, .topology = "bank", .junit = junit.path()}), 2);
  EXPECT_THAT(ReadAll(junit.path()), testing::HasSubstr("errors=\"1\">"));
}

TEST(TestCommandTest, WithoutATopologyItSaysWhatToDo) {
  const TemporaryFile good("good.yaml", kGood);
  std::string err;
  EXPECT_EQ(RunOn({.paths = {good.path()}}, nullptr, &err), 2);
  EXPECT_THAT(err, testing::HasSubstr("name its folder with --topology"));
}

}  // namespace
}  // namespace antiphon::tools
