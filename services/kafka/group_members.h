#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/kafka/client.h"
#include "services/kafka/handle.h"
#include "services/runtime/group_members.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::kafka {

struct GroupMembersOptions {
  ClientOptions client;
  std::string group;           // never joined
  Milliseconds within{2'000};  // the bound of a question
};

// KafkaGroupMembers: GroupMembers on a cluster. Asks the brokers to describe the group; a static
// member's id begins with its group.instance.id, and that is the node.
class KafkaGroupMembers final : public runtime::GroupMembers {
 public:
  // kStopProcess: a bad setting. The cluster need not be there.
  [[nodiscard]] static Result<std::unique_ptr<KafkaGroupMembers>> Create(GroupMembersOptions options);

  [[nodiscard]] Result<std::vector<std::string>> Ask() override;

 private:
  explicit KafkaGroupMembers(GroupMembersOptions options) : options_(std::move(options)) {}

  GroupMembersOptions options_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace antiphon::kafka
