#pragma once

#include <cstdio>
#include <string>

namespace antiphon::tools {

struct CheckCommand {
  std::string folder;   // of the topology; else
  std::string process;  // a process file, which is checked with the topology that it names
  bool json = false;
};

// `antiphon check`: what is wrong in a topology, or in a process file and its topology, with its places; and what it has, if nothing is. No
// cluster is asked, and secrets need not be there. The findings go to `output`. Returns the exit code: 0 no errors, 1 errors, 2 no such
// folder or file.
[[nodiscard]] int RunCheckCommand(const CheckCommand& command, std::FILE* output, std::FILE* messages);

}  // namespace antiphon::tools
