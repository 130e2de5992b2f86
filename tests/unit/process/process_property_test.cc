#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "services/process/config_text.h"
#include "tests/support/mutated_yaml.h"
#include "tests/unit/process/process_support.h"

namespace antiphon::process {
namespace {

void Judge() {
  std::string text = kGood;
  test::MutateYaml(text, {"{env: KAFKA_PASSWORD}", "{file: key-password}", "json", "other", "bank.x"});
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
