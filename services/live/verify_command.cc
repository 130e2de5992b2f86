#include "services/live/verify_command.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "services/archive/verifier.h"
#include "services/live/live_process.h"

namespace antiphon::live {
namespace {

constexpr int kExitDifferent = 1;
constexpr int kExitBad = 2;

nlohmann::ordered_json AsJson(std::int32_t partition, const archive::Verdict& verdict) {
  return {{"partition", partition}, {"equal", verdict.equal},         {"commits", verdict.commits},    {"records", verdict.records},
          {"lines", verdict.lines}, {"customers", verdict.customers}, {"state", ToHex(verdict.state)}, {"difference", verdict.difference}};
}

void PrintWords(std::FILE* output, std::int32_t partition, const archive::Verdict& verdict) {
  std::fprintf(output, "partition %d: %s; %llu commits, %llu records, %llu lines, %llu customers\n", partition,
               verdict.equal ? "equal" : "DIFFERENT", static_cast<unsigned long long>(verdict.commits),
               static_cast<unsigned long long>(verdict.records), static_cast<unsigned long long>(verdict.lines),
               static_cast<unsigned long long>(verdict.customers));
  if (!verdict.equal) std::fprintf(output, "  %s\n", verdict.difference.c_str());
}

}  // namespace

int RunVerifyCommand(const VerifyCommand& command, std::FILE* output, std::FILE* messages) {
  const auto failed = [&](const Error& error) {
    std::fprintf(messages, "antiphon verify: %s\n", error.message.c_str());
    return kExitBad;
  };
  auto process = LiveProcess::Open(command.process);
  if (!process) return failed(process.error());
  const std::int32_t partitions = (*process)->partitions();
  if (command.partition && (*command.partition < 0 || *command.partition >= partitions)) {
    return failed(
        {.recovery = Recovery::kStopProcess, .message = "--partition: there are partitions 0 to " + std::to_string(partitions - 1)});
  }
  auto source = (*process)->MakeSource();
  if (!source) return failed(source.error());
  bool equal = true;
  Hash128 state;
  nlohmann::ordered_json report = nlohmann::ordered_json::array();
  for (std::int32_t partition = command.partition.value_or(0); partition < partitions; ++partition) {
    const auto verdict = archive::VerifyPartition((*process)->parts(), partition, **source, (*process)->directory());
    if (!verdict) return failed(verdict.error());
    equal = equal && verdict->equal;
    state += verdict->state;
    if (command.json) report.push_back(AsJson(partition, *verdict));
    if (!command.json) PrintWords(output, partition, *verdict);
    if (command.partition) break;
  }
  if (command.json) {
    std::fprintf(output, "%s\n", report.dump(2).c_str());
  } else {
    std::fprintf(output, "%s; state digest %s\n", equal ? "equal" : "DIFFERENT", ToHex(state).c_str());
  }
  return equal ? 0 : kExitDifferent;
}

}  // namespace antiphon::live
