#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "services/antiphon/commands.h"
#include "services/live/export_command.h"

namespace antiphon::command {

void AddExport(CLI::App& app, int& exit_code) {
  CLI::App* exported = app.add_subcommand("export", "Archives what a live run committed since the last export into a folder of files.");
  const auto arguments = std::make_shared<live::ExportCommand>();
  exported->add_option("--process", arguments->process, "The process file of the run")->type_name("FILE")->required();
  exported->add_option("--archive", arguments->archive, "The folder of the archive; made if it is not there")->type_name("DIR")->required();
  exported->add_flag("--json", arguments->json, "Print what was added as JSON");
  exported->footer(
      "Example:\n  antiphon export --process process.yaml --archive /archive/retail\n\nReads only, while the run goes on or after it; "
      "again and again, each time what is new. "
      "More often than\nthe topics' retention: what has expired between two exports cannot be archived.\n"
      "Exit codes: 0 done, or nothing new; 2 it cannot be exported, and the archive is as it was.");
  exported->callback([arguments, &exit_code] { exit_code = live::RunExportCommand(*arguments, stdout, stderr); });
}

}  // namespace antiphon::command
