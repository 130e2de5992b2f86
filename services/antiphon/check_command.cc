#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "services/antiphon/commands.h"
#include "services/tools/check.h"

namespace antiphon::command {

void AddCheck(CLI::App& app, int& exit_code) {
  CLI::App* check =
      app.add_subcommand("check", "Says what is wrong in a topology or a process file: file, line, column, and what to write instead.");
  const auto arguments = std::make_shared<tools::CheckCommand>();
  CLI::Option_group* subject = check->add_option_group("What to check");
  subject->add_option("topology", arguments->folder, "The folder with topology.yaml")->type_name("DIR");
  subject
      ->add_option("--process", arguments->process, "A process file, which is checked with the topology that it names; no cluster is asked")
      ->type_name("FILE");
  subject->require_option(1);
  check->add_flag("--json", arguments->json, "Print the findings as JSON");
  check->footer(
      "Examples:\n  antiphon check topologies/retail-bank\n  antiphon check --process process.yaml\n\n"
      "Exit codes: 0 no errors (there may be warnings), 1 errors, 2 no such folder or file.");
  check->callback([arguments, &exit_code] { exit_code = tools::RunCheckCommand(*arguments, stdout, stderr); });
}

}  // namespace antiphon::command
