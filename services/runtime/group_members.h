#pragma once

#include <string>
#include <vector>

#include "state/base/result.h"

namespace antiphon::runtime {

// GroupMembers: the port through which a process asks who else takes part in its group. Used by one thread; blocks, up to a bound.
class GroupMembers {
 public:
  GroupMembers() = default;
  GroupMembers(const GroupMembers&) = delete;
  GroupMembers& operator=(const GroupMembers&) = delete;
  virtual ~GroupMembers() = default;

  // The nodes of all members, in any order. kRetry: no answer in time, or the partitions are being shared out anew. kStopProcess: the
  // cluster refuses, or a member has no stable name; the same will be said again.
  [[nodiscard]] virtual Result<std::vector<std::string>> Ask() = 0;
};

}  // namespace antiphon::runtime
