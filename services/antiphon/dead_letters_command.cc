#include "services/live/dead_letters_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "services/antiphon/commands.h"

namespace antiphon::command {

void AddDeadLetters(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("dead-letters", "Lists, explains and re-drives records that could not be applied.");
  const auto arguments = std::make_shared<live::DeadLettersCommand>();
  command->add_option("--process", arguments->process, "The process file")->type_name("FILE")->required();
  command->add_option("--reason", arguments->reason, "Only those of this reason")->type_name("REASON");
  command->add_option("--topic", arguments->topic, "Only those of this input")->type_name("NAME");
  command->add_option("--since", arguments->since, "Only those written since: 2026-03-01T09:30:00Z, or 2h (ago)")->type_name("TIME");
  command->add_option("--limit", arguments->limit, "List so many, the latest; 0 is all")->type_name("N")->capture_default_str();
  command->add_flag("--json", arguments->json, "Print as JSON");
  CLI::Option* show = command->add_option("--show", arguments->show, "One of them, with its bytes: they are a customer's data")
                          ->type_name("TOPIC:PARTITION:OFFSET");
  CLI::Option* redrive = command->add_option("--redrive", arguments->redrive, "Send these records to their topic again")
                             ->type_name("TOPIC:PARTITION:OFFSET")
                             ->excludes(show);
  command->add_flag("--all", arguments->all, "Re-drive all that --reason, --topic and --since let through")
      ->excludes(show)
      ->excludes(redrive);
  command->add_flag("--yes", arguments->yes, "Really send; without it, it is only said what would be sent");
  command->add_flag("--again", arguments->again, "Also those that were sent again before");
  command->footer(
      "Examples:\n  antiphon dead-letters --process process.yaml --since 1d\n"
      "  antiphon dead-letters --process process.yaml --show core.transactions:3:1234\n"
      "  antiphon dead-letters --process process.yaml --all --reason unknown_type --yes\n\n"
      "Exit codes: 0 ok, 1 nothing was sent (no --yes), or not all is there or could be sent, 2 bad usage or file, or no cluster.");
  command->callback([arguments, &exit_code] { exit_code = live::RunDeadLettersCommand(*arguments, stdout, stderr); });
}

}  // namespace antiphon::command
