#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include "state/base/result.h"

namespace antiphon::live {

// `antiphon simulate --process`, as its arguments say: lines of events into an input topic of a process. Source: docs/live.md, "Feeding".
struct FeedCommand {
  std::string process;     // the file
  std::string topic;       // one of its inputs; empty: the first
  std::uint64_t rate = 0;  // events per second; 0: as fast as it goes
  std::string log;         // a file of JSON lines instead of what `write` gives; "-": standard input
};

// Where the lines come from: calls `take` with whole lines, one or many at a time, until all are given or it fails.
using TakeLines = std::function<Result<void>(std::string_view lines)>;
using WriteLines = std::function<Result<void>(const TakeLines& take)>;

// Sends each line as a record, keyed by its customer; control records go to the control topic. Returns when all is delivered, or a signal
// came: then what was sent is delivered, and how much that was is said. Returns the exit code: 0 ok, 2 bad usage or file, no cluster, no
// such topic, or not all could be delivered; 130 interrupted.
[[nodiscard]] int RunFeedCommand(const FeedCommand& command, const WriteLines& write, std::FILE* messages);

}  // namespace antiphon::live
