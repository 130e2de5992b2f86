#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "services/antiphon/commands.h"
#include "services/live/run_command.h"

namespace antiphon::command {

void AddRun(CLI::App& app, int& exit_code) {
  CLI::App* run = app.add_subcommand("run", "Runs live on Kafka: each event decided exactly once, until SIGTERM.");
  const auto arguments = std::make_shared<live::RunCommand>();
  run->add_option("--process", arguments->process, "The process file")->type_name("FILE")->required();
  run->add_flag("--activate", arguments->activate,
                "Run the folder's topology though another was published since: goes back to it, on all processes");
  run->add_option("--allow-drop", arguments->allow_drop,
                  "What customers may lose by a changed topology, as antiphon plan names it; all: anything. May be repeated")
      ->type_name("KIND/ID");
  run->footer(
      "Example:\n  antiphon topics --process process.yaml --create\n  antiphon run --process process.yaml\n\n"
      "SIGTERM or Ctrl-C commits, hands over and leaves; a second one ends at once.\n"
      "Exit codes: 0 left in order, 1 ended by a fault, 2 did not start (a bad file, a missing topic, no cluster).");
  run->callback([arguments, &exit_code] { exit_code = live::RunRunCommand(*arguments, stderr); });
}

}  // namespace antiphon::command
