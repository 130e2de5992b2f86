#include "services/orchestrator/transaction_lines.h"

#include <array>
#include <optional>
#include <string_view>

namespace antiphon::orchestrator {

using process::TopicRole;

Result<void> TransactionLines::Put(const OutputLine& line) {
  const process::TopicTable& topics = *parts_.topics;
  const std::optional<std::string_view> key = line.customer.empty() ? std::nullopt : std::optional(line.customer);
  const auto put = [&](std::uint32_t topic) { return sink_.Append({.topic = topic, .partition = partition_}, key, line.line); };
  switch (line.kind) {
    case OutputKind::kContacts:
      return put(topics.Of(TopicRole::kContacts));
    case OutputKind::kDecisions:
      return put(topics.Of(TopicRole::kDecisions));
    case OutputKind::kOutbound:
      return put(line.topic);
    case OutputKind::kDeadLetter:
      return put(topics.Of(TopicRole::kDeadLetters));
    case OutputKind::kAnswer:
      break;
  }
  const std::optional<std::uint32_t> replies = topics.RepliesOf(line.input);
  if (!replies) return {};
  // The topic is the asker's, with partitions of his own.
  const runtime::LogId log{.topic = *replies, .partition = runtime::kByKey};
  if (line.correlation.empty()) return sink_.Append(log, key, line.line);
  const std::array<runtime::Header, 1> headers{{{.name = parts_.config->inputs[line.input].correlation_header, .value = line.correlation}}};
  return sink_.Append(log, key, line.line, headers);
}

}  // namespace antiphon::orchestrator
