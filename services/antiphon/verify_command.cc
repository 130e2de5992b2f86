#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "services/antiphon/commands.h"
#include "services/live/verify_command.h"

namespace antiphon::command {

void AddVerify(CLI::App& app, int& exit_code) {
  CLI::App* verify = app.add_subcommand("verify", "Plays the journal of a live run again and compares with what it wrote, byte for byte.");
  const auto arguments = std::make_shared<live::VerifyCommand>();
  verify->add_option("--process", arguments->process, "The process file of the run: its topics are read")->type_name("FILE");
  verify->add_option("--archive", arguments->archive, "An archive instead; with --process: the state from which the topics are begun")
      ->type_name("DIR");
  verify->add_option("--from", arguments->from, "Of an archive: what was decided from there on, with what else its spans have")
      ->type_name("TIME");
  verify->add_option("--to", arguments->to, "Of an archive: up to there")->type_name("TIME");
  verify->add_option("--partition", arguments->partition, "This partition alone")->type_name("N");
  verify->add_flag("--json", arguments->json, "Print the verdicts as JSON");
  verify->footer(
      "Example:\n  antiphon verify --process process.yaml\n  antiphon verify --archive /archive/retail --from 2026-03-01 --to "
      "2026-03-02\n\n"
      "Reads only, while the run goes on or after it. An archive needs no cluster and no process file.\n"
      "Exit codes: 0 equal, 1 a difference (the first one is shown), 2 it cannot be verified.");
  verify->callback([arguments, &exit_code] { exit_code = live::RunVerifyCommand(*arguments, stdout, stderr); });
}

}  // namespace antiphon::command
