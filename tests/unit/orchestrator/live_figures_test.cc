#include "services/orchestrator/live_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "services/orchestrator/ledger_output.h"
#include "tests/support/small_topology.h"

namespace antiphon::orchestrator {
namespace {

constexpr EngineTime kNow{Milliseconds{1'800'000'000'000}};

topology::Topology MakeTopology() {
  SmallTopology small;
  small.AddTriggeredOffer("loan", 10);
  small.AddTriggeredOffer("savings", 20);
  topology::Topology topology = small.Take();
  topology.caps.resize(2);
  topology.caps[0].id = "weekly";
  topology.caps[1].id = "per_day";
  return topology;
}

class LiveFiguresTest : public testing::Test {
 protected:
  [[nodiscard]] std::uint64_t Count(std::size_t place) const { return figures_.count(place); }

  topology::Topology topology_ = MakeTopology();
  LiveFigures figures_{{.topology = &topology_, .inputs = 2, .partitions = 4, .workers = 1}};
  const CountPlaces& places_ = figures_.places();
  TransactionCounts counts_{figures_};
};

TEST_F(LiveFiguresTest, NoTwoThingsShareAPlace) {
  std::multiset<std::size_t> used;
  for (std::size_t i = 0; i < static_cast<std::size_t>(LiveCount::kCount); ++i) used.insert(places_.Of(static_cast<LiveCount>(i)));
  for (std::size_t input = 0; input < 2; ++input) used.insert(places_.OfRecords(input));
  for (std::size_t i = 0; i < CountPlaces::kReasons; ++i) used.insert(places_.Of(static_cast<formats::DeadLetterReason>(i)));
  for (std::size_t i = 0; i < CountPlaces::kNotes; ++i) used.insert(places_.Of(static_cast<decision::Counter>(i)));
  for (std::size_t i = 0; i < CountPlaces::kCauses; ++i) {
    for (const bool silent : {false, true}) used.insert(places_.OfDecision(static_cast<decision::CauseKind>(i), silent));
  }
  for (std::uint16_t offer = 0; offer < 2; ++offer) {
    for (std::size_t i = 0; i < decision::kStageCount; ++i) {
      used.insert(places_.OfCandidate(state::OfferId{offer}, static_cast<decision::Stage>(i)));
    }
  }
  for (std::uint16_t channel = 0; channel <= 1; ++channel) {
    for (std::size_t i = 0; i < CountPlaces::kStatuses; ++i) {
      used.insert(places_.OfContact(state::ChannelId{channel}, static_cast<state::ContactStatus>(i)));
    }
  }
  for (std::size_t cap = 0; cap < 2; ++cap) used.insert(places_.OfCap(cap));
  EXPECT_EQ(used.size(), places_.size());
  EXPECT_EQ(std::set<std::size_t>(used.begin(), used.end()).size(), used.size());
  EXPECT_EQ(*used.rbegin(), places_.size() - 1);
}

TEST_F(LiveFiguresTest, ATransactionCountsWhenItIsCommitted) {
  counts_.Add(places_.OfRecords(1), 3);
  counts_.Add(places_.OfRecords(1));
  EXPECT_EQ(Count(places_.OfRecords(1)), 0U);
  counts_.Commit(kNow);
  EXPECT_EQ(Count(places_.OfRecords(1)), 4U);
  counts_.Commit(kNow);  // nothing of the one before is left
  EXPECT_EQ(Count(places_.OfRecords(1)), 4U);
}

TEST_F(LiveFiguresTest, ALostTransactionCountsNothing) {
  counts_.Add(places_.OfRecords(0));
  counts_.AddRecord(kNow);
  counts_.Drop();
  counts_.Add(places_.OfRecords(1));
  counts_.Commit(kNow);
  EXPECT_EQ(Count(places_.OfRecords(0)), 0U);
  EXPECT_EQ(Count(places_.OfRecords(1)), 1U);
  const HistogramPart latencies = figures_.record_to_commit.Read();
  EXPECT_EQ(std::accumulate(latencies.buckets.begin(), latencies.buckets.end(), std::uint64_t{0}), 0U);
}

TEST_F(LiveFiguresTest, LatencyIsFromTheRecordsTimestampToTheCommit) {
  counts_.AddRecord(EngineTime{});  // has none: not observed
  counts_.AddRecord(kNow - Milliseconds{10});
  counts_.AddRecord(kNow - Milliseconds{10});
  counts_.AddRecord(kNow - Milliseconds{11});
  counts_.AddRecord(kNow + Milliseconds{500});        // its producer's clock is ahead: as if there were no time between
  counts_.AddRecord(kNow - Milliseconds{9'999'999});  // beyond the last bound
  counts_.Commit(kNow);
  const LiveHistogram& histogram = figures_.record_to_commit;
  const HistogramPart read = histogram.Read();
  ASSERT_EQ(histogram.bounds()[0], Milliseconds{10});
  EXPECT_EQ(read.buckets[0], 3U);  // a bound is within its bucket
  EXPECT_EQ(read.buckets[1], 1U);
  EXPECT_EQ(read.buckets[histogram.bounds().size()], 1U);
  EXPECT_EQ(read.sum, Milliseconds{10 + 10 + 11 + 9'999'999});
}

TEST_F(LiveFiguresTest, BoundsRiseAndFit) {
  for (const LiveHistogram* histogram : {&figures_.commit_time, &figures_.record_to_commit}) {
    EXPECT_LT(histogram->bounds().size(), kBucketsMax);
    for (std::size_t i = 1; i < histogram->bounds().size(); ++i) EXPECT_LT(histogram->bounds()[i - 1], histogram->bounds()[i]);
  }
}

// What a partition's output is given, as LedgerOutput takes it.
class NoLines final : public OutputLines {
 public:
  Result<void> Put(const OutputLine& /*line*/) override { return {}; }
};

decision::CandidateRecord Candidate(std::uint16_t offer, decision::Stage stage, std::string_view rule) {
  return {
      .offer = state::OfferId{offer}, .channel = state::ChannelId{0}, .stage = stage, .rule = rule, .score = {}, .factors = {}, .arm = {}};
}

TEST_F(LiveFiguresTest, EffectsBecomeTheFunnelCapsContactsAndDecisions) {
  const process::ProcessConfig config;
  const auto version = TopologyParts::Make(std::make_shared<const topology::Topology>(topology_), config,
                                           process::TopicTable::Make(config, topology_), topology_);
  ASSERT_TRUE(version);
  NoLines lines;
  LedgerOutput output(**version, lines, &counts_);
  decision::Effects effects;
  decision::DecisionRecord& decided = effects.decisions.Add();
  decided.cause.kind = decision::CauseKind::kRequest;
  decided.candidates = {Candidate(0, decision::Stage::kCap, "per_day"), Candidate(0, decision::Stage::kCap, "weekly"),
                        Candidate(1, decision::Stage::kChosen, ""), Candidate(1, decision::Stage::kGap, "weekly")};
  decided.chosen = {Hash128{.high = 1, .low = 1}};
  effects.decisions.Add().silence_stage = decision::Stage::kTreatment;
  for (const state::ContactStatus status : {state::ContactStatus::kPlanned, state::ContactStatus::kSent, state::ContactStatus::kSent}) {
    decision::ContactRecord& record = effects.contacts.Add();
    record.contact.channel = state::ChannelId{0};
    record.contact.status = status;
  }
  effects.contacts.Add().contact.status = state::ContactStatus::kSent;
  effects.contacts.back().contact.channel = state::kNone<state::ChannelId>;  // of another system
  effects.Count(decision::Counter::kOrphanResponses, 5);
  output.Take(kNow, effects);
  output.PutDeadLetter({.source = {}, .reason = formats::DeadLetterReason::kNoTime, .message = {}, .time = {}, .bytes = {}}, {}, {});
  ASSERT_TRUE(output.status());
  counts_.Commit(kNow);

  EXPECT_EQ(Count(places_.OfCandidate(state::OfferId{0}, decision::Stage::kCap)), 2U);
  EXPECT_EQ(Count(places_.OfCandidate(state::OfferId{1}, decision::Stage::kChosen)), 1U);
  EXPECT_EQ(Count(places_.OfCandidate(state::OfferId{1}, decision::Stage::kGap)), 1U);
  EXPECT_EQ(Count(places_.OfCap(0)), 1U);  // a gap of the same name is no cap
  EXPECT_EQ(Count(places_.OfCap(1)), 1U);
  EXPECT_EQ(Count(places_.OfDecision(decision::CauseKind::kRequest, false)), 1U);
  EXPECT_EQ(Count(places_.OfDecision(decision::CauseKind::kMoment, true)), 1U);
  EXPECT_EQ(Count(places_.OfContact(state::ChannelId{0}, state::ContactStatus::kSent)), 2U);
  EXPECT_EQ(Count(places_.OfContact(state::ChannelId{0}, state::ContactStatus::kPlanned)), 1U);
  EXPECT_EQ(Count(places_.OfContact(state::ChannelId{1}, state::ContactStatus::kSent)), 1U);
  EXPECT_EQ(Count(places_.Of(decision::Counter::kOrphanResponses)), 5U);
  EXPECT_EQ(Count(places_.Of(formats::DeadLetterReason::kNoTime)), 1U);
}

}  // namespace
}  // namespace antiphon::orchestrator
