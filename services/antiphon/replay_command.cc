#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <utility>

#include "services/antiphon/commands.h"
#include "services/live/journal_replay_command.h"
#include "services/replay/command.h"

namespace antiphon::command {
namespace {

// What is of logs alone: whoever plays the journal of a run cannot give it.
constexpr const char* kOfLogs[] = {"logs",    "--topology",   "--journal",    "--until",       "--partitions", "--threads",
                                   "--store", "--memory-mib", "--stop-after", "--batch-lines", "--resume",     "--strict"};

}  // namespace

void AddReplay(CLI::App& app, int& exit_code) {
  CLI::App* replay =
      app.add_subcommand("replay", "Runs logs of events through a topology, on a clock of the events' own; or plays the journal of a run.");
  const auto options = std::make_shared<replay::ReplayCommand>();
  replay->add_option("logs", options->logs, "JSON Lines, plain, .gz or .zst; several are merged by time; - is standard input")
      ->type_name("LOG");
  replay->add_option("--topology", options->topology, "The folder with topology.yaml")->type_name("DIR");
  replay->add_option("--out", options->out, "The folder to write into: decisions, contacts, outbound, dead letters, journal, summary")
      ->type_name("DIR");
  replay->add_option("--journal", options->journal, "Replay in the order of this journal; LOG... are the logs that it was written from")
      ->type_name("FILE");
  replay->add_option("--until", options->until, "Stop the clock there: 2026-03-01T09:30:00Z, or 2026-03-01 for its midnight in UTC")
      ->type_name("TIME");
  replay->add_option("--partitions", options->partitions, "Partitions; digests can be compared for one number only (16)")->type_name("N");
  replay->add_option("--threads", options->threads, "Threads that apply partitions")->type_name("N")->capture_default_str();
  replay->add_option("--store", options->store, "Where state lives: memory or rocksdb (memory)")->type_name("STORE");
  replay->add_option("--memory-mib", options->memory_mib, "Memory of the rocksdb store")->type_name("MIB")->capture_default_str();
  replay->add_option("--stop-after", options->stop_after, "Stop as Ctrl-C does, after so many lines")->type_name("LINES");
  replay->add_option("--batch-lines", options->batch_lines, "Lines that are applied together; the outcome does not depend on it")
      ->type_name("LINES")
      ->capture_default_str();
  replay->add_flag("--resume", options->resume, "Go on where a stopped run in --out ended");
  replay->add_flag("--force", options->force, "Replace an earlier replay in --out; follow a journal of another version of the engine");
  replay->add_flag("--strict", options->strict, "End with 1 if there are dead letters");
  replay->add_flag("--json", options->json, "Print the summary as JSON");
  const auto journal = std::make_shared<live::JournalReplayCommand>();
  CLI::Option* const archive = replay->add_option("--archive", journal->archive, "Play the journal of an archived run instead of logs");
  CLI::Option* const process = replay->add_option(
      "--process", journal->process, "Play the journal of a run from its topics; with --archive: from the state that is archived");
  CLI::Option* const from = replay->add_option("--from", journal->from, "Of a run: write what was decided from there on");
  CLI::Option* const to = replay->add_option("--to", journal->to, "Of a run: write what was decided before it");
  archive->type_name("DIR");
  process->type_name("FILE");
  for (CLI::Option* const option : {from, to}) option->type_name("TIME");
  for (const char* const of_logs : kOfLogs) {
    for (CLI::Option* const option : {archive, process, from, to}) option->excludes(replay->get_option(of_logs));
  }
  replay->footer(
      "Example:\n"
      "  antiphon replay --topology topologies/retail-bank --out out events.jsonl.zst\n"
      "  zcat events.jsonl.gz | antiphon replay --topology topologies/retail-bank --out out -\n"
      "  antiphon replay --resume --out out\n"
      "  antiphon replay --archive /archive/retail --from 2026-03-01 --to 2026-03-02 --out day\n\n"
      "Exit codes: 0 ok, 1 dead letters under --strict, or a state that the run did not have, 2 bad usage or input, 130 stopped before the "
      "end.");
  replay->callback([options, journal, &exit_code] {
    if (journal->archive.empty() && journal->process.empty() && journal->from.empty() && journal->to.empty()) {
      exit_code = replay::RunReplayCommand(std::move(*options), stdout, stderr);
      return;
    }
    journal->out = options->out;
    journal->force = options->force;
    journal->json = options->json;
    exit_code = live::RunJournalReplayCommand(*journal, stdout, stderr);
  });
}

}  // namespace antiphon::command
