#include "services/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/unit/telemetry/telemetry_support.h"

namespace antiphon::telemetry {
namespace {

using orchestrator::LiveCount;
using orchestrator::LiveFigures;
using testing::HasSubstr;
using testing::Not;

class MetricsTest : public testing::Test {
 protected:
  [[nodiscard]] std::string Text() const { return MetricsText(estate_.parts); }

  SmallEstate estate_;
  LiveFigures& figures_ = estate_.figures;
};

TEST_F(MetricsTest, CountsStandUnderTheirNames) {
  const orchestrator::CountPlaces& places = figures_.places();
  figures_.Add(places.OfRecords(1), 7);
  figures_.Add(places.Of(LiveCount::kEvents), 6);
  figures_.Add(places.Of(formats::DeadLetterReason::kWrongPartition), 2);
  figures_.Add(places.OfDecision(decision::CauseKind::kRequest, true), 3);
  figures_.Add(places.OfCandidate(state::OfferId{1}, decision::Stage::kCap), 4);
  figures_.Add(places.OfCap(0), 4);
  figures_.Add(places.OfContact(state::ChannelId{0}, state::ContactStatus::kSent), 5);
  figures_.Add(places.OfContact(state::kNone<state::ChannelId>, state::ContactStatus::kAccepted), 1);
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("\nantiphon_records_total{topic=\"bank.payments\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_records_total{topic=\"bank.web\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_events_total 6\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_dead_letters_total{reason=\"wrong_partition\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_decisions_total{cause=\"request\",outcome=\"silent\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_candidates_total{offer=\"savings\",stage=\"cap\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_candidates_total{offer=\"loan\",stage=\"chosen\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("offer=\"loan\",stage=\"cap\"")));
  EXPECT_THAT(text, HasSubstr("\nantiphon_cap_bindings_total{cap=\"weekly\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_contacts_total{channel=\"sms\",status=\"sent\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_contacts_total{channel=\"(other)\",status=\"accepted\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("node=\"n\\\"1\""));
}

TEST_F(MetricsTest, HistogramsAreCumulativeAndInSeconds) {
  orchestrator::HistogramPart part;
  figures_.record_to_commit.Observe(part, Milliseconds{10});
  figures_.record_to_commit.Observe(part, Milliseconds{25}, 2);
  figures_.record_to_commit.Observe(part, Milliseconds{7'200'000});
  figures_.record_to_commit.Add(part);
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("\nantiphon_record_to_commit_seconds_bucket{le=\"0.01\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_record_to_commit_seconds_bucket{le=\"0.02\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_record_to_commit_seconds_bucket{le=\"0.03\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_record_to_commit_seconds_bucket{le=\"3600\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_record_to_commit_seconds_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_record_to_commit_seconds_count 4\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_record_to_commit_seconds_sum 7200.06\n"));
}

TEST_F(MetricsTest, OnlyWhatIsOwnedIsShown) {
  figures_.partition(1).state = LiveFigures::State::kActive;
  figures_.partition(1).clock_ms = 1'500;
  figures_.partition(1).sequence = 9;
  figures_.partition(1).customers = 40;
  figures_.partition(1).lags[1] = 12;
  figures_.partition(2).state = LiveFigures::State::kRestoring;
  figures_.partition(2).restore_left = 77;
  figures_.partition(2).customers = 1'000;  // of another time
  figures_.partition(3).is_standby = true;
  figures_.partition(3).standby_lag = 5;
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("\nantiphon_partitions 4\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_partitions_owned{state=\"active\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_partitions_owned{state=\"restoring\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_partitions_owned{state=\"standby\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_standby_lag_records{partition=\"3\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_partition_clock_timestamp_seconds{partition=\"1\"} 1.5\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_partition_sequence{partition=\"1\"} 9\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_restore_left_records{partition=\"2\"} 77\n"));
  EXPECT_THAT(text, HasSubstr("\nantiphon_lag_records{topic=\"bank.web\",partition=\"1\"} 12\n"));
  EXPECT_THAT(text, Not(HasSubstr("antiphon_lag_records{topic=\"bank.payments\"")));  // not known yet
  EXPECT_THAT(text, HasSubstr("\nantiphon_store_customers 40\n"));
  EXPECT_THAT(text, Not(HasSubstr("partition=\"0\"")));
}

TEST_F(MetricsTest, ControlHasALagOfItsOwn) {
  figures_.partition(3).lags[2] = 1;
  EXPECT_THAT(Text(), HasSubstr("\nantiphon_lag_records{topic=\"antiphon.control\",partition=\"3\"} 1\n"));
}

TEST_F(MetricsTest, NamesKeepPrometheusConventions) {
  const std::vector<MetricName> names = MetricNames(estate_.parts);
  std::set<std::string> seen;
  for (const MetricName& metric : names) {
    EXPECT_TRUE(seen.insert(metric.name).second) << metric.name;
    EXPECT_EQ(metric.name.ends_with("_total"), metric.type == "counter") << metric.name;
    EXPECT_TRUE(metric.type != "histogram" || metric.name.ends_with("_seconds")) << metric.name;
    EXPECT_TRUE(metric.name.starts_with("antiphon_") || metric.name.starts_with("process_")) << metric.name;
    EXPECT_THAT(Text(), HasSubstr("# HELP " + metric.name + " "));
    EXPECT_THAT(Text(), HasSubstr("# TYPE " + metric.name + " " + metric.type + "\n"));
  }
}

}  // namespace
}  // namespace antiphon::telemetry
