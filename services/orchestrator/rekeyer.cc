#include "services/orchestrator/rekeyer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "services/runtime/partitioner.h"
#include "state/base/check.h"

namespace antiphon::orchestrator {
namespace {

using Kind = formats::Decoded::Kind;
using process::TopicRole;

constexpr auto kRelaxed = std::memory_order_relaxed;
// As the workers' (worker.cc).
constexpr Milliseconds kCommitGap{25};
constexpr Milliseconds kIdleWait{100};
constexpr Milliseconds kPauseAfterLoss{500};
constexpr Milliseconds kLagsEvery{5'000};
// Positions that moved over nothing but markers and aborted records are committed so often: whoever waits for all to be handed looks at
// them.
constexpr Milliseconds kMarkersEvery{200};
constexpr std::uint32_t kRecordsPerPass = 256;

}  // namespace

Rekeyer::Rekeyer(const ProcessParts& parts, Options options)
    : parts_(parts), options_(std::move(options)), writer_(*parts_.topology), counts_(*parts.figures) {
  ANTIPHON_CHECK(!parts_.sources.empty() && options_.make_membership);
  for (const auto& decoder : options_.decoders) memory_.push_back(std::make_unique<LaneMemory>(*decoder, 1));
}

Rekeyer::~Rekeyer() = default;

Result<void> Rekeyer::Run() {
  while (!stop_.load(kRelaxed)) {
    const auto busy = Round();
    if (!busy) return std::unexpected(busy.error());
    if (!*busy) options_.source->Wait(kIdleWait);
  }
  Leave();
  return {};
}

void Rekeyer::Stop() {
  stop_.store(true, kRelaxed);
  options_.source->Wake();
}

void Rekeyer::Leave() {
  if (membership_ != nullptr) membership_->Leave();
  StopReading();
  sink_.reset();
}

Result<bool> Rekeyer::Round() {
  const Milliseconds now = parts_.clock->Monotonic();
  parts_.figures->rekeyer.rounds.fetch_add(1, kRelaxed);
  parts_.figures->rekeyer.round_at_ms.store(now.count(), kRelaxed);
  if (membership_ == nullptr) {
    auto made = options_.make_membership(*this);
    if (!made) return std::unexpected(std::move(made.error()));
    membership_ = *std::move(made);
  }
  if (auto polled = membership_->Poll(Milliseconds{0}); !polled) return std::unexpected(std::move(polled.error()));
  if (now < not_before_) return false;
  auto busy = TryRound();
  if (busy || busy.error().recovery == Recovery::kStopProcess) return busy;
  Lose(busy.error());
  return false;
}

void Rekeyer::OnAssigned(std::span<const runtime::LogId> logs, std::shared_ptr<const runtime::MemberToken> member) {
  spdlog::info("re-keying: assigned {} partitions in generation {}", logs.size(), member->generation());
  StopReading();
  owned_.assign(logs.begin(), logs.end());
  member_ = std::move(member);
  parts_.figures->rekeyer.assigned.store(true, kRelaxed);
}

// Between rounds nothing is uncommitted: what was not read is the next owner's.
void Rekeyer::OnRevoked(bool lost) {
  spdlog::info("re-keying: all partitions are {}", lost ? "lost" : "revoked");
  StopReading();
  owned_.clear();
  parts_.figures->rekeyer.assigned.store(false, kRelaxed);
}

void Rekeyer::StopReading() {
  counts_.Drop();
  taken_ = 0;
  if (std::exchange(reading_, false)) {
    std::vector<runtime::LogId> read;
    read.reserve(logs_.size());
    for (const Log& log : logs_) read.push_back(log.log);
    options_.source->Unassign(read);
  }
  logs_.clear();
  for (LiveFigures::Source& source : parts_.figures->sources) source.lag.store(LiveFigures::kUnknown, kRelaxed);
}

void Rekeyer::Lose(const Error& why) {
  if (why.recovery == Recovery::kRetry) {
    spdlog::info("re-keying: {}; trying again", why.message);
  } else {
    spdlog::warn("re-keying: {}; going on from the committed positions", why.message);
    parts_.figures->rekey_losses.fetch_add(1, kRelaxed);
  }
  StopReading();
  sink_.reset();
  not_before_ = parts_.clock->Monotonic() + kPauseAfterLoss;
}

Result<bool> Rekeyer::TryRound() {
  if (owned_.empty()) return false;
  if (sink_ == nullptr) {
    auto made = options_.sinks->Make(0);
    if (!made) return std::unexpected(std::move(made.error()));
    sink_ = *std::move(made);
  }
  if (!reading_) {
    auto begun = BeginReading();
    // A transaction of before may still be under way on the positions; the sink is good for all that.
    if (!begun && begun.error().recovery == Recovery::kRetry) return false;
    if (!begun) return std::unexpected(std::move(begun.error()));
  }
  if (auto taken = TakeUntilFull(); !taken) return std::unexpected(std::move(taken.error()));
  auto committed = Commit();
  if (!committed) return committed;
  if (auto shown = ShowLags(); !shown) return std::unexpected(std::move(shown.error()));
  return committed;
}

Result<void> Rekeyer::BeginReading() {
  const auto committed = options_.directory->Committed(owned_);
  if (!committed) return std::unexpected(committed.error());
  std::vector<runtime::LogPosition> from;
  positions_open_ = false;
  logs_.clear();
  for (std::size_t i = 0; i < owned_.size(); ++i) {
    std::optional<std::int64_t> next = (*committed)[i];
    if (!next) {
      const auto first = FirstPosition(owned_[i]);
      if (!first) return std::unexpected(first.error());
      next = *first;
      positions_open_ = true;
    }
    from.push_back({.log = owned_[i], .next = *next});
    logs_.push_back({.log = owned_[i], .committed = *next});
  }
  if (auto assigned = options_.source->Assign(from); !assigned) return assigned;
  reading_ = true;
  return {};
}

// Of a partition that the group never committed: where the process file says; of one that was added to a topic which is read already, its
// beginning.
Result<std::int64_t> Rekeyer::FirstPosition(runtime::LogId log) const {
  const std::array<runtime::LogId, 1> wanted{log};
  bool latest = parts_.config->inputs[log.topic].start == process::StartAt::kLatest;
  if (latest) {
    std::vector<runtime::LogId> all;
    std::ranges::copy_if(parts_.sources, std::back_inserter(all), [&](runtime::LogId each) { return each.topic == log.topic; });
    const auto committed = options_.directory->Committed(all);
    if (!committed) return std::unexpected(committed.error());
    latest = std::ranges::none_of(*committed, [](const auto& position) { return position.has_value(); });
  }
  const auto edge = latest ? options_.directory->HighWatermarks(wanted) : options_.directory->Starts(wanted);
  if (!edge) return std::unexpected(edge.error());
  return edge->front();
}

// Until the transaction is large or old enough, or nothing more is at hand and the last one is long enough ago.
Result<void> Rekeyer::TakeUntilFull() {
  const Milliseconds started = parts_.clock->Monotonic();
  while (taken_ < parts_.config->commit_inputs) {
    bool any = false;
    for (Log& log : logs_) {
      const auto taken = TakeFrom(log);
      if (!taken) return std::unexpected(taken.error());
      any = any || *taken;
    }
    const Milliseconds now = parts_.clock->Monotonic();
    if (now - started >= parts_.config->commit_every) break;
    if (any) continue;
    const Milliseconds gap_ends = committed_at_ + kCommitGap;
    if (taken_ == 0 || now >= gap_ends) break;
    options_.source->Wait(gap_ends - now);
  }
  return {};
}

// Some records of it; false if none was at hand.
Result<bool> Rekeyer::TakeFrom(Log& from) {
  std::uint32_t taken = 0;
  for (; taken < kRecordsPerPass && taken_ < parts_.config->commit_inputs; ++taken, ++taken_) {
    const auto next = options_.source->Take(from.log);
    if (!next) return std::unexpected(next.error());
    const std::optional<runtime::LogRecord>& record = *next;
    if (!record) break;
    ++from.records;
    if (auto handed = Hand(from, *record); !handed) return std::unexpected(std::move(handed.error()));
  }
  return taken > 0;
}

Result<void> Rekeyer::Hand(Log& from, const runtime::LogRecord& record) {
  formats::RecordDecoder& decoder = *options_.decoders[from.log.topic];
  LaneMemory& memory = *memory_[from.log.topic];
  memory.Reset();
  auto copy = CopyRecord(record, from.log, decoder.wants_headers(), memory);
  if (!copy) return Fail(copy.error().recovery, TopicOf(from.log) + ": " + copy.error().message);
  formats::Decoded decoded;
  if (decoder.FindCustomers(*copy, memory.decoded, customers_, decoded)) {
    if (!customers_.empty()) copy->customer = customers_.front();
    decoded = decoder.Decode(*copy, memory.decoded);
    if (customers_.empty() && decoded.kind == Kind::kEvent) customers_.push_back(decoded.event.customer);
  }
  if (decoded.kind == Kind::kSkipped) {
    counts_.Add(counts_.places().Of(LiveCount::kSkipped));
    return {};
  }
  if (decoded.kind == Kind::kControl || decoded.kind == Kind::kActivation) {
    MakeDeadLetter(decoded, formats::DeadLetterReason::kBadControl, "control records belong on the control topic");
  }
  if (decoded.kind == Kind::kDeadLetter) return PutLetter(from.log, record, decoded);
  headers_.Set(TopicOf(from.log), from.log.partition, record);
  const std::uint32_t rekeyed = parts_.topics->Of(TopicRole::kRekeyed);
  for (const std::string_view customer : customers_) {
    const auto partition = static_cast<std::int32_t>(runtime::PartitionOf(customer, parts_.settings.partitions));
    auto appended = sink_->Append({.topic = rekeyed, .partition = partition}, customer, record.value, headers_.all());
    if (!appended) return appended;
    ++from.handed;
  }
  return {};
}

// In the partition of its own number, counted around: its customer is not known.
Result<void> Rekeyer::PutLetter(runtime::LogId log, const runtime::LogRecord& record, const formats::Decoded& decoded) {
  counts_.Add(counts_.places().Of(decoded.reason));
  text_.clear();
  writer_.AppendDeadLetter(text_, {.source = TopicOf(log),
                                   .file = static_cast<std::uint32_t>(log.partition),
                                   .line = 0,
                                   .offset = static_cast<std::uint64_t>(record.offset),
                                   .reason = decoded.reason,
                                   .message = decoded.message,
                                   .time = decoded.time,
                                   .bytes = record.value.value_or("").substr(0, formats::kDeadLetterBytesMax)});
  const auto partition = static_cast<std::int32_t>(static_cast<std::uint32_t>(log.partition) % parts_.settings.partitions);
  headers_.Set(TopicOf(log), log.partition, record);
  const std::array<runtime::Header, 1> headers{headers_.source()};
  return sink_->Append({.topic = parts_.topics->Of(TopicRole::kDeadLetters), .partition = partition}, std::nullopt, text_, headers);
}

bool Rekeyer::HasMoved() const {
  return std::ranges::any_of(logs_, [this](const Log& log) { return options_.source->Position(log.log) > log.committed; });
}

// True if something was.
Result<bool> Rekeyer::Commit() {
  const Milliseconds now = parts_.clock->Monotonic();
  const bool markers = taken_ == 0 && now - committed_at_ >= kMarkersEvery && HasMoved();
  if (taken_ == 0 && !positions_open_ && !markers) return false;
  std::vector<runtime::LogPosition> positions;
  positions.reserve(logs_.size());
  for (const Log& log : logs_) positions.push_back({.log = log.log, .next = options_.source->Position(log.log)});
  parts_.faults->Reach(FaultPoint::kRekeyed);
  const runtime::CommitReport report = sink_->Commit(positions, *member_);
  if (report.outcome != runtime::CommitOutcome::kCommitted) {
    return Fail(report.why.recovery == Recovery::kStopProcess ? Recovery::kStopProcess : Recovery::kRestartTask, report.why.message);
  }
  parts_.faults->Reach(FaultPoint::kRekeyCommitted);
  committed_at_ = parts_.clock->Monotonic();
  counts_.Commit(parts_.clock->Now());
  for (std::size_t i = 0; i < logs_.size(); ++i) {
    Log& log = logs_[i];
    LiveFigures::Source& shown = FiguresOf(log.log);
    shown.records.fetch_add(std::exchange(log.records, 0), kRelaxed);
    shown.handed.fetch_add(std::exchange(log.handed, 0), kRelaxed);
    log.committed = positions[i].next;
  }
  taken_ = 0;
  positions_open_ = false;
  return true;
}

LiveFigures::Source& Rekeyer::FiguresOf(runtime::LogId log) {
  const auto& sources = parts_.topics->sources();
  return parts_.figures->sources[static_cast<std::size_t>(std::ranges::find(sources, log.topic) - sources.begin())];
}

// How far the inputs are ahead of what was committed; asked now and then.
Result<void> Rekeyer::ShowLags() {
  const Milliseconds now = parts_.clock->Monotonic();
  if (now - lags_at_ < kLagsEvery) return {};
  lags_at_ = now;
  const auto ends = options_.source->StableEnds(owned_);
  if (!ends && ends.error().recovery == Recovery::kRetry) return {};
  if (!ends) return std::unexpected(ends.error());
  for (const std::uint32_t source : parts_.topics->sources()) {
    std::int64_t lag = 0;
    for (std::size_t i = 0; i < logs_.size(); ++i) {
      if (logs_[i].log.topic == source) lag += std::max<std::int64_t>((*ends)[i] - logs_[i].committed, 0);
    }
    FiguresOf({.topic = source, .partition = 0}).lag.store(lag, kRelaxed);
  }
  return {};
}

}  // namespace antiphon::orchestrator
