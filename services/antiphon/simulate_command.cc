#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "services/antiphon/commands.h"
#include "services/live/feed_command.h"
#include "services/simulate/simulate.h"

namespace antiphon::command {
namespace {

struct SimulateArguments {
  simulate::SimulateOptions options;
  std::string start;
  live::FeedCommand feed;
};

constexpr int kExitBad = 2;

// Finished lines of the bank, on their way to a topic.
class FeedSink final : public simulate::ByteSink {
 public:
  explicit FeedSink(const live::TakeLines& take) : take_(take) {}
  [[nodiscard]] Result<void> Write(std::string_view bytes) override { return take_(bytes); }

 private:
  const live::TakeLines& take_;
};

Result<void> WriteBank(const simulate::SimulateOptions& options, const live::TakeLines& take) {
  FeedSink sink(take);
  auto simulated = simulate::Simulate(options, sink, nullptr);
  if (!simulated) return std::unexpected(std::move(simulated.error()));
  return {};
}

int RunSimulate(SimulateArguments& arguments) {
  if (!arguments.start.empty()) {
    const auto start = simulate::ParseStart(arguments.start);
    if (!start) {
      std::fprintf(stderr, "antiphon: --start: %s\n", start.error().message.c_str());
      return kExitBad;
    }
    arguments.options.start = *start;
  }
  if (arguments.feed.process.empty()) return simulate::RunSimulateCommand(arguments.options, stderr);
  if (const auto checked = simulate::CheckOptions(arguments.options); !checked) {
    std::fprintf(stderr, "antiphon simulate: %s\n", checked.error().message.c_str());
    return kExitBad;
  }
  const simulate::SimulateOptions& options = arguments.options;
  return live::RunFeedCommand(arguments.feed, [&options](const live::TakeLines& take) { return WriteBank(options, take); }, stderr);
}

void AddFeed(CLI::App& command, live::FeedCommand& feed, CLI::Option& out, CLI::Option& truth) {
  CLI::Option* process =
      command.add_option("--process", feed.process, "Feed the events to an input topic of this process file, keyed by the customer")
          ->type_name("FILE")
          ->excludes(&out)
          ->excludes(&truth);
  command.add_option("--topic", feed.topic, "The input; else the first one")->type_name("NAME")->needs(process);
  command.add_option("--rate", feed.rate, "Events per second; 0 is as fast as it goes")
      ->type_name("N")
      ->capture_default_str()
      ->needs(process);
  command.add_option("--log", feed.log, "Feed the JSON lines of this file instead of the made bank; - is standard input")
      ->type_name("FILE")
      ->needs(process);
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
  CLI::Option* out = command->add_option("--out", options.output_path, "The file to write; - is standard output")
                         ->type_name("FILE")
                         ->capture_default_str();
  CLI::Option* truth =
      command->add_option("--truth", options.truth_path, "Also write what is hidden of each customer to this file")->type_name("FILE");
  AddFeed(*command, arguments->feed, *out, *truth);
  command->footer(
      "Examples:\n  antiphon simulate --customers 1000 --days 90 --seed 1 --out events.jsonl\n"
      "  antiphon simulate --customers 1000 --process process.yaml --rate 5000\n\n"
      "Exit codes: 0 ok, 2 bad usage, a file that cannot be written, or a topic to which not all could be delivered, 130 interrupted.");
  command->callback([arguments, &exit_code] { exit_code = RunSimulate(*arguments); });
}

}  // namespace antiphon::command
