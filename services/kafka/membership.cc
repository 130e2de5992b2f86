#include "services/kafka/membership.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <map>
#include <utility>

#include "services/kafka/member_token.h"
#include "services/kafka/topic_admin.h"
#include "state/base/check.h"

namespace antiphon::kafka {
namespace {

HandleSettings MemberSettings(const MembershipOptions& options) {
  HandleSettings settings;
  AddConsumerSettings(settings, options.group);
  settings.fixed.insert(settings.fixed.end(), {{"group.instance.id", options.node}, {"partition.assignment.strategy", "range"}});
  settings.defaults.insert(settings.defaults.end(), {
                                                        {"session.timeout.ms", "10000"},
                                                        {"heartbeat.interval.ms", "3000"},
                                                        {"max.poll.interval.ms", "60000"},
                                                        // How late a partition that was added is seen.
                                                        {"topic.metadata.refresh.interval.ms", "30000"},
                                                    });
  return settings;
}

}  // namespace

struct KafkaMembership::Callbacks {
  // Range is an eager protocol: on revocation the group waits for this call to end.
  static void Rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list, void* opaque) {
    auto* self = static_cast<KafkaMembership*>(Handle::OwnerOf(opaque));
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      self->Assigned(*list);
      const Owned<rd_kafka_topic_partition_list_s> nothing(rd_kafka_topic_partition_list_new(0));
      rd_kafka_assign(client, nothing.get());
    } else {
      const bool lost = rd_kafka_assignment_lost(client) != 0 || code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS;
      // Nobody waits for us where it was lost. The client must know at once: until then it beats its heart under no member id, and the
      // cluster takes that for another process.
      if (lost) rd_kafka_assign(client, nullptr);
      self->Revoked(lost);
      if (!lost) rd_kafka_assign(client, nullptr);
    }
    rd_kafka_yield(client);  // so that Poll looks at what has come
  }
};

KafkaMembership::KafkaMembership(MembershipOptions options, Listener* listener, LogsListener* logs_listener)
    : options_(std::move(options)), listener_(listener), logs_listener_(logs_listener) {
  ANTIPHON_CHECK(!options_.inputs.empty() && !options_.node.empty());
}

Result<std::unique_ptr<KafkaMembership>> KafkaMembership::Create(MembershipOptions options, Listener& listener) {
  ANTIPHON_CHECK(options.partitions > 0 && options.each.empty());
  return Start(std::unique_ptr<KafkaMembership>(new KafkaMembership(std::move(options), &listener, nullptr)));
}

Result<std::unique_ptr<KafkaMembership>> KafkaMembership::Create(MembershipOptions options, LogsListener& listener) {
  ANTIPHON_CHECK(options.each.size() == options.inputs.size() && options.numbers.size() == options.inputs.size());
  return Start(std::unique_ptr<KafkaMembership>(new KafkaMembership(std::move(options), nullptr, &listener)));
}

Result<std::unique_ptr<KafkaMembership>> KafkaMembership::Start(std::unique_ptr<KafkaMembership> made) {
  if (Result<void> joined = made->Join(); !joined) return std::unexpected(joined.error());
  return made;
}

// Makes the client and begins to join; also instead of one that went wrong.
Result<void> KafkaMembership::Join() {
  topics_.clear();
  handle_.reset();
  HandleSettings settings = MemberSettings(options_);
  settings.prepare = [](rd_kafka_conf_t* conf) { rd_kafka_conf_set_rebalance_cb(conf, Callbacks::Rebalance); };
  Result<std::unique_ptr<Handle>> handle = Handle::Open(Handle::Kind::kConsumer, options_.client, settings, this);
  if (!handle) return std::unexpected(handle.error());
  handle_ = std::move(*handle);
  const Owned<rd_kafka_topic_partition_list_s> list(rd_kafka_topic_partition_list_new(static_cast<int>(options_.inputs.size())));
  for (const std::string& topic : options_.inputs) {
    topics_.emplace_back(rd_kafka_topic_new(handle_->get(), topic.c_str(), nullptr));
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  if (const rd_kafka_resp_err_t code = rd_kafka_subscribe(handle_->get(), list.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Fail(Recovery::kStopProcess, "group " + options_.group + ": cannot subscribe to the inputs: " + ErrorWords(code));
  }
  return {};
}

// After its session has ended this version of the library forgets its member id, and if the coordinator is back before the application has
// polled, beats its heart under none; the cluster refuses that with the same word as an older process of the same name, for good. The
// difference: who was replaced still has the id that he had.
bool KafkaMembership::FencedByItself() const {
  const auto fatal = handle_->Fatal();
  if (!fatal || fatal->first != RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) return false;
  char* member_id = rd_kafka_memberid(handle_->get());
  const bool none = member_id == nullptr || *member_id == '\0';
  if (member_id != nullptr) rd_kafka_mem_free(handle_->get(), member_id);
  return none;
}

KafkaMembership::~KafkaMembership() = default;

Result<void> KafkaMembership::Poll(Milliseconds at_most) {
  ANTIPHON_CHECK(!left_);
  if (failure_) return std::unexpected(*failure_);
  if (const Owned<rd_kafka_message_s> message(rd_kafka_consumer_poll(handle_->get(), static_cast<int>(at_most.count())));
      message != nullptr) {
    ANTIPHON_CHECK(message->err != RD_KAFKA_RESP_ERR_NO_ERROR);  // nothing is assigned, so no record can come
    Judge(*message);
  }
  if (FencedByItself()) {
    handle_->Say(LogLevel::kWarning, "group " + options_.group + ": the session ended while the coordinator was away; joining anew");
    Revoked(true);
    if (const Result<void> joined = Join(); !joined) return Stop(joined.error());
    return {};
  }
  if (const std::optional<Error> fatal = FatalError()) return Stop(*fatal);
  if (failure_) return Stop(*failure_);
  if (!pending_ && !input_missing_) return {};
  if (const Result<void> checked = CheckCounts(); !checked) {
    if (checked.error().recovery != Recovery::kRetry && IsLasting()) return Stop(checked.error());
    handle_->Say(LogLevel::kWarning, checked.error().message);
    return {};
  }
  wrong_since_.reset();
  input_missing_ = false;
  const std::optional<Pending> taken = std::exchange(pending_, std::nullopt);
  if (!taken) return {};
  owning_ = true;
  if (listener_ != nullptr) {
    listener_->OnAssigned(taken->partitions, taken->member);
  } else {
    logs_listener_->OnAssigned(taken->logs, taken->member);
  }
  return {};
}

// Takes away what the listener has, for good.
Result<void> KafkaMembership::Stop(Error error) {
  failure_ = std::move(error);
  pending_.reset();
  Revoked(true);
  return std::unexpected(*failure_);
}

// Errors that come instead of a message. The library repairs them by itself, unless somebody has to grant a right.
void KafkaMembership::Judge(const rd_kafka_message_s& message) {
  const std::string words = ErrorWords(message.err) + ": " + rd_kafka_message_errstr(&message);
  if (message.err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED || message.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
    failure_ = Error{Recovery::kStopProcess, "group " + options_.group + ": " + words};
    return;
  }
  handle_->Say(LogLevel::kWarning, words);
  // A group without its topic would wait for it for ever, and in silence.
  input_missing_ = input_missing_ || message.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

// A broker that has just started may not know its topics yet.
bool KafkaMembership::IsLasting() {
  const auto now = std::chrono::steady_clock::now();
  if (!wrong_since_) wrong_since_ = now;
  return now - *wrong_since_ >= options_.wrong_for;
}

std::optional<Error> KafkaMembership::FatalError() const {
  const auto fatal = handle_->Fatal();
  if (!fatal) return std::nullopt;
  if (fatal->first == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
    return Error{Recovery::kStopProcess, "group " + options_.group + ": another process has joined under the name of this node, \"" +
                                             options_.node + "\"; give each process a name of its own"};
  }
  return Error{Recovery::kStopProcess, "group " + options_.group + ": " + fatal->second};
}

void KafkaMembership::Assigned(const rd_kafka_topic_partition_list_s& list) {
  Result<Pending> pending = Read(list);
  if (!pending) {
    failure_ = pending.error();
    return;
  }
  pending_ = std::move(*pending);
}

void KafkaMembership::Revoked(bool lost) {
  pending_.reset();
  if (!std::exchange(owning_, false)) return;
  if (listener_ != nullptr) {
    listener_->OnRevoked(lost);
  } else {
    logs_listener_->OnRevoked(lost);
  }
}

Result<KafkaMembership::Pending> KafkaMembership::Read(const rd_kafka_topic_partition_list_s& list) const {
  Pending pending;
  if (logs_listener_ != nullptr) {
    pending.logs = ReadLogs(list);
  } else {
    Result<std::vector<std::int32_t>> partitions = ReadEqual(list);
    if (!partitions) return std::unexpected(partitions.error());
    pending.partitions = std::move(*partitions);
  }
  Result<std::shared_ptr<const runtime::MemberToken>> member = KafkaMemberToken::Of(handle_->get());
  if (!member) return std::unexpected(member.error());
  pending.member = std::move(*member);
  return pending;
}

std::vector<runtime::LogId> KafkaMembership::ReadLogs(const rd_kafka_topic_partition_list_s& list) const {
  std::vector<runtime::LogId> logs;
  for (int i = 0; i < list.cnt; ++i) {
    const auto found = std::ranges::find(options_.inputs, list.elems[i].topic);
    ANTIPHON_CHECK(found != options_.inputs.end());  // nothing else is subscribed to
    logs.push_back(
        {.topic = options_.numbers[static_cast<std::size_t>(found - options_.inputs.begin())], .partition = list.elems[i].partition});
  }
  std::ranges::sort(logs);
  return logs;
}

Result<std::vector<std::int32_t>> KafkaMembership::ReadEqual(const rd_kafka_topic_partition_list_s& list) const {
  std::map<std::string_view, std::vector<std::int32_t>> by_topic;
  for (const std::string& topic : options_.inputs) by_topic[topic];
  for (int i = 0; i < list.cnt; ++i) by_topic[list.elems[i].topic].push_back(list.elems[i].partition);
  for (auto& [topic, partitions] : by_topic) std::ranges::sort(partitions);
  const auto& [first_topic, first] = *by_topic.begin();
  for (const auto& [topic, partitions] : by_topic) {
    if (partitions == first) continue;
    return Fail(Recovery::kStopProcess,
                "group " + options_.group + ": other partitions of " + std::string(topic) + " than of " + std::string(first_topic) +
                    " were assigned: every input needs the same number of partitions, and every member of the group "
                    "the same inputs");
  }
  return first;
}

Result<void> KafkaMembership::CheckCounts() const {
  for (std::size_t i = 0; i < topics_.size(); ++i) {
    const Result<std::int32_t> count = CountPartitions(*handle_, topics_[i].get(), options_.inputs[i], options_.answers_within);
    if (!count && count.error().recovery == Recovery::kStopProcess) {
      return Fail(Recovery::kStopProcess, "group " + options_.group + ": input " + count.error().message +
                                              ": what is committed stays; docs/deployment.md says what to do");
    }
    if (!count) return std::unexpected(count.error());
    if (*count == CountOf(i)) continue;
    return Fail(Recovery::kStopProcess,
                "group " + options_.group + ": " + options_.inputs[i] + " has " + std::to_string(*count) + " partitions, not " +
                    std::to_string(CountOf(i)) +
                    (listener_ != nullptr ? ": customers would be in other partitions than their state; docs/deployment.md says what to do"
                                          : ", as when this process was started: start it again"));
  }
  return {};
}

void KafkaMembership::Leave() {
  if (std::exchange(left_, true)) return;
  Revoked(rd_kafka_assignment_lost(handle_->get()) != 0);
  const Owned<rd_kafka_queue_s> queue(rd_kafka_queue_new(handle_->get()));
  const Owned<rd_kafka_error_s> error(rd_kafka_consumer_close_queue(handle_->get(), queue.get()));
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + options_.leaves_within;
  while (error == nullptr && rd_kafka_consumer_closed(handle_->get()) == 0 && Clock::now() < until) {
    constexpr int kPollMs = 20;
    const Owned<rd_kafka_message_s> message(rd_kafka_consume_queue(queue.get(), kPollMs));
  }
}

}  // namespace antiphon::kafka
