#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "services/antiphon/commands.h"
#include "services/tools/test_command.h"
#include "services/topology_files/topology_folder.h"

namespace antiphon::command {

void AddTest(CLI::App& app, int& exit_code) {
  CLI::App* test =
      app.add_subcommand("test", "Runs scenarios: given these events, are these contacts made, and is it silent for that reason?");
  const auto options = std::make_shared<tools::TestOptions>();
  test->add_option("paths", options->paths, "Topology folders (their tests/*.yaml), folders of scenario files, or scenario files")
      ->type_name("PATH")
      ->required();
  test->add_option("--topology", options->topology, "The folder with topology.yaml; else the nearest one around each PATH")
      ->type_name("DIR");
  test->add_option("--filter", options->filter, "Run only scenarios whose name holds this")->type_name("TEXT");
  test->add_option("--junit", options->junit, "Write JUnit XML to this file too")->type_name("FILE");
  test->add_flag("--json", options->json, "Print the report as JSON");
  test->add_flag("--verbose", options->verbose, "Name the scenarios that pass too");
  test->footer(
      "Example:\n"
      "  antiphon test topologies/retail-bank\n"
      "  antiphon test topologies/retail-bank/tests/birthday.yaml --filter February --verbose\n\n"
      "Exit codes: 0 all passed, 1 some failed, 2 bad usage, a topology or scenario with mistakes, or nothing to run.");
  test->callback([options, &exit_code] { exit_code = tools::RunTest(*options, topology_files::LoadGoodTopology, stdout, stderr); });
}

}  // namespace antiphon::command
