#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/kafka/client.h"
#include "services/kafka/logs.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::kafka {

struct LogDirectoryOptions {
  ClientOptions client;
  std::string group;            // whose committed positions are asked; never joined
  TopicNames topics;            // runtime::LogId counts in it
  bool waits = true;            // false: Committed says what stands there, whatever is under way
  Milliseconds within{10'000};  // the bound of each call
};

// KafkaLogDirectory: LogDirectory on a cluster. Two clients: one that reads committed records, whose question for committed positions the
// cluster answers only when no transaction is pending on them; and one that reads all, whose ends are high watermarks.
// Errors beside those of the port: kRestartTask, a log that is not there or may not be seen.
class KafkaLogDirectory : public runtime::LogDirectory {
 public:
  // kStopProcess: a bad setting. The cluster need not be there.
  [[nodiscard]] static Result<std::unique_ptr<KafkaLogDirectory>> Create(LogDirectoryOptions options);
  ~KafkaLogDirectory() override;

  [[nodiscard]] Result<std::vector<std::optional<std::int64_t>>> Committed(std::span<const runtime::LogId> logs) override;
  [[nodiscard]] Result<std::vector<std::int64_t>> Starts(std::span<const runtime::LogId> logs) override;
  [[nodiscard]] Result<std::vector<std::int64_t>> HighWatermarks(std::span<const runtime::LogId> logs) override;
  [[nodiscard]] Result<std::optional<runtime::TopicFacts>> Describe(const std::string& topic) override;
  // Replication 0 or less: the cluster's default. Returns when the broker that is asked can see the topic.
  [[nodiscard]] Result<void> Create(const std::string& topic, const runtime::TopicFacts& facts) override;

 private:
  explicit KafkaLogDirectory(LogDirectoryOptions options);

  LogDirectoryOptions options_;
  std::unique_ptr<Handle> committed_;    // isolation.level=read_committed
  std::unique_ptr<Handle> uncommitted_;  // isolation.level=read_uncommitted
};

}  // namespace antiphon::kafka
