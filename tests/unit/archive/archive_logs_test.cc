#include "services/archive/archive_logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <string>

#include "services/archive/log_cursor.h"
#include "services/files/output_file.h"
#include "tests/support/temporary_directory.h"

namespace antiphon::archive {
namespace {

using runtime::LogId;
using runtime::LogPosition;
using ::testing::HasSubstr;

constexpr LogId kInput{.topic = 0, .partition = 0};
constexpr LogId kState{.topic = 1, .partition = 0};

// An archive of one span: offsets 10, 12 and 13 of an input that ends at 20, and a snapshot of two rows.
class ArchiveLogsTest : public ::testing::Test {
 protected:
  ArchiveLogsTest() {
    std::filesystem::create_directories(Folder() / "span-000001");
    SpanInfo span{.number = 1, .folder = "span-000001", .topologies = {}, .partitions = {{}}, .segments = {}};
    span.segments.push_back(
        Write({.file = "i.seg", .role = "input", .topic = "input", .begin = 10, .next = 20, .end = 20, .figures = {}}, {10, 12, 13}));
    span.segments.push_back(
        Write({.file = "s.seg", .role = std::string(kSnapshotRole), .topic = "state", .next = 2, .end = 2, .figures = {}}, {0, 1}));
    const Manifest manifest{.group = "g", .prefix = "p.", .spans = {span}};
    EXPECT_TRUE(files::WriteWholeFile(Folder() / kManifestFile, EncodeManifest(manifest)).has_value());
    archive_.emplace(Archive::Open(Folder()).value());
    logs_.emplace(*archive_, archive_->manifest().spans[0], std::vector<std::string>{"input", "state"}, 1);
    source_.emplace(*logs_);
    directory_.emplace(*logs_);
  }

  [[nodiscard]] std::filesystem::path Folder() const { return folder_.path(); }
  [[nodiscard]] SegmentInfo Write(SegmentInfo info, const std::vector<std::int64_t>& offsets) const {
    auto writer = SegmentWriter::Create(Folder() / "span-000001" / info.file, info.topic, 0).value();
    for (const std::int64_t offset : offsets) {
      const std::string value = "v" + std::to_string(offset);
      runtime::LogRecord record;
      record.offset = offset;
      record.key = "k";
      record.value = value;
      EXPECT_TRUE(writer.Append(record).has_value());
    }
    info.figures = writer.Close().value();
    return info;
  }
  Result<void> Assign(LogId log, std::int64_t next) {
    const std::array<LogPosition, 1> from{{{.log = log, .next = next}}};
    return source_->Assign(from);
  }

  const test::TemporaryDirectory folder_;
  std::optional<Archive> archive_;
  std::optional<SpanLogs> logs_;
  std::optional<ArchiveSource> source_;
  std::optional<ArchiveDirectory> directory_;
};

TEST_F(ArchiveLogsTest, GivesTheRecordsFromThePositionOnAndThenTheEnd) {
  ASSERT_TRUE(Assign(kInput, 11).has_value());
  EXPECT_EQ(source_->Take(kInput).value()->offset, 12);
  EXPECT_EQ(source_->Position(kInput), 13);
  EXPECT_EQ(source_->Take(kInput).value()->value, "v13");
  EXPECT_FALSE(source_->Take(kInput).value().has_value());
  EXPECT_EQ(source_->Position(kInput), 20);
  // Whoever wants more is told at once: nothing can come.
  const auto more = source_->Take(kInput);
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().recovery, Recovery::kStopProcess);
  EXPECT_THAT(more.error().message, HasSubstr("i.seg: has no more records"));
}

TEST_F(ArchiveLogsTest, LogsAreReadSideBySideAndAgainAfterLettingGo) {
  ASSERT_TRUE(Assign(kInput, 10).has_value());
  ASSERT_TRUE(Assign(kState, 0).has_value());
  EXPECT_EQ(source_->Take(kState).value()->value, "v0");
  EXPECT_EQ(source_->Take(kInput).value()->value, "v10");
  EXPECT_EQ(source_->Take(kState).value()->value, "v1");
  const std::array<LogId, 1> input{kInput};
  source_->Unassign(input);
  ASSERT_TRUE(Assign(kInput, 10).has_value());
  EXPECT_EQ(source_->Take(kInput).value()->value, "v10");
}

TEST_F(ArchiveLogsTest, EdgesAreTheManifests) {
  const std::array<LogId, 2> logs{kInput, kState};
  EXPECT_EQ(directory_->Starts(logs).value(), (std::vector<std::int64_t>{10, 0}));
  EXPECT_EQ(directory_->HighWatermarks(logs).value(), (std::vector<std::int64_t>{20, 2}));
  EXPECT_EQ(source_->StableEnds(logs).value(), (std::vector<std::int64_t>{20, 2}));
  EXPECT_EQ(directory_->Committed(logs).value(), (std::vector<std::optional<std::int64_t>>(2)));
  EXPECT_EQ(directory_->Describe("input").value()->partitions, 1);
  EXPECT_FALSE(directory_->Describe("other").value().has_value());
  EXPECT_FALSE(directory_->Create("input", {}).has_value());
}

TEST_F(ArchiveLogsTest, WhatItDoesNotHaveIsAnErrorWithItsName) {
  EXPECT_THAT(Assign({.topic = 0, .partition = 3}, 0).error().message, HasSubstr("it has nothing of input[3]"));
  EXPECT_THAT(Assign(kInput, 9).error().message, HasSubstr("begins at offset 10, not at 9"));
  std::filesystem::rename(Folder() / "span-000001" / "s.seg", Folder() / "span-000001" / "i.seg");
  EXPECT_THAT(Assign(kInput, 10).error().message, HasSubstr("is of state[0], the manifest says input[0]"));
  EXPECT_THAT(archive_->CheckSegments(archive_->manifest().spans[0]).error().message, HasSubstr("not the one that the manifest names"));
}

TEST_F(ArchiveLogsTest, ACursorReadsItWithoutWaiting) {
  runtime::VirtualClock clock{EngineTime{}};
  const std::array<LogCursor::Begin, 2> begins{{{.log = kInput, .to = 13}, {.log = kState, .from = 2}}};
  auto cursors = LogCursor::OpenAll(*source_, *directory_, clock, begins).value();
  EXPECT_EQ(cursors[0].Next().value()->offset, 10);
  EXPECT_EQ(cursors[0].Next().value()->offset, 12);
  EXPECT_FALSE(cursors[0].Next().value().has_value());
  EXPECT_FALSE(cursors[1].Next().value().has_value());
}

}  // namespace
}  // namespace antiphon::archive
