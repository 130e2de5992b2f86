#include "services/live/plan_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "services/antiphon/commands.h"

namespace antiphon::command {

void AddPlan(CLI::App& app, int& exit_code) {
  CLI::App* plan =
      app.add_subcommand("plan", "Says what a changed topology would keep, begin anew and drop of what is stored, before it is run.");
  const auto arguments = std::make_shared<live::PlanCommand>();
  plan->add_option("--process", arguments->process, "The process file, with the changed topology")->type_name("FILE")->required();
  plan->add_flag("--json", arguments->json, "Print the plan as JSON");
  plan->footer(
      "Example:\n  antiphon plan --process process.yaml\n\nReads only, while the estate runs.\n"
      "Exit codes: 0 antiphon run needs no consent, 1 it needs --allow-drop, 2 bad usage or file, or no cluster.");
  plan->callback([arguments, &exit_code] { exit_code = live::RunPlanCommand(*arguments, stdout, stderr); });
}

}  // namespace antiphon::command
