#include "services/replay/command.h"

#include <algorithm>
#include <utility>

#include "services/files/output_file.h"
#include "services/formats/journal.h"
#include "services/replay/interrupt.h"
#include "services/replay/output_folder.h"
#include "services/replay/progress.h"
#include "services/replay/resume_point.h"
#include "services/topology_files/topology_folder.h"

namespace antiphon::replay {
namespace {

constexpr int kExitOk = 0;
constexpr int kExitNo = 1;
constexpr int kExitBad = 2;
constexpr int kExitInterrupted = 130;

std::unexpected<Error> BadUsage(std::string message) { return Fail(Recovery::kStopProcess, std::move(message)); }

// What was not given anew is as the run that stopped had it.
Result<void> FillFromResumePoint(ReplayCommand& command) {
  auto folder = OutputFolder::Open(command.out, OutputFolder::Use::kResume);
  if (!folder) return std::unexpected(std::move(folder.error()));
  const auto text = files::ReadWholeFile(folder->PathOf(kResumeFile));
  if (!text) return std::unexpected(text.error());
  auto point = ParseResumePoint(*text);
  if (!point) return std::unexpected(std::move(point.error()));
  if (command.topology.empty()) command.topology = point->topology;
  if (command.logs.empty()) command.logs = point->logs;
  if (command.journal.empty()) command.journal = point->journal;
  if (!command.partitions) command.partitions = point->partitions;
  if (!command.store) command.store = point->store;
  if (!command.until && !point->until.empty()) command.until = point->until;
  return {};
}

// The journal says how many partitions there were. One of another engine is followed under --force only: its order of inputs stands, but
// what it decided then cannot be had again.
Result<void> FillFromJournal(ReplayCommand& command) {
  const auto journal = formats::JournalReader::Open(command.journal);
  if (!journal) return std::unexpected(journal.error());
  if (!command.partitions) command.partitions = journal->header().partitions;
  const std::uint32_t semantics = journal->header().semantics_version;
  if (semantics == kSemanticsVersion || command.force) return {};
  return BadUsage(command.journal + " was written by an engine of semantics version " + std::to_string(semantics) + ", this one is " +
                  std::to_string(kSemanticsVersion) +
                  ": decisions would differ from then; replay the logs without --journal, or follow it all the same with --force");
}

// What whoever reads the outcome must know of the journal.
std::vector<std::string> NotesOfJournal(const ReplayCommand& command, const topology::Topology& topology) {
  const auto journal = formats::JournalReader::Open(command.journal);
  if (!journal) return {};  // the run will say why
  const formats::JournalHeader& header = journal->header();
  std::vector<std::string> notes;
  if (!journal->torn().empty()) notes.push_back(command.journal + ": " + journal->torn());
  if (header.semantics_version != kSemanticsVersion) {
    notes.push_back("the journal was written by an engine of semantics version " + std::to_string(header.semantics_version) +
                    ", this one is " + std::to_string(kSemanticsVersion) + "; decisions may differ from then");
  }
  if (header.topology_version != topology.version) {
    notes.push_back("the journal was written under topology version " + ToHex(header.topology_version) + ", this one is " +
                    ToHex(topology.version) + "; decisions may differ from then");
  }
  if (command.partitions && header.partitions != *command.partitions) {
    notes.push_back("the journal was written with " + std::to_string(header.partitions) +
                    " partitions; digests of another number cannot be compared");
  }
  return notes;
}

Result<ReplayOptions> MakeOptions(const ReplayCommand& command) {
  ReplayOptions options;
  options.topology_folder = command.topology;
  options.logs = command.logs;
  options.out = command.out;
  options.journal = command.journal;
  options.partitions = command.partitions.value_or(kPartitionsDefault);
  options.threads = command.threads;
  options.memory_mib = command.memory_mib;
  options.stop_after = command.stop_after;
  options.batch_lines = command.batch_lines;
  options.replace = command.force;
  options.resume = command.resume;
  if (command.store == "rocksdb") {
    options.store = StoreKind::kRocksDb;
  } else if (command.store && command.store != "memory") {
    return BadUsage("--store is memory or rocksdb, not '" + *command.store + "'");
  }
  if (command.until) {
    options.until = ParseTime(*command.until);
    if (!options.until) options.until = ParseTime(*command.until + "T00:00:00Z");
    if (!options.until || *options.until < kEngineTimeMin || *options.until >= kEngineTimeMax) {
      return BadUsage("--until '" + *command.until +
                      "' is no time from 1970-01-02 to 2099-12-31; write 2026-03-01T09:30:00Z or 2026-03-01");
    }
  }
  if (options.partitions == 0 || options.partitions > kPartitionsMax) {
    return BadUsage("--partitions is from 1 to " + std::to_string(kPartitionsMax));
  }
  if (options.threads == 0 || options.threads > kThreadsMax) return BadUsage("--threads is from 1 to " + std::to_string(kThreadsMax));
  if (options.batch_lines == 0) return BadUsage("--batch-lines is at least 1");
  if (options.memory_mib < kMemoryMiBMin) return BadUsage("--memory-mib is at least " + std::to_string(kMemoryMiBMin));
  return options;
}

Result<void> CheckUsage(const ReplayCommand& command) {
  if (command.out.empty()) return BadUsage("give the folder to write into: --out DIR");
  if (command.resume && command.force) return BadUsage("--resume goes on where a run stopped, --force starts again: give one of them");
  if (command.resume) return {};
  if (command.topology.empty()) return BadUsage("give the folder of the topology: --topology DIR");
  if (command.logs.empty() && command.journal.empty()) return BadUsage("give one or more logs, or - for standard input");
  return {};
}

Result<ReplayOutcome> Run(ReplayCommand& command, std::FILE* messages) {
  if (auto usage = CheckUsage(command); !usage) return std::unexpected(std::move(usage.error()));
  if (command.resume) {
    if (auto filled = FillFromResumePoint(command); !filled) return std::unexpected(std::move(filled.error()));
  }
  if (std::count(command.logs.begin(), command.logs.end(), "-") > 1) return BadUsage("standard input (-) can be read once");
  if (!command.journal.empty()) {
    if (auto filled = FillFromJournal(command); !filled) return std::unexpected(std::move(filled.error()));
  }
  auto options = MakeOptions(command);
  if (!options) return std::unexpected(std::move(options.error()));
  const auto topology = topology_files::LoadGoodTopology(command.topology);
  if (!topology) return std::unexpected(topology.error());
  if (!command.journal.empty()) options->notes = NotesOfJournal(command, **topology);
  for (const std::string& note : options->notes) std::fprintf(messages, "antiphon: note: %s\n", note.c_str());
  const InterruptScope interrupts;
  options->interrupted = &interrupts.interrupted();
  options->progress = TerminalOrNull(messages);
  return RunReplay(*options, **topology);
}

void TellStop(const ReplayCommand& command, const Summary& summary, std::FILE* messages) {
  const Totals& totals = summary.totals;
  std::fprintf(messages,
               "antiphon: stopped after %llu lines, the clock at %s; %llu decisions, %llu contact records and %llu outbound messages are "
               "in %s\n",
               static_cast<unsigned long long>(summary.read.lines), FormatTime(summary.clock).c_str(),
               static_cast<unsigned long long>(totals.files[0].lines), static_cast<unsigned long long>(totals.files[1].lines),
               static_cast<unsigned long long>(totals.files[2].lines), command.out.c_str());
  const bool piped = std::find(command.logs.begin(), command.logs.end(), "-") != command.logs.end();
  std::fprintf(messages, "antiphon: to go on: antiphon replay --resume --out %s%s\n", command.out.c_str(),
               piped ? ", with the same standard input from its beginning" : "");
}

}  // namespace

int RunReplayCommand(ReplayCommand command, std::FILE* output, std::FILE* messages) {
  const auto outcome = Run(command, messages);
  if (!outcome) {
    std::fprintf(messages, "antiphon: %s\n", outcome.error().message.c_str());
    return kExitBad;
  }
  const std::string text = command.json ? SummaryAsJson(outcome->summary) : SummaryAsText(outcome->summary);
  const bool written = std::fwrite(text.data(), 1, text.size(), output) == text.size() && std::fflush(output) == 0;
  if (!written) {
    std::fprintf(messages, "antiphon: cannot write the summary to standard output; it is in %s too\n", command.out.c_str());
    return kExitBad;
  }
  if (outcome->stopped) {
    TellStop(command, outcome->summary, messages);
    return kExitInterrupted;
  }
  const std::uint64_t dead_letters = outcome->summary.read.dead_letter_count();
  if (command.strict && dead_letters > 0) {
    std::fprintf(messages, "antiphon: %llu dead letters under --strict; see %s/%s\n", static_cast<unsigned long long>(dead_letters),
                 command.out.c_str(), std::string(kDeadLettersFile).c_str());
    return kExitNo;
  }
  return kExitOk;
}

}  // namespace antiphon::replay
