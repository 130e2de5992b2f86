#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "services/process/config_text.h"
#include "tests/unit/process/process_support.h"

namespace antiphon::process {
namespace {

// A few bytes overwritten, cut out, doubled, or replaced by words that mean something somewhere.
void Mutate(std::string& text) {
  static const std::vector<std::string> kWords = {"{env: KAFKA_PASSWORD}",
                                                  "{file: key-password}",
                                                  "*a ",
                                                  "&a ",
                                                  "{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ": ",
                                                  "\n  ",
                                                  "\t",
                                                  "'",
                                                  "\"",
                                                  "|",
                                                  ">-",
                                                  "null",
                                                  "- ",
                                                  "<<: *a",
                                                  "json",
                                                  "other",
                                                  "-1",
                                                  "\xFF",
                                                  "#",
                                                  "---\n",
                                                  "? ",
                                                  "!!int ",
                                                  "%",
                                                  "bank.x",
                                                  "\r",
                                                  "0",
                                                  "1e9",
                                                  "999999999999999999999"};
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    const std::size_t at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text.erase(at, *rc::gen::inRange<std::size_t>(1, 40));
        break;
      case 1:
        text.insert(at, *rc::gen::elementOf(kWords));
        break;
      case 2:
        text.insert(at, text.substr(*rc::gen::inRange<std::size_t>(0, text.size() + 1), *rc::gen::inRange<std::size_t>(1, 60)));
        break;
      default:
        if (at < text.size()) text[at] = *rc::gen::arbitrary<char>();
        break;
    }
  }
}

void Judge() {
  std::string text = kGood;
  Mutate(text);
  const ReadAt where = *rc::gen::element(ReadAt::kWhereItRuns, ReadAt::kElsewhere);
  const ProcessOutcome outcome = LoadProcess(text, kFile, GoodSurroundings(), where);
  const bool has_error =
      std::ranges::any_of(outcome.diagnostics, [](const auto& one) { return one.severity == topology::Severity::kError; });
  RC_ASSERT(outcome.config.has_value() != has_error);
  for (const topology::Diagnostic& one : outcome.diagnostics) {
    RC_ASSERT(one.line >= 1U && one.column >= 1U && !one.code.empty() && !one.message.empty() && one.file == kFile);
  }
  const std::string printed = Printed(outcome.diagnostics);
  RC_ASSERT(printed.find(kPassword) == std::string::npos && printed.find(kKeySecret) == std::string::npos);
  if (!outcome.config) return;
  for (const auto& [name, setting] : outcome.config->kafka) {
    if (setting.value == kPassword || setting.value == kKeySecret) RC_ASSERT(setting.secret || name == "bootstrap.servers");
  }
  RC_ASSERT(!ToJson(*outcome.config).empty());
}

TEST(ProcessPropertyTest, ADamagedFileIsReadOrRefusedWithAReasonAndTellsNoSecret) {
  rc::check("damaged process files", [] {
    for (int i = 0; i < 30; ++i) Judge();
  });
}

}  // namespace
}  // namespace antiphon::process
