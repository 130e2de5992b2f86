#include "services/live/journal_replay_command.h"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "services/files/output_file.h"
#include "services/live/journal_play.h"
#include "services/live/replayed_lines.h"
#include "services/live/stretch_words.h"
#include "services/replay/output_folder.h"

namespace antiphon::live {
namespace {

using Json = nlohmann::ordered_json;
using replay::OutputFolder;

constexpr int kExitDifferent = 1;
constexpr int kExitBad = 2;

struct Outcome {
  Played played;
  ReplayedDigests digests{};
};

std::string SummaryJson(const Outcome& outcome) {
  const Played& played = outcome.played;
  Json partitions = Json::array();
  std::uint64_t customers = 0;
  for (const PlayedPartition& one : played.partitions) {
    customers += one.verdict.customers;
    partitions.push_back({{"partition", one.partition},
                          {"commits", one.verdict.commits},
                          {"records", one.verdict.records},
                          {"customers", one.verdict.customers},
                          {"state", ToHex(one.verdict.state)},
                          {"equal", one.verdict.equal},
                          {"difference", one.verdict.difference}});
  }
  const ReplayedDigests& digests = outcome.digests;
  Json json{{"equal", played.equal()}};
  if (played.first_span > 0) json["spans"] = {played.first_span, played.last_span};
  json["digests"] = {{"decisions", ToHex(digests[0].sum)}, {"contacts", ToHex(digests[1].sum)}, {"state", ToHex(played.state())}};
  json["records"] = {
      {"decisions", digests[0].lines}, {"contacts", digests[1].lines}, {"outbound", digests[2].lines}, {"dead_letters", digests[3].lines}};
  json["customers"] = customers;
  json["partitions"] = std::move(partitions);
  return json.dump(2) + "\n";
}

std::string SummaryText(const Outcome& outcome) {
  const Played& played = outcome.played;
  const ReplayedDigests& digests = outcome.digests;
  std::uint64_t commits = 0;
  std::uint64_t records = 0;
  std::string differences;
  for (const PlayedPartition& one : played.partitions) {
    commits += one.verdict.commits;
    records += one.verdict.records;
    if (!one.verdict.equal) differences += "  partition " + std::to_string(one.partition) + ": " + one.verdict.difference + "\n";
  }
  std::string text = "played " + std::to_string(commits) + " commits with " + std::to_string(records) + " records of " +
                     std::to_string(played.partitions.size()) + " partitions";
  if (played.first_span > 0) text += ", spans " + std::to_string(played.first_span) + " to " + std::to_string(played.last_span);
  text += "\nwrote " + std::to_string(digests[0].lines) + " decisions, " + std::to_string(digests[1].lines) + " contact records, " +
          std::to_string(digests[2].lines) + " outbound messages, " + std::to_string(digests[3].lines) + " dead letters\n";
  text += "digests: decisions " + ToHex(digests[0].sum) + ", contacts " + ToHex(digests[1].sum) + "\nstate " + ToHex(played.state()) +
          (played.equal() ? ", as the run had it\n" : ", NOT as the run had it\n");
  return text + differences;
}

Result<Outcome> Replay(const JournalReplayCommand& command) {
  if (command.out.empty()) return Fail(Recovery::kStopProcess, "give the folder to write into: --out DIR");
  const auto stretch = StretchOf(command.from, command.to);
  if (!stretch) return std::unexpected(stretch.error());
  auto folder = OutputFolder::Open(command.out, command.force ? OutputFolder::Use::kReplace : OutputFolder::Use::kNew);
  if (!folder) return std::unexpected(std::move(folder.error()));
  std::vector<std::unique_ptr<ReplayedLines>> lines;  // by partition
  const auto lines_of = [&](std::int32_t partition) -> Result<archive::JudgedLines*> {
    if (static_cast<std::size_t>(partition) == lines.size()) {
      auto made = ReplayedLines::Create(*folder, partition, *stretch);
      if (!made) return std::unexpected(std::move(made.error()));
      lines.push_back(*std::move(made));
    }
    return lines[static_cast<std::size_t>(partition)].get();
  };
  auto played = PlayJournals({.process = command.process, .archive = command.archive, .stretch = *stretch, .partition = {}}, lines_of);
  Outcome outcome;
  Result<void> done;
  for (const auto& partition : lines) {
    if (auto closed = partition->Close(); !closed && done) done = std::move(closed);
    for (std::size_t i = 0; i < outcome.digests.size(); ++i) {
      outcome.digests[i].lines += partition->digests()[i].lines;
      outcome.digests[i].sum += partition->digests()[i].sum;
    }
  }
  if (!played) {
    Error why = std::move(played.error());
    for (const auto& partition : lines) {
      if (const auto removed = folder->Remove(partition->name()); !removed) why.message += "; " + removed.error().message;
    }
    return std::unexpected(std::move(why));
  }
  outcome.played = *std::move(played);
  if (done) done = MergeLines(lines, *folder);
  if (done) done = files::WriteWholeFile(folder->PathOf(replay::kSummaryJsonFile), SummaryJson(outcome));
  if (done) done = files::WriteWholeFile(folder->PathOf(replay::kSummaryTextFile), SummaryText(outcome));
  if (!done) return std::unexpected(std::move(done.error()));
  return outcome;
}

}  // namespace

int RunJournalReplayCommand(const JournalReplayCommand& command, std::FILE* output, std::FILE* messages) {
  const auto outcome = Replay(command);
  if (!outcome) {
    std::fprintf(messages, "antiphon replay: %s\n", outcome.error().message.c_str());
    return kExitBad;
  }
  std::fprintf(output, "%s", (command.json ? SummaryJson(*outcome) : SummaryText(*outcome)).c_str());
  return outcome->played.equal() ? 0 : kExitDifferent;
}

}  // namespace antiphon::live
