#include "services/live/feed_command.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "services/formats/log_reader.h"
#include "services/kafka/feed_producer.h"
#include "services/live/cluster.h"
#include "services/live/cluster_view.h"
#include "services/live/record_key.h"
#include "services/replay/interrupt.h"
#include "services/replay/progress.h"

namespace antiphon::live {
namespace {

using std::chrono::steady_clock;

constexpr int kExitBad = 2;
constexpr int kExitInterrupted = 130;
constexpr std::uint32_t kInput = 0;
constexpr std::uint32_t kControl = 1;
constexpr std::string_view kInterrupted = "interrupted";

// Pace: lets records through at a rate, in slices of some milliseconds.
class Pace {
 public:
  explicit Pace(std::uint64_t rate) : rate_(rate), started_(steady_clock::now()) {}

  // Waits until the next record is due; false if it was interrupted meanwhile.
  [[nodiscard]] bool Wait(const std::atomic<bool>& interrupted) {
    const std::uint64_t number = sent_++;
    if (rate_ == 0) return !interrupted;
    const auto due =
        started_ + std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 * static_cast<double>(number) / static_cast<double>(rate_)));
    for (auto now = steady_clock::now(); now + kSlice < due; now = steady_clock::now()) {
      if (interrupted) return false;
      std::this_thread::sleep_for(std::min<steady_clock::duration>(due - now, kNap));
    }
    return !interrupted;
  }

 private:
  static constexpr std::chrono::milliseconds kSlice{5};
  static constexpr std::chrono::milliseconds kNap{100};

  std::uint64_t rate_;
  steady_clock::time_point started_;
  std::uint64_t sent_ = 0;
};

// Feed: the way of a line into the topic.
class Feed {
 public:
  Feed(const FeedCommand& command, const ClusterView& view, runtime::RecordProducer& producer, const std::atomic<bool>& interrupted,
       std::FILE* terminal)
      : producer_(producer), interrupted_(interrupted), key_(*view.topology), pace_(command.rate), progress_(terminal) {}

  [[nodiscard]] Result<void> Take(std::string_view lines) {
    while (!lines.empty()) {
      const std::size_t end = std::min(lines.find('\n'), lines.size());
      const std::string_view line = lines.substr(0, end);
      lines.remove_prefix(std::min(end + 1, lines.size()));
      if (line.empty()) continue;
      if (auto sent = Send(line); !sent) return sent;
    }
    return {};
  }

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t without_customer() const { return without_customer_; }
  [[nodiscard]] double seconds() const { return progress_.seconds(); }
  void Finish() { progress_.Clear(); }

 private:
  [[nodiscard]] Result<void> Send(std::string_view line) {
    if (!pace_.Wait(interrupted_)) return Fail(Recovery::kStopProcess, std::string(kInterrupted));
    const RecordKey::Address address = key_.Of(line);
    if (!address.is_control && !address.customer) ++without_customer_;
    const runtime::LogId log = address.is_control ? runtime::LogId{.topic = kControl, .partition = 0}
                                                  : runtime::LogId{.topic = kInput, .partition = runtime::kByKey};
    if (auto sent = producer_.Send(log, address.customer, line); !sent) return sent;
    progress_.Show(++sent_, 0, 0);
    return {};
  }

  runtime::RecordProducer& producer_;
  const std::atomic<bool>& interrupted_;
  RecordKey key_;
  Pace pace_;
  replay::Progress progress_;
  std::uint64_t sent_ = 0;
  std::uint64_t without_customer_ = 0;
};

Result<void> ReadLog(const std::string& path, const TakeLines& take) {
  auto log = formats::LogReader::Open(path);
  if (!log) return std::unexpected(std::move(log.error()));
  using Kind = formats::LogLine::Kind;
  while (true) {
    const formats::LogLine line = log->Next();
    if (line.kind == Kind::kEnd) return {};
    if (line.kind == Kind::kBroken) return Fail(Recovery::kStopProcess, path + ": " + log->broken());
    if (line.kind == Kind::kTooLong) {
      return Fail(Recovery::kStopProcess, path + ": line " + std::to_string(line.number) + " is longer than a record can be");
    }
    if (auto taken = take(line.text.text()); !taken) return taken;
    log->ReleaseAll();
  }
}

Result<process::InputTopic> ChooseInput(const FeedCommand& command, const process::ProcessConfig& config) {
  std::string names;
  for (const process::InputTopic& input : config.inputs) {
    if (command.topic.empty() || input.topic == command.topic) return input;
    names += (names.empty() ? "" : ", ") + input.topic;
  }
  return Fail(Recovery::kStopProcess, "--topic: " + command.topic + " is no input of this process; its inputs are " + names);
}

Result<void> CheckInput(const process::InputTopic& input, const ClusterView& view) {
  const process::RecordFormat& format = input.format;
  if (format.payload != process::Payload::kJson || format.envelope != process::Envelope::kNone || format.registry_framed) {
    return Fail(Recovery::kStopProcess,
                input.topic + " has another format than plain JSON, in which events are fed; choose another input with --topic");
  }
  for (const std::string& topic : {input.topic, view.topics->topics()[view.topics->Of(process::TopicRole::kControl)].name}) {
    if (auto partitions = view.PartitionsOf(topic); !partitions) return std::unexpected(std::move(partitions.error()));
  }
  return {};
}

int Report(std::FILE* messages, const Result<void>& fed, const Feed& feed, const std::string& topic, std::uint64_t delivered) {
  const bool interrupted = !fed && fed.error().message == kInterrupted;
  if (!fed && !interrupted) std::fprintf(messages, "antiphon simulate: %s\n", fed.error().message.c_str());
  std::fprintf(messages, "%s%llu of %llu records delivered to %s in %.1f s\n", interrupted ? "interrupted: " : "",
               static_cast<unsigned long long>(delivered), static_cast<unsigned long long>(feed.sent()), topic.c_str(), feed.seconds());
  if (feed.without_customer() > 0) {
    std::fprintf(messages, "%llu of them have no customer where the topology looks for him, and so no key\n",
                 static_cast<unsigned long long>(feed.without_customer()));
  }
  if (interrupted && delivered == feed.sent()) return kExitInterrupted;
  return fed ? 0 : kExitBad;
}

Result<int> RunFeed(const FeedCommand& command, const WriteLines& write, std::FILE* messages) {
  auto view = ClusterView::Open(command.process);
  if (!view) return std::unexpected(std::move(view.error()));
  const auto input = ChooseInput(command, view->config);
  if (!input) return std::unexpected(input.error());
  if (auto checked = CheckInput(*input, *view); !checked) return std::unexpected(std::move(checked.error()));
  const std::string control = view->topics->topics()[view->topics->Of(process::TopicRole::kControl)].name;
  auto producer =
      kafka::KafkaFeedProducer::Create({.client = ClientOf(view->config), .topics = {input->topic, control}, .transactional_id = {}});
  if (!producer) return std::unexpected(std::move(producer.error()));

  const replay::InterruptScope interrupt;
  Feed feed(command, *view, **producer, interrupt.interrupted(), replay::TerminalOrNull(messages));
  const TakeLines take = [&feed](std::string_view lines) { return feed.Take(lines); };
  Result<void> fed = command.log.empty() ? write(take) : ReadLog(command.log, take);
  // Whatever ended it: what was sent arrives.
  if (auto flushed = (*producer)->Flush(); !flushed) fed = std::move(flushed);
  feed.Finish();
  return Report(messages, fed, feed, input->topic, (*producer)->delivered());
}

}  // namespace

int RunFeedCommand(const FeedCommand& command, const WriteLines& write, std::FILE* messages) {
  const auto code = RunFeed(command, write, messages);
  if (code) return *code;
  std::fprintf(messages, "antiphon simulate: %s\n", code.error().message.c_str());
  return kExitBad;
}

}  // namespace antiphon::live
