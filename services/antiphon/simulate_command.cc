#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "services/antiphon/commands.h"
#include "services/simulate/simulate.h"

namespace antiphon::command {
namespace {

struct SimulateArguments {
  simulate::SimulateOptions options;
  std::string start;
};

constexpr int kExitBad = 2;

int RunSimulate(SimulateArguments& arguments) {
  if (!arguments.start.empty()) {
    const auto start = simulate::ParseStart(arguments.start);
    if (!start) {
      std::fprintf(stderr, "antiphon: --start: %s\n", start.error().message.c_str());
      return kExitBad;
    }
    arguments.options.start = *start;
  }
  return simulate::RunSimulateCommand(arguments.options, stderr);
}

}  // namespace

void AddSimulate(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("simulate", "Writes the events of a made retail bank, the same for the same arguments.");
  const auto arguments = std::make_shared<SimulateArguments>();
  simulate::SimulateOptions& options = arguments->options;
  command->add_option("--customers", options.customers, "Customers of the bank")->type_name("N")->capture_default_str();
  command->add_option("--days", options.days, "Days to simulate")->type_name("N")->capture_default_str();
  command->add_option("--seed", options.seed, "Another seed is another bank")->type_name("N")->capture_default_str();
  command->add_option("--start", arguments->start, "The first day (2026-01-01)")->type_name("DATE");
  command->add_option("--activity", options.activity_percent, "Of payments, cash and web sessions, in percent")
      ->type_name("PERCENT")
      ->capture_default_str();
  command->add_option("--out", options.output_path, "The file to write; - is standard output")->type_name("FILE")->capture_default_str();
  command->add_option("--truth", options.truth_path, "Also write what is hidden of each customer to this file")->type_name("FILE");
  command->footer(
      "Example:\n  antiphon simulate --customers 1000 --days 90 --seed 1 --out events.jsonl\n\nExit codes: 0 ok, 2 bad usage or a file "
      "that cannot be written.");
  command->callback([arguments, &exit_code] { exit_code = RunSimulate(*arguments); });
}

}  // namespace antiphon::command
