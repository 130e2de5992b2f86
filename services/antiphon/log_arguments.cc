#include "services/antiphon/log_arguments.h"

#include <CLI/CLI.hpp>

namespace antiphon::command {

void AddLogArguments(CLI::App& command, tools::LogOptions& logs) {
  command.add_option("logs", logs.logs, "JSON Lines, plain, .gz or .zst; several are merged by time; - is standard input")
      ->type_name("LOG");
  command.add_option("--replay", logs.replay, "Or the output folder of `antiphon replay`, whose journal names its logs")->type_name("DIR");
  command.add_option("--partitions", logs.partitions, "As of the replay that is asked about; matters for backfill alone")
      ->type_name("N")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
}

}  // namespace antiphon::command
