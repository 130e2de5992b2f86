#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace antiphon::live {

// `antiphon dead-letters`, as its arguments say. Source: docs/live.md, "Dead letters".
struct DeadLettersCommand {
  std::string process;      // the file
  std::string reason = {};  // only these; empty: all
  std::string topic = {};   // only of this input; empty: all
  std::string since = {};   // only those written since: a time, or a length of time before now; empty: all
  std::size_t limit = 50;   // of the list; 0: all
  std::string show = {};    // one of them, whole: TOPIC:PARTITION:OFFSET of the record
  bool json = false;

  std::vector<std::string> redrive = {};  // these
  bool all = false;                       // all that the filters let through
  bool yes = false;
  bool again = false;
};

// Lists, shows or re-drives. Reads committed records only, leaves no group behind. Returns the exit code: 0 ok, 1 nothing was sent (without
// --yes), or not all that was asked for is there or could be sent; 2 bad usage or file, no cluster.
[[nodiscard]] int RunDeadLettersCommand(const DeadLettersCommand& command, std::FILE* output, std::FILE* messages);

}  // namespace antiphon::live
