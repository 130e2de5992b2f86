#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace antiphon::live {

// `antiphon verify`, as its arguments say. Source: docs/live.md, "Verifying".
struct VerifyCommand {
  std::string process;                    // the file of the run
  std::string archive;                    // an archive instead, or where the run's topics are begun from
  std::string from;                       // times; empty: all
  std::string to;                         // of an archive alone
  std::optional<std::int32_t> partition;  // else all
  bool json = false;
};

// Plays the journals of a run again and compares with what it wrote. Reads only, leaves no group behind. Returns the exit code: 0 equal, 1
// a difference, 2 bad usage or file, or it cannot be verified.
[[nodiscard]] int RunVerifyCommand(const VerifyCommand& command, std::FILE* output, std::FILE* messages);

}  // namespace antiphon::live
