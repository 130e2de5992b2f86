#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "services/antiphon/commands.h"
#include "services/antiphon/log_arguments.h"
#include "services/tools/explain_command.h"
#include "services/topology_files/topology_folder.h"

namespace antiphon::command {

void AddExplain(CLI::App& app, int& exit_code) {
  CLI::App* explain = app.add_subcommand("explain", "Says why a customer was spoken to, or not, computed again from the log alone.");
  const auto options = std::make_shared<tools::ExplainOptions>();
  AddLogArguments(*explain, options->logs);
  explain->add_option("--topology", options->topology, "The folder with topology.yaml")->type_name("DIR")->required();
  explain->add_option("--customer", options->customer, "The customer")->type_name("ID");
  explain->add_option("--decision", options->decision, "Or one decision, by its id")->type_name("ID");
  explain->add_option("--at", options->at, "A day or a time, in the topology's zone: 2026-03-03, 2026-03-03 09:00, or RFC 3339")
      ->type_name("TIME");
  explain->add_option("--from", options->from, "Decisions from this time on")->type_name("TIME");
  explain->add_option("--to", options->to, "Decisions before this time")->type_name("TIME");
  explain->add_option("--offer", options->offer, "Only what concerns this offer")->type_name("ID");
  explain->add_flag("--json", options->json, "Print it as JSON");
  explain->footer(
      "Example: why did C00692 not get the mortgage call on 3 March?\n"
      "  antiphon explain --topology topologies/retail-bank --customer C00692 --at 2026-03-03 --offer mortgage_talk events.jsonl.zst\n\n"
      "Exit codes: 0 ok, 1 the logs do not know the customer or the decision, 2 bad usage or input.");
  explain->callback([options, &exit_code] { exit_code = tools::RunExplain(*options, topology_files::LoadGoodTopology, stdout, stderr); });
}

}  // namespace antiphon::command
