#include "services/replay/summary.h"

#include <gtest/gtest.h>

#include <numeric>

#include "services/replay/resume_point.h"

namespace antiphon::replay {
namespace {

TEST(SummaryTest, DecilesAreOfAllCustomersAndBeginWithTheMostContacted) {
  Totals totals;
  for (int i = 1; i <= 10; ++i) totals.reached["C" + std::to_string(i)] = static_cast<std::uint32_t>(i);
  const auto deciles = ContactsByDecile(totals, 20);  // ten of twenty: two a decile
  EXPECT_EQ(deciles, (std::array<std::uint64_t, 10>{19, 15, 11, 7, 3, 0, 0, 0, 0, 0}));
}

TEST(SummaryTest, FewCustomersFillTheFirstDeciles) {
  Totals totals;
  totals.reached["C1"] = 3;
  const auto deciles = ContactsByDecile(totals, 1);
  EXPECT_EQ(deciles[0], 3U);
  EXPECT_EQ(std::accumulate(deciles.begin(), deciles.end(), std::uint64_t{0}), 3U);
  EXPECT_EQ(ContactsByDecile({}, 0), (std::array<std::uint64_t, 10>{}));
}

TEST(SummaryTest, AContactIsSaidOnce) {
  using state::ContactStatus;
  EXPECT_TRUE(BecomesSaid(ContactStatus::kPlanned, ContactStatus::kSent));
  EXPECT_TRUE(BecomesSaid(ContactStatus::kProposed, ContactStatus::kDeclined));  // a response implies presented
  EXPECT_FALSE(BecomesSaid(ContactStatus::kSent, ContactStatus::kDelivered));
  EXPECT_FALSE(BecomesSaid(ContactStatus::kNone, ContactStatus::kPlanned));
  EXPECT_FALSE(BecomesSaid(ContactStatus::kNone, ContactStatus::kWithheld));
}

TEST(SummaryTest, TheTextTellsDecisionsByTheirCauseSoThatThoseTakenAgainAreSeen) {
  Summary summary;
  summary.totals.decisions_by_cause[static_cast<std::size_t>(decision::CauseKind::kMoment)] = 7;
  summary.totals.decisions_by_cause[static_cast<std::size_t>(decision::CauseKind::kDue)] = 3;
  const std::string text = SummaryAsText(summary);
  EXPECT_NE(text.find("\n  decisions by cause: moment 7, due 3\n"), std::string::npos) << text;
  EXPECT_EQ(SummaryAsText({}).find("by cause"), std::string::npos);
}

TEST(ResumePointTest, WhatIsWrittenIsRead) {
  ResumePoint point;
  point.semantics_version = 1;
  point.topology = "topologies/x";
  point.topology_version = {.high = UINT64_MAX, .low = 7};
  point.logs = {"a.jsonl", "-"};
  point.store = "memory";
  point.partitions = 16;
  point.until = "2026-03-01T00:00:00.000Z";
  point.clock = FromEpochMs(1234567);
  point.read.lines = 9;
  point.read.last_hash = UINT64_MAX;
  point.read.events_by_type = {1, 2};
  point.read.skipped["x.y"] = 3;
  point.read.dead_letters["not_json"] = 4;
  point.tasks = {.events = 1, .duplicates = 2, .timers = 3, .controls = 4};
  point.totals.files[1] = {.lines = 5, .sum = {.high = 6, .low = UINT64_MAX}};
  point.totals.closings[{decision::Stage::kCap, "weekly"}] = 8;
  point.totals.said[{"sms", "2026-03-01"}] = 9;
  point.totals.funnel["card"][3] = 2;
  point.totals.reached["C1"] = 2;
  point.totals.failures[{.owner = "offer card, value", .expression = "1 / features.x", .kind = "division_by_zero"}] = 3;
  point.record_bytes = {1, 2, 3};
  point.held.push_back({.partition = 3, .time = FromEpochMs(77), .file = RecordFile::kContacts, .text = "{\"a\":\"\xC3\xA9\"}\n"});
  const auto read = ParseResumePoint(ResumePointAsJson(point));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(ResumePointAsJson(*read), ResumePointAsJson(point));
  EXPECT_EQ(read->held, point.held);
  EXPECT_EQ(read->totals.files, point.totals.files);
  EXPECT_EQ(read->totals.closings, point.totals.closings);
  EXPECT_EQ(read->totals.failures, point.totals.failures);
}

TEST(ResumePointTest, DamagedBytesAreAnErrorWithARemedy) {
  for (const char* bytes : {"", "{", "[]", "{\"version\":1}", "{\"version\":2}", "{\"version\":\"x\"}"}) {
    const auto read = ParseResumePoint(bytes);
    ASSERT_FALSE(read.has_value()) << bytes;
    EXPECT_NE(read.error().message.find("--force"), std::string::npos) << bytes;
  }
}

}  // namespace
}  // namespace antiphon::replay
