#include "services/process/topics_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "services/antiphon/commands.h"
#include "services/live/cluster.h"
#include "services/topology_files/topology_folder.h"

namespace antiphon::command {

void AddTopics(CLI::App& app, int& exit_code) {
  CLI::App* topics =
      app.add_subcommand("topics", "Says what the topics of a process are and should be; creates those that Antiphon keeps.");
  const auto arguments = std::make_shared<process::TopicsCommand>();
  topics->add_option("--process", arguments->process, "The process file")->type_name("FILE")->required();
  topics->add_flag("--create", arguments->create, "Create the topics that Antiphon keeps and that are missing; never one of the bank's");
  topics->add_option("--replication", arguments->replication, "Replicas of created topics; else as many as the first input has")
      ->type_name("N")
      ->check(CLI::Range(1, 100));
  topics->add_option("--partitions", arguments->partitions, "Partitions of the process, where no input is keyed by the customer")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  topics->add_flag("--json", arguments->json, "Print the report as JSON");
  topics->footer(
      "Example:\n  antiphon topics --process process.yaml --create --replication 3\n\n"
      "Exit codes: 0 all is good (there may be warnings), 1 something is missing or wrong, 2 bad usage or file, or no cluster.");
  topics->callback([arguments, &exit_code] {
    const process::SystemSurroundings surroundings;
    const process::TopicsPorts ports{
        .surroundings = surroundings, .load_topology = topology_files::LoadGoodTopology, .open = live::OpenCluster};
    exit_code = process::RunTopicsCommand(*arguments, ports, stdout, stderr);
  });
}

}  // namespace antiphon::command
