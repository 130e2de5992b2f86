#pragma once

#include <cstdio>
#include <string>

namespace antiphon::tools {

struct CheckCommand {
  std::string folder;
  bool json = false;
};

// `antiphon check`: what is wrong in a topology, with its places; and what it has, if nothing is. The findings go to `output`. Returns the
// exit code: 0 no errors, 1 errors, 2 no such folder.
[[nodiscard]] int RunCheckCommand(const CheckCommand& command, std::FILE* output, std::FILE* messages);

}  // namespace antiphon::tools
