#include "services/archive/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace antiphon::archive {
namespace {

using ::testing::HasSubstr;

EngineTime At(std::string_view text) { return ParseTime(text).value(); }

SpanInfo Span(std::uint64_t number, std::uint64_t first, std::uint64_t last, std::string_view begins, std::string_view reaches) {
  SpanInfo span;
  span.number = number;
  span.folder = "span-00000" + std::to_string(number);
  span.made = At("2026-03-01T12:00:00Z");
  span.begins = At(begins);
  span.topologies = {Hash128{.high = 1, .low = 2}};
  span.partitions = {{.first = first, .last = last, .customers = 3, .clock = At(reaches), .topology = {.high = 1, .low = 2}}};
  span.segments = {{.file = "snapshot.antiphon.state-0.seg", .role = std::string(kSnapshotRole), .topic = "antiphon.state", .figures = {}},
                   {.file = "contacts.antiphon.contacts-0.seg",
                    .role = "contacts",
                    .topic = "antiphon.contacts",
                    .begin = 4,
                    .next = 5,
                    .end = 9,
                    .expired = number == 1,
                    .figures = {.records = 3, .bytes = 100, .digest = {.high = 7, .low = 8}}}};
  return span;
}

Manifest Sample() {
  Manifest manifest{.group = "g", .prefix = "antiphon.", .spans = {}};
  manifest.spans.push_back(Span(1, 1, 10, "2026-03-01T09:00:00Z", "2026-03-01T22:00:00Z"));
  manifest.spans.push_back(Span(2, 11, 20, "2026-03-01T22:00:00.001Z", "2026-03-02T22:00:00Z"));
  return manifest;
}

std::string Changed(const std::string& from, const std::string& to) {
  std::string text = EncodeManifest(Sample());
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

std::string ErrorOf(const std::string& text) {
  const auto decoded = DecodeManifest(text, "m.json");
  return decoded ? "" : decoded.error().message;
}

TEST(ManifestTest, ComesBackAsItWas) {
  const auto decoded = DecodeManifest(EncodeManifest(Sample()), "m.json");
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(*decoded, Sample());
}

TEST(ManifestTest, WhatIsNoManifestIsAnError) {
  EXPECT_THAT(ErrorOf("{"), HasSubstr("m.json: "));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("m.json: "));
  EXPECT_THAT(ErrorOf(Changed("\"antiphon_archive\": 1", "\"antiphon_archive\": 2")),
              HasSubstr("the archive has version 2, this program reads up to 1; take a newer one"));
  EXPECT_THAT(ErrorOf(Changed("contacts.antiphon.contacts-0.seg", "../../etc/passwd")), HasSubstr("leads out of the archive"));
  EXPECT_THAT(ErrorOf(Changed("span-000001", "/span-000001")), HasSubstr("leads out of the archive"));
  EXPECT_THAT(ErrorOf(Changed("\"first_commit\": 11", "\"first_commit\": 12")), HasSubstr("does not go on where the span before ended"));
  EXPECT_THAT(ErrorOf(Changed("\"role\": \"snapshot\"", "\"role\": \"other\"")), HasSubstr("a partition without a snapshot"));
  EXPECT_THAT(ErrorOf(Changed("\"begin\": 4", "\"begin\": 8")), HasSubstr("no offsets"));
  EXPECT_THAT(ErrorOf(Changed("2026-03-01T09:00:00.000Z", "yesterday")), HasSubstr("no time: yesterday"));
}

TEST(ManifestTest, AnArchiveOfASnapshotAloneSaysFromWhenOn) {
  Manifest manifest = Sample();
  manifest.spans.resize(1);
  manifest.spans[0].has_commits = false;
  const auto range = SpansOf(manifest, {});
  ASSERT_FALSE(range.has_value());
  EXPECT_THAT(range.error().message, HasSubstr("2026-03-01T22:00:00.000Z"));
}

TEST(ManifestTest, APartitionThatLagsKeepsALaterSpan) {
  Manifest manifest = Sample();
  const Stretch stretch{.from = {}, .to = At("2026-03-01T20:00:00Z")};
  EXPECT_EQ(SpansOf(manifest, stretch)->last, 0U);
  manifest.spans[0].partitions[0].clock = At("2026-03-01T19:00:00Z");
  EXPECT_EQ(SpansOf(manifest, stretch)->last, 1U);
}

}  // namespace
}  // namespace antiphon::archive
