#include "services/orchestrator/live_figures.h"

#include <algorithm>
#include <numeric>

namespace antiphon::orchestrator {
namespace {

constexpr Milliseconds kSecond{1'000};
constexpr Milliseconds kMinute{60'000};

constexpr std::array kCommitBounds{Milliseconds{2},  Milliseconds{5},  Milliseconds{10},  Milliseconds{20},  Milliseconds{30},
                                   Milliseconds{50}, Milliseconds{75}, Milliseconds{100}, Milliseconds{200}, Milliseconds{500},
                                   1 * kSecond,      2 * kSecond,      5 * kSecond,       10 * kSecond,      30 * kSecond};
constexpr std::array kLatencyBounds{Milliseconds{10},  Milliseconds{20},  Milliseconds{30},  Milliseconds{40},  Milliseconds{60},
                                    Milliseconds{80},  Milliseconds{100}, Milliseconds{150}, Milliseconds{200}, Milliseconds{300},
                                    Milliseconds{500}, 1 * kSecond,       2 * kSecond,       5 * kSecond,       10 * kSecond,
                                    30 * kSecond,      1 * kMinute,       5 * kMinute,       30 * kMinute,      60 * kMinute};
static_assert(kCommitBounds.size() < kBucketsMax && kLatencyBounds.size() < kBucketsMax);

}  // namespace

CountPlaces::CountPlaces(const topology::Topology& topology, std::size_t inputs) : channels_(topology.channels.size()) {
  std::size_t next = static_cast<std::size_t>(LiveCount::kCount);
  const auto take = [&next](std::size_t places) { return std::exchange(next, next + places); };
  records_ = take(inputs);
  reasons_ = take(kReasons);
  notes_ = take(kNotes);
  decisions_ = take(2 * kCauses);
  funnel_ = take(topology.offers.size() * decision::kStageCount);
  contacts_ = take((channels_ + 1) * kStatuses);
  caps_ = take(topology.caps.size());
  size_ = next;
  for (std::size_t cap = 0; cap < topology.caps.size(); ++cap) cap_of_id_.emplace(topology.caps[cap].id, OfCap(cap));
}

std::optional<std::size_t> CountPlaces::OfCap(std::string_view id) const {
  const auto found = cap_of_id_.find(id);
  if (found == cap_of_id_.end()) return std::nullopt;
  return found->second;
}

CountIds::CountIds(const topology::Topology& version, const topology::Topology& counted) {
  for (const topology::Offer& offer : version.offers) {
    const auto place = topology::FindById(counted.offers, offer.id);
    offers.push_back(place ? state::OfferId{*place} : state::kNone<state::OfferId>);
  }
  for (const topology::Channel& channel : version.channels) {
    const auto place = topology::FindById(counted.channels, channel.id);
    channels.push_back(place ? state::ChannelId{*place} : state::kNone<state::ChannelId>);
  }
}

void LiveHistogram::Observe(HistogramPart& part, Milliseconds length, std::uint64_t times) const {
  const Milliseconds counted = std::max(length, Milliseconds{0});
  const auto bucket = std::ranges::lower_bound(bounds_, counted) - bounds_.begin();
  part.buckets[static_cast<std::size_t>(bucket)] += times;
  part.sum += counted * static_cast<std::int64_t>(times);
}

void LiveHistogram::Add(const HistogramPart& part) {
  for (std::size_t i = 0; i < kBucketsMax; ++i) {
    if (part.buckets[i] != 0) buckets_[i].fetch_add(part.buckets[i], std::memory_order_relaxed);
  }
  sum_ms_.fetch_add(part.sum.count(), std::memory_order_relaxed);
}

HistogramPart LiveHistogram::Read() const {
  HistogramPart part;
  for (std::size_t i = 0; i < kBucketsMax; ++i) part.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
  part.sum = Milliseconds{sum_ms_.load(std::memory_order_relaxed)};
  return part;
}

LiveFigures::LiveFigures(const Shape& shape)
    : commit_time(kCommitBounds),
      record_to_commit(kLatencyBounds),
      places_(*shape.topology, shape.inputs),
      counts_(places_.size()),
      workers_(shape.workers) {
  sources.resize(shape.sources);
  for (std::uint32_t i = 0; i < shape.partitions; ++i) partitions_.emplace_back(shape.inputs + 1);
}

void TransactionCounts::AddRecord(EngineTime timestamp) {
  if (timestamp == EngineTime{}) return;
  if (times_.empty() || times_.back().first != timestamp) times_.emplace_back(timestamp, 0);
  ++times_.back().second;
}

void TransactionCounts::AddEffects(const decision::Effects& effects, const CountIds& ids) {
  for (const decision::DecisionRecord& record : effects.decisions) AddDecision(record, ids);
  for (const decision::ContactRecord& record : effects.contacts) {
    const std::size_t channel = record.contact.channel.value();
    Add(places().OfContact(channel < ids.channels.size() ? ids.channels[channel] : state::kNone<state::ChannelId>, record.contact.status));
  }
  for (const decision::OutboundRecord& record : effects.outbound) {
    if (record.kind == decision::OutboundRecord::Kind::kAnswer) Add(places().Of(LiveCount::kAnswers));
  }
  for (std::size_t i = 0; i < effects.counters.size(); ++i) Add(places().Of(static_cast<decision::Counter>(i)), effects.counters[i]);
  Add(places().Of(LiveCount::kExpressionFailures), effects.failures.size());
}

void TransactionCounts::AddDecision(const decision::DecisionRecord& record, const CountIds& ids) {
  Add(places().OfDecision(record.cause.kind, record.chosen.empty()));
  for (const decision::CandidateRecord& candidate : record.candidates) {
    const state::OfferId offer = ids.offers[candidate.offer.value()];
    if (offer != state::kNone<state::OfferId>) Add(places().OfCandidate(offer, candidate.stage));
    if (candidate.stage != decision::Stage::kCap) continue;
    if (const auto cap = places().OfCap(candidate.rule)) Add(*cap);
  }
}

void TransactionCounts::Commit(EngineTime now) {
  for (const std::size_t place : touched_) figures_.Add(place, counts_[place]);
  HistogramPart latencies;
  for (const auto& [timestamp, times] : times_) figures_.record_to_commit.Observe(latencies, now - timestamp, times);
  figures_.record_to_commit.Add(latencies);
  Drop();
}

void TransactionCounts::Drop() {
  for (const std::size_t place : touched_) counts_[place] = 0;
  touched_.clear();
  times_.clear();
}

}  // namespace antiphon::orchestrator
