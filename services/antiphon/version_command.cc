#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "services/antiphon/commands.h"
#include "services/runtime/version.h"

namespace antiphon::command {

void AddVersion(CLI::App& app, int& exit_code) {
  CLI::App* version = app.add_subcommand("version", "Prints the version of the program and of the engine's semantics.");
  const auto json = std::make_shared<bool>(false);
  version->add_flag("--json", *json, "Print it as JSON");
  version->footer("Example:\n  antiphon version");
  version->callback([json, &exit_code] {
    const char* const form = *json ? "{\"version\":\"%s\",\"semantics_version\":%u}\n" : "antiphon %s (semantics %u)\n";
    exit_code = std::printf(form, ANTIPHON_VERSION, runtime::kSemanticsVersion) > 0 && std::fflush(stdout) == 0 ? 0 : 2;
  });
}

}  // namespace antiphon::command
