#pragma once

#include <cstdio>
#include <string>

namespace antiphon::live {

// `antiphon replay --archive` and `--process`, as its arguments say. Source: docs/archive.md, "Replay".
struct JournalReplayCommand {
  std::string process;  // a run's topics
  std::string archive;  // an archive, or where the topics are begun from
  std::string from;     // times; empty: all
  std::string to;
  std::string out;  // the folder to write into
  bool force = false;
  bool json = false;
};

// Plays journals into files: decisions, contacts, outbound, dead letters in the order (engine time, partition, sequence), and a summary.
// Reads only, leaves no group behind. Returns the exit code: 0 the state is what the run had, 1 it is another one, 2 bad usage or file, or
// it cannot be replayed.
[[nodiscard]] int RunJournalReplayCommand(const JournalReplayCommand& command, std::FILE* output, std::FILE* messages);

}  // namespace antiphon::live
