#include "services/kafka/log_directory.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "services/kafka/topic_admin.h"

namespace antiphon::kafka {

using runtime::LogId;
using runtime::TopicFacts;

namespace {

Result<std::unique_ptr<Handle>> OpenReader(const LogDirectoryOptions& options, const char* isolation) {
  HandleSettings settings;
  AddConsumerSettings(settings, options.group);
  settings.fixed.emplace_back("isolation.level", isolation);
  settings.defaults.emplace_back("retry.backoff.ms", "10");  // also how soon positions that are not stable are asked for again
  return Handle::Open(Handle::Kind::kConsumer, options.client, settings, nullptr);
}

}  // namespace

KafkaLogDirectory::KafkaLogDirectory(LogDirectoryOptions options) : options_(std::move(options)) {}
KafkaLogDirectory::~KafkaLogDirectory() = default;

Result<std::unique_ptr<KafkaLogDirectory>> KafkaLogDirectory::Create(LogDirectoryOptions options) {
  std::unique_ptr<KafkaLogDirectory> self(new KafkaLogDirectory(std::move(options)));
  for (const auto& [place, isolation] : {std::pair{&self->committed_, self->options_.waits ? "read_committed" : "read_uncommitted"},
                                         std::pair{&self->uncommitted_, "read_uncommitted"}}) {
    Result<std::unique_ptr<Handle>> handle = OpenReader(self->options_, isolation);
    if (!handle) return std::unexpected(handle.error());
    *place = std::move(*handle);
  }
  return self;
}

Result<std::vector<std::optional<std::int64_t>>> KafkaLogDirectory::Committed(std::span<const LogId> logs) {
  std::vector<std::optional<std::int64_t>> positions(logs.size());
  if (logs.empty()) return positions;
  const Owned<rd_kafka_topic_partition_list_s> list = ListOf(options_.topics, logs);
  int code = rd_kafka_committed(committed_->get(), list.get(), static_cast<int>(options_.within.count()));
  std::size_t at = 0;
  for (std::size_t i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < logs.size(); ++i) {
    const rd_kafka_topic_partition_t& element = list->elems[i];
    code = element.err;
    at = i;
    if (element.offset >= 0) positions[i] = element.offset;
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return positions;
  return Fail(
      IsTransient(code) ? Recovery::kRetry : Recovery::kRestartTask,
      Named(options_.topics, logs[at]) + ": the committed positions of group " + options_.group + " cannot be asked: " + ErrorWords(code));
}

Result<std::vector<std::int64_t>> KafkaLogDirectory::Starts(std::span<const LogId> logs) {
  return EdgesOf(*uncommitted_, options_.topics, logs, LogEdge::kStart, options_.within);
}

Result<std::vector<std::int64_t>> KafkaLogDirectory::HighWatermarks(std::span<const LogId> logs) {
  return EdgesOf(*uncommitted_, options_.topics, logs, LogEdge::kEnd, options_.within);
}

Result<std::optional<TopicFacts>> KafkaLogDirectory::Describe(const std::string& topic) {
  Result<std::optional<TopicFacts>> layout = DescribeLayout(*uncommitted_, topic, options_.within);
  if (!layout) return layout;
  std::optional<TopicFacts> facts = std::move(*layout);
  if (!facts) return facts;
  auto settings = DescribeSettings(*uncommitted_, topic, options_.within);
  if (!settings) return std::unexpected(settings.error());
  facts->settings = std::move(*settings);
  return facts;
}

Result<void> KafkaLogDirectory::Create(const std::string& topic, const TopicFacts& facts) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + options_.within;
  if (Result<void> created = CreateTopic(*uncommitted_, topic, facts, options_.within); !created) return created;
  for (;;) {  // the controller has it; brokers hear of it a moment later
    const Result<std::optional<TopicFacts>> seen = DescribeLayout(*uncommitted_, topic, options_.within);
    if (seen && seen->has_value()) return {};
    if (Clock::now() > until) return Fail(Recovery::kRetry, "topic " + topic + " was created but is not seen");
    constexpr Milliseconds kPause(20);
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace antiphon::kafka
