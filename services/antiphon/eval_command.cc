#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "services/antiphon/commands.h"
#include "services/antiphon/log_arguments.h"
#include "services/tools/eval_command.h"
#include "services/topology_files/topology_folder.h"

namespace antiphon::command {

void AddEval(CLI::App& app, int& exit_code) {
  CLI::App* eval = app.add_subcommand("eval", "Evaluates an expression for a customer as he stood at a time.");
  const auto options = std::make_shared<tools::EvalOptions>();
  eval->add_option("expression", options->expression, "Over features, segments, customer, contacts, now")
      ->type_name("EXPRESSION")
      ->required();
  AddLogArguments(*eval, options->logs);
  eval->add_option("--topology", options->topology, "The folder with topology.yaml")->type_name("DIR")->required();
  eval->add_option("--customer", options->customer, "The customer")->type_name("ID")->required();
  eval->add_option("--at", options->at, "A day (its end) or a time, in the topology's zone or RFC 3339; else the end of the logs")
      ->type_name("TIME");
  eval->add_flag("--json", options->json, "Print it as JSON");
  eval->footer(
      "Example:\n"
      "  antiphon eval --topology topologies/retail-bank --customer C00692 --at 2026-03-03 'features.highest_balance >= 50000000' "
      "events.jsonl.zst\n\n"
      "Exit codes: 0 it has a value, 1 its evaluation failed or the logs do not know the customer, 2 bad usage, input or expression.");
  eval->callback([options, &exit_code] { exit_code = tools::RunEval(*options, topology_files::LoadGoodTopology, stdout, stderr); });
}

}  // namespace antiphon::command
