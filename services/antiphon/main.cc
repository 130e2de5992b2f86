#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "engine/calendar/nearest_name.h"
#include "services/antiphon/commands.h"

namespace {

constexpr int kExitBad = 2;

constexpr antiphon::command::AddCommand kCommands[] = {
    antiphon::command::AddActivate, antiphon::command::AddCheck,    antiphon::command::AddDeadLetters, antiphon::command::AddEval,
    antiphon::command::AddExplain,  antiphon::command::AddExport,   antiphon::command::AddPlan,        antiphon::command::AddReplay,
    antiphon::command::AddRun,      antiphon::command::AddSimulate, antiphon::command::AddTest,        antiphon::command::AddTopics,
    antiphon::command::AddVerify,   antiphon::command::AddVersion,
};

// The word where a command is expected, if it is none; with the nearest, else all there are.
std::optional<std::string> NoSuchCommand(const CLI::App& app, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return std::nullopt;
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  if (std::ranges::find(names, argv[1]) != names.end()) return std::nullopt;
  std::string message = std::string("there is no command '") + argv[1] + "'" + antiphon::calendar::DidYouMean(argv[1], names);
  message += "\nThe commands: ";
  for (const std::string& name : names) message.append(&name == names.data() ? "" : ", ").append(name);
  return message + ".";
}

int Run(int argc, char** argv) {
  CLI::App app{"Antiphon decides what a bank says to its customers, when, through which channel, and when it stays silent.", "antiphon"};
  app.require_subcommand(1);
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    const std::string message = std::string("antiphon: ") + error.what() + "\n";
    const auto chosen = failed->get_subcommands();
    const std::string command = chosen.empty() ? "antiphon" : "antiphon " + chosen.front()->get_name();
    return message + "See " + command + " --help.\n";
  });
  int exit_code = 0;
  for (const antiphon::command::AddCommand add : kCommands) add(app, exit_code);
  if (const auto message = NoSuchCommand(app, argc, argv)) {
    std::fprintf(stderr, "antiphon: %s\nSee antiphon --help.\n", message->c_str());
    return kExitBad;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitBad;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& exception) {  // of a library; memory is the usual one
    std::fprintf(stderr, "antiphon: %s\n", exception.what());
    return kExitBad;
  }
}
