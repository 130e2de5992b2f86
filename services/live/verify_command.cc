#include "services/live/verify_command.h"

#include <nlohmann/json.hpp>

#include "services/live/journal_play.h"
#include "services/live/stretch_words.h"

namespace antiphon::live {
namespace {

constexpr int kExitDifferent = 1;
constexpr int kExitBad = 2;

nlohmann::ordered_json AsJson(const PlayedPartition& played) {
  const archive::Verdict& verdict = played.verdict;
  return {{"partition", played.partition},  {"equal", verdict.equal},        {"commits", verdict.commits},
          {"records", verdict.records},     {"lines", verdict.lines},        {"expired_lines", verdict.expired},
          {"customers", verdict.customers}, {"state", ToHex(verdict.state)}, {"difference", verdict.difference}};
}

void PrintWords(std::FILE* output, const PlayedPartition& played) {
  const archive::Verdict& verdict = played.verdict;
  std::fprintf(output, "partition %d: %s; %llu commits, %llu records, %llu lines, %llu customers\n", played.partition,
               verdict.equal ? "equal" : "DIFFERENT", static_cast<unsigned long long>(verdict.commits),
               static_cast<unsigned long long>(verdict.records), static_cast<unsigned long long>(verdict.lines),
               static_cast<unsigned long long>(verdict.customers));
  if (verdict.expired > 0) {
    std::fprintf(output, "  %llu of the lines have expired in their topics and could not be compared\n",
                 static_cast<unsigned long long>(verdict.expired));
  }
  if (!verdict.equal) std::fprintf(output, "  %s\n", verdict.difference.c_str());
}

Result<Played> Play(const VerifyCommand& command) {
  const auto stretch = StretchOf(command.from, command.to);
  if (!stretch) return std::unexpected(stretch.error());
  if (!command.process.empty() && (stretch->to || (stretch->from && command.archive.empty()))) {
    return Fail(Recovery::kStopProcess, "--from and --to choose spans of an archive: leave out --process, or --from and --to");
  }
  return PlayJournals({.process = command.process, .archive = command.archive, .stretch = *stretch, .partition = command.partition}, {});
}

}  // namespace

int RunVerifyCommand(const VerifyCommand& command, std::FILE* output, std::FILE* messages) {
  const auto played = Play(command);
  if (!played) {
    std::fprintf(messages, "antiphon verify: %s\n", played.error().message.c_str());
    return kExitBad;
  }
  nlohmann::ordered_json report = nlohmann::ordered_json::array();
  for (const PlayedPartition& one : played->partitions) {
    if (command.json) report.push_back(AsJson(one));
    if (!command.json) PrintWords(output, one);
  }
  if (command.json) {
    std::fprintf(output, "%s\n", report.dump(2).c_str());
  } else {
    std::fprintf(output, "%s; state digest %s\n", played->equal() ? "equal" : "DIFFERENT", ToHex(played->state()).c_str());
  }
  return played->equal() ? 0 : kExitDifferent;
}

}  // namespace antiphon::live
