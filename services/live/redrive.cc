#include "services/live/redrive.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "services/archive/log_cursor.h"
#include "services/formats/dead_letter.h"
#include "services/kafka/feed_producer.h"
#include "services/live/cluster.h"
#include "services/runtime/clock.h"

namespace antiphon::live {
namespace {

using process::TopicRole;

constexpr std::size_t kLettersPerTransaction = 50;  // each may cost a question to the cluster, and a transaction has its time

// A record with what it borrowed, kept.
struct Original {
  std::optional<std::string> key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
};

// The number of an input or of the control topic.
std::optional<std::uint32_t> TargetOf(const process::TopicTable& table, const std::string& name) {
  for (std::uint32_t topic = 0; topic < table.topics().size(); ++topic) {
    const process::Topic& known = table.topics()[topic];
    if (known.name == name && (known.role == TopicRole::kInput || known.role == TopicRole::kControl)) return topic;
  }
  return std::nullopt;
}

// Redriver: reads letters and originals, and sends.
class Redriver {
 public:
  Redriver(const ClusterView& view, std::unique_ptr<runtime::EventSource> source, std::unique_ptr<runtime::RecordProducer> producer)
      : view_(view), source_(std::move(source)), producer_(std::move(producer)) {}

  // Finds out what is to be sent.
  [[nodiscard]] Result<RedriveReport> Plan(const RedriveWish& wish) {
    std::set<RecordPlace> noted;
    std::set<RecordPlace> found;  // a record of several customers may have become several letters
    auto visited = VisitLetters(view_, *source_,
                                {.letter = [&](const Letter& letter) -> Result<void> {
                                   const bool wanted = wish.places.empty() ? wish.wants(letter) : wish.places.contains(letter.place);
                                   if (wanted) found.insert(letter.place);
                                   return {};
                                 },
                                 .redriven = [&](const RecordPlace& place, EngineTime) { noted.insert(place); }});
    if (!visited) return std::unexpected(std::move(visited.error()));
    RedriveReport report;
    std::ranges::set_difference(wish.places, found, std::back_inserter(report.unknown));
    for (const RecordPlace& place : found) {
      const bool before = noted.contains(place) && !wish.again;
      (before ? report.before : report.sent).push_back(place);
    }
    return report;
  }

  // Sends what the plan says. REQUIRES: a producer.
  [[nodiscard]] Result<RedriveReport> Send(RedriveReport plan) {
    std::set<RecordPlace> wanted(plan.sent.begin(), plan.sent.end());
    plan.sent.clear();
    auto sent = VisitLetters(view_, *source_,
                             {.letter = [&](const Letter& letter) -> Result<void> {
                                if (wanted.erase(letter.place) == 0) return {};
                                return SendOne(letter, plan);
                              },
                              .redriven = [](const RecordPlace&, EngineTime) {}});
    if (sent) sent = Flush(plan);
    if (!sent) return Fail(sent.error().recovery, std::to_string(plan.sent.size()) + " were sent, then: " + sent.error().message);
    return plan;
  }

 private:
  [[nodiscard]] Result<void> SendOne(const Letter& letter, RedriveReport& report) {
    const auto topic = TargetOf(*view_.topics, letter.place.topic);
    if (!topic) {
      report.refused.push_back(ToString(letter.place) + ": its topic is no input of this process");
      return {};
    }
    auto read = ReadOriginal(letter, {.topic = *topic, .partition = letter.place.partition});
    if (!read) return std::unexpected(std::move(read.error()));
    std::optional<Original> original = *std::move(read);
    const bool cut = letter.bytes.size() >= formats::kDeadLetterBytesMax;
    if (!original && cut) {
      report.refused.push_back(ToString(letter.place) + ": its topic no longer has it, and the dead letter holds only its beginning");
      return {};
    }
    const Original record = std::move(original).value_or(Original{.key = letter.key, .value = letter.bytes, .headers = {}});
    const bool is_control = view_.topics->topics()[*topic].role == TopicRole::kControl;
    const std::int32_t partition = record.key && !is_control ? runtime::kByKey : letter.place.partition;
    const std::string place = ToString(letter.place);
    const runtime::Header redrive{.name = formats::kRedriveHeader, .value = place};
    std::vector<runtime::Header> headers;
    for (const auto& [name, value] : record.headers) {
      if (name != formats::kRedriveHeader) headers.push_back({.name = name, .value = value});
    }
    headers.push_back(redrive);
    if (auto sent = producer_->Send({.topic = *topic, .partition = partition}, record.key, record.value, headers); !sent) return sent;
    const runtime::LogId notes{.topic = view_.topics->Of(TopicRole::kDeadLetters), .partition = letter.partition};
    const std::array<runtime::Header, 1> noted{redrive};
    if (auto sent = producer_->Send(notes, letter.key, NoteOf(letter.place, clock_.Now()), noted); !sent) return sent;
    pending_.push_back(letter.place);
    return pending_.size() < kLettersPerTransaction ? Result<void>{} : Flush(report);
  }

  [[nodiscard]] Result<void> Flush(RedriveReport& report) {
    if (auto flushed = producer_->Flush(); !flushed) return flushed;
    report.sent.insert(report.sent.end(), pending_.begin(), pending_.end());
    pending_.clear();
    return {};
  }

  // The record that became the letter; nothing: its topic no longer has it.
  [[nodiscard]] Result<std::optional<Original>> ReadOriginal(const Letter& letter, runtime::LogId log) {
    const std::array<runtime::LogId, 1> logs{log};
    const auto start = view_.directory->Starts(logs);
    if (!start && start.error().recovery == Recovery::kRetry) return std::unexpected(start.error());
    if (!start) return std::nullopt;  // the topic lost partitions, or is gone: sending says so
    const auto end = source_->StableEnds(logs);
    if (!end) return std::unexpected(end.error());
    const std::int64_t offset = letter.place.offset;
    if (offset < start->front() || offset >= end->front()) return std::nullopt;
    auto cursor = archive::LogCursor::Open(*source_, clock_, {.log = log, .next = offset}, end->front());
    if (!cursor) return std::unexpected(std::move(cursor.error()));
    const auto next = cursor->Next();
    if (!next) return std::unexpected(next.error());
    const std::optional<runtime::LogRecord>& record = *next;
    // Another one stands there if the topic was made anew.
    if (!record || record->offset != offset || !record->value || !record->value->starts_with(letter.bytes)) return std::nullopt;
    Original original{.key = {}, .value = std::string(*record->value), .headers = {}};
    if (record->key) original.key = std::string(*record->key);
    for (const runtime::Header& header : record->headers) original.headers.emplace_back(header.name, header.value);
    return original;
  }

  const ClusterView& view_;
  std::unique_ptr<runtime::EventSource> source_;
  std::unique_ptr<runtime::RecordProducer> producer_;
  runtime::WallClock clock_;
  std::vector<RecordPlace> pending_;  // of the transaction under way
};

}  // namespace

Result<RedriveReport> PlanRedrive(const ClusterView& view, const RedriveWish& wish) {
  auto source = view.MakeSource();
  if (!source) return std::unexpected(std::move(source.error()));
  return Redriver(view, *std::move(source), nullptr).Plan(wish);
}

Result<RedriveReport> Redrive(const ClusterView& view, const RedriveWish& wish) {
  auto source = view.MakeSource();
  if (!source) return std::unexpected(std::move(source.error()));
  // Before anything is read: whoever does the same now is fenced off, and what he left open is ended.
  auto producer = kafka::KafkaFeedProducer::Create(
      {.client = ClientOf(view.config), .topics = TopicNamesOf(*view.topics), .transactional_id = view.config.group + "-redrive"});
  if (!producer) return std::unexpected(std::move(producer.error()));
  Redriver redriver(view, *std::move(source), *std::move(producer));
  auto plan = redriver.Plan(wish);
  if (!plan || !plan->unknown.empty() || plan->sent.empty()) return plan;
  return redriver.Send(*std::move(plan));
}

}  // namespace antiphon::live
