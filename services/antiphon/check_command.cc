#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "services/antiphon/commands.h"
#include "services/tools/check.h"

namespace antiphon::command {

void AddCheck(CLI::App& app, int& exit_code) {
  CLI::App* check = app.add_subcommand("check", "Says what is wrong in a topology: file, line, column, and what to write instead.");
  const auto arguments = std::make_shared<tools::CheckCommand>();
  check->add_option("topology", arguments->folder, "The folder with topology.yaml")->type_name("DIR")->required();
  check->add_flag("--json", arguments->json, "Print the findings as JSON");
  check->footer(
      "Example:\n  antiphon check topologies/retail-bank\n\nExit codes: 0 no errors (there may be warnings), 1 errors, 2 no such folder.");
  check->callback([arguments, &exit_code] { exit_code = tools::RunCheckCommand(*arguments, stdout, stderr); });
}

}  // namespace antiphon::command
