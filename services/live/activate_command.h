#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace antiphon::live {

// `antiphon activate`, as its arguments say. Source: docs/live.md, "Topology versions".
struct ActivateCommand {
  std::string process;                       // the file
  std::string version = {};                  // of antiphon.topologies; empty: the folder's, published first if it was not
  std::vector<std::string> allow_drop = {};  // "feature/spend_30d", "all": what customers may lose by it
};

// Makes a version the newest and tells all partitions of a running estate to run it now. Returns when the cluster has both, not when they
// do. Returns the exit code: 0 ok, 2 bad usage or file, no such version, no cluster, or it would drop what nobody allowed to drop: nothing
// was written then.
[[nodiscard]] int RunActivateCommand(const ActivateCommand& command, std::FILE* output, std::FILE* messages);

}  // namespace antiphon::live
