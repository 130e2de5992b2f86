#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "services/antiphon/commands.h"
#include "services/live/verify_command.h"

namespace antiphon::command {

void AddVerify(CLI::App& app, int& exit_code) {
  CLI::App* verify = app.add_subcommand("verify", "Plays the journal of a live run again and compares with what it wrote, byte for byte.");
  const auto arguments = std::make_shared<live::VerifyCommand>();
  verify->add_option("--process", arguments->process, "The process file of the run")->type_name("FILE")->required();
  verify->add_option("--partition", arguments->partition, "This partition alone")->type_name("N");
  verify->add_flag("--json", arguments->json, "Print the verdicts as JSON");
  verify->footer(
      "Example:\n  antiphon verify --process process.yaml\n\nReads only, while the run goes on or after it.\n"
      "Exit codes: 0 equal, 1 a difference (the first one is shown), 2 it cannot be verified.");
  verify->callback([arguments, &exit_code] { exit_code = live::RunVerifyCommand(*arguments, stdout, stderr); });
}

}  // namespace antiphon::command
