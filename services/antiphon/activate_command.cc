#include "services/live/activate_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "services/antiphon/commands.h"

namespace antiphon::command {

void AddActivate(CLI::App& app, int& exit_code) {
  CLI::App* activate = app.add_subcommand("activate", "Makes a topology the one that a running estate decides with, without a restart.");
  const auto arguments = std::make_shared<live::ActivateCommand>();
  activate->add_option("--process", arguments->process, "The process file")->type_name("FILE")->required();
  activate->add_option("version", arguments->version, "A version that was published, 32 hexadecimal digits; else the process file's folder")
      ->type_name("VERSION");
  activate
      ->add_option("--allow-drop", arguments->allow_drop,
                   "What customers may lose by it, as antiphon plan names it; all: anything. May be repeated")
      ->type_name("KIND/ID");
  activate->footer(
      "Example:\n  antiphon plan --process process.yaml\n  antiphon activate --process process.yaml --allow-drop feature/spend_30d\n\n"
      "What a partition cannot activate is a dead letter with the reason, and it goes on as before.\n"
      "Exit codes: 0 the cluster has it, 2 bad usage or file, no such version, no consent, or no cluster: nothing was written.");
  activate->callback([arguments, &exit_code] { exit_code = live::RunActivateCommand(*arguments, stdout, stderr); });
}

}  // namespace antiphon::command
