#include "services/formats/live_records.h"

#include <gtest/gtest.h>

#include <string>

namespace antiphon::formats {
namespace {

LiveCommit ACommit() {
  return {.partition = 3,
          .sequence = 7,
          .settings = {.partitions = 16,
                       .semantics_version = 2,
                       .topology_version = {.high = 1, .low = 2},
                       .wall_clock = true,
                       .ahead = Milliseconds{3'600'000},
                       .fresh = Milliseconds{10'000}},
          .node = "n1",
          .generation = 5,
          .topics = {"bank.events", "antiphon.control"},
          .entries = {JournalFloor{FromEpochMs(-5)}, JournalRange{.source = 0, .partition = 3, .from = 10, .to = 12, .records = 2},
                      JournalRecord{.source = 1, .offset = 4, .bytes = std::string("\0{", 2)}, JournalTick{FromEpochMs(1'000)},
                      JournalActivation{.version = {.high = 5, .low = 6}, .refused = {}},
                      JournalActivation{.version = {.high = 7, .low = 8}, .refused = "why"}}};
}

TEST(LiveRecordsTest, ACommitComesBack) { EXPECT_EQ(DecodeLiveCommit(EncodeLiveCommit(ACommit())).value(), ACommit()); }

TEST(LiveRecordsTest, AnEntryOfASourceThatIsNotThereIsRefused) {
  LiveCommit commit = ACommit();
  commit.topics.pop_back();
  const auto decoded = DecodeLiveCommit(EncodeLiveCommit(commit));
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().recovery, Recovery::kStopProcess);
}

TEST(LiveRecordsTest, ABackwardRangeIsRefused) {
  LiveCommit commit = ACommit();
  commit.entries = {JournalRange{.source = 0, .partition = 3, .from = 12, .to = 10}};
  EXPECT_FALSE(DecodeLiveCommit(EncodeLiveCommit(commit)).has_value());
}

TEST(LiveRecordsTest, AMetaComesBack) {
  const PartitionMeta meta{.sequence = 9,
                           .positions = {{.topic = "bank.events", .partition = 3, .next = 12}, {.topic = "antiphon.control", .next = 5}},
                           .partition_state = std::string("\1\0", 2),
                           .floor = FromEpochMs(1'700'000'000'000),
                           .topology_version = {.high = 3, .low = 4},
                           .semantics_version = 1,
                           .node = "n2",
                           .generation = 8};
  EXPECT_EQ(DecodePartitionMeta(EncodePartitionMeta(meta)).value(), meta);
}

TEST(LiveRecordsTest, BytesThatAreNoRecordAreErrors) {
  EXPECT_FALSE(DecodeLiveCommit("\xff\xff").has_value());
  EXPECT_FALSE(DecodePartitionMeta("\xff\xff").has_value());
}

}  // namespace
}  // namespace antiphon::formats
