// Archives of seeded estates in memory: exported while the estate runs and breaks, read without it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "services/archive/archived_span.h"
#include "services/files/output_file.h"
#include "services/orchestrator/rekeyed_records.h"
#include "tests/simulation/live_world.h"
#include "tests/support/memory_log/committed_reader.h"
#include "tests/support/temporary_directory.h"

namespace antiphon::simulation {
namespace {

using archive::Archive;
using archive::ArchivedSpan;
using memory_log::Fault;
using memory_log::Point;
using orchestrator::OutputKind;
using ::testing::HasSubstr;

constexpr int kTriesMax = 200;

// Again and again, while the estate goes on: an export that met a fault has left nothing.
archive::ExportReport ExportAtLast(LiveWorld& world, const std::filesystem::path& folder,
                                   LiveWorld::Meanwhile meanwhile = LiveWorld::Meanwhile::kRests) {
  std::string why;
  for (int i = 0; i < kTriesMax; ++i) {
    auto exported = world.Export(folder, meanwhile);
    if (exported) return *std::move(exported);
    why = exported.error().message;
    world.Run(1, true);
  }
  ADD_FAILURE() << "no export succeeds: " << why;
  return {};
}

Archive Open(const std::filesystem::path& folder) {
  auto opened = Archive::Open(folder);
  EXPECT_TRUE(opened.has_value()) << opened.error().message;
  return *std::move(opened);
}

// Verifies all spans one after the other; what differs or cannot be verified. `chained`: each goes on where the one before ended; else
// each is on its own.
std::string VerifyAll(const Archive& archive, runtime::Clock& clock, bool chained) {
  std::string differences;
  std::map<std::int32_t, std::map<std::string, std::int64_t, std::less<>>> cuts;
  for (std::size_t i = 0; i < archive.manifest().spans.size(); ++i) {
    if (!archive.manifest().spans[i].has_commits) continue;
    const auto span = ArchivedSpan::Open(archive, i, clock);
    if (!span) return differences + span.error().message;
    for (std::int32_t partition = 0; partition < LiveWorld::kPartitions; ++partition) {
      const auto verdict = (*span)->Verify(partition, nullptr, chained && cuts.contains(partition) ? &cuts[partition] : nullptr);
      if (!verdict) return differences + verdict.error().message;
      if (!verdict->equal) differences += verdict->difference + "\n";
      EXPECT_EQ(verdict->expired, 0U);
      cuts[partition] = verdict->cuts;
    }
  }
  return differences;
}

// The lines of a replay, by kind.
class KeptLines final : public archive::JudgedLines {
 public:
  Result<void> Put(const orchestrator::OutputLine& line) override {
    EXPECT_GE(line.time, last_);
    last_ = line.time;
    kept_[line.kind].emplace_back(line.line);
    return {};
  }
  Result<void> Finish() override { return {}; }
  [[nodiscard]] const std::string& difference() const override { return difference_; }
  [[nodiscard]] std::uint64_t lines() const override { return 0; }
  [[nodiscard]] std::vector<std::string>& Of(OutputKind kind) { return kept_[kind]; }

 private:
  EngineTime last_{};
  std::map<OutputKind, std::vector<std::string>> kept_;
  std::string difference_;
};

// What partitions wrote: a dead letter of the re-keyer is none of theirs.
std::vector<std::string> Written(LiveWorld& world, const std::string& topic, std::int32_t partition) {
  std::vector<std::string> values;
  for (const auto& one : memory_log::CommittedRecords(world.cluster(), {.topic = topic, .partition = partition})) {
    const bool of_rekeyer =
        std::ranges::any_of(one.record.headers, [](const auto& header) { return header.first == orchestrator::kSourceHeader; });
    if (!of_rekeyer) values.push_back(one.record.value.value_or(""));
  }
  return values;
}

// A replay from the snapshot before span `first` to the archive's end gives the last lines of each topic, all that came after that
// snapshot; from the beginning, all of them.
void ExpectReplaysTheEndOfEachTopic(LiveWorld& world, const Archive& archive, std::size_t first) {
  for (std::int32_t partition = 0; partition < LiveWorld::kPartitions; ++partition) {
    KeptLines kept;
    for (std::size_t i = first; i < archive.manifest().spans.size(); ++i) {
      auto span = ArchivedSpan::Open(archive, i, world.clock()).value();
      const auto verdict = span->Verify(partition, &kept, nullptr);
      ASSERT_TRUE(verdict.has_value()) << verdict.error().message;
      EXPECT_TRUE(verdict->equal) << verdict->difference;
    }
    const std::vector<std::pair<OutputKind, std::string>> topics{{OutputKind::kContacts, "antiphon.contacts"},
                                                                 {OutputKind::kDecisions, "antiphon.decisions"},
                                                                 {OutputKind::kOutbound, "antiphon.outbound.sms"},
                                                                 {OutputKind::kDeadLetter, "antiphon.dead-letters"}};
    for (const auto& [kind, topic] : topics) {
      const std::vector<std::string> written = Written(world, topic, partition);
      const std::vector<std::string>& lines = kept.Of(kind);
      ASSERT_LE(lines.size(), written.size()) << topic;
      EXPECT_EQ(lines, std::vector<std::string>(written.end() - static_cast<std::ptrdiff_t>(lines.size()), written.end())) << topic;
      if (first == 0) {
        EXPECT_EQ(lines.size(), written.size()) << topic;
      }
    }
  }
}

class ArchiveFaultsTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ArchiveFaultsTest, ExportsOfABreakingEstateReplayToTheByteWithoutIt) {
  const test::TemporaryDirectory folder;
  const std::filesystem::path at = folder.path() + "/archive";
  LiveWorld world(GetParam(), folder.path());
  memory_log::Faults& faults = world.faults();
  faults.knobs().fetch_records_max = 1 + static_cast<std::uint32_t>(world.Below(20));
  faults.knobs().markers_within = Milliseconds{static_cast<std::int64_t>(world.Below(500))};
  faults.Rate(Point::kCommit, Fault::kKill, 5);
  faults.Rate(Point::kEnd, Fault::kLost, 5);
  faults.Rate(Point::kEnd, Fault::kLate, 5);
  faults.Rate(Point::kEnd, Fault::kKill, 5);
  faults.Rate(Point::kAnswer, Fault::kKill, 10);
  faults.Rate(Point::kTake, Fault::kLate, 20);
  faults.Rate(Point::kStableEnds, Fault::kError, 20);
  faults.Rate(Point::kDirectory, Fault::kError, 10);
  faults.Rate(Point::kPoll, Fault::kError, 3);
  for (const char* node : {"n1", "n2"}) world.StartNode(node);
  for (int i = 0; i < 4; ++i) {
    world.Run(150 + static_cast<int>(world.Below(150)), true);
    ExportAtLast(world, at, LiveWorld::Meanwhile::kRunsOn);
  }
  ASSERT_TRUE(world.Settle());
  ExportAtLast(world, at);
  const Archive archive = Open(at);
  ASSERT_GE(archive.manifest().spans.size(), 4U);
  EXPECT_EQ(VerifyAll(archive, world.clock(), true), "");
  EXPECT_EQ(VerifyAll(archive, world.clock(), false), "");
  for (const std::size_t first : {std::size_t{0}, archive.manifest().spans.size() / 2})
    ExpectReplaysTheEndOfEachTopic(world, archive, first);

  // Nothing new: no span, nothing left behind.
  EXPECT_FALSE(ExportAtLast(world, at).span.has_value());
  for (const auto& entry : std::filesystem::directory_iterator(at)) {
    EXPECT_FALSE(entry.path().filename().string().starts_with(".draft")) << entry.path();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ArchiveFaultsTest, testing::Range<std::uint64_t>(1, 5));

// A quiet estate and its archive of three spans.
class ArchiveSimulationTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.StartNode("n1");
    for (int i = 0; i < 3; ++i) {
      world_.Run(400, true);
      ASSERT_TRUE(world_.Settle());
      ASSERT_TRUE(ExportAtLast(world_, At()).span.has_value());
    }
  }
  [[nodiscard]] std::filesystem::path At() const { return folder_.path() + "/archive"; }
  // Writes a segment again with one of its values changed, and the manifest that fits it: what a careful forger would do.
  void Forge(std::size_t span, const std::string& topic, std::int32_t partition, std::size_t record);

  const test::TemporaryDirectory folder_;
  LiveWorld world_{7, folder_.path()};
};

void ArchiveSimulationTest::Forge(std::size_t span, const std::string& topic, std::int32_t partition, std::size_t record) {
  const std::filesystem::path path = At() / archive::kManifestFile;
  archive::Manifest manifest = archive::DecodeManifest(files::ReadWholeFile(path).value(), "m").value();
  auto segment = std::ranges::find_if(manifest.spans[span].segments,
                                      [&](const auto& one) { return one.topic == topic && one.partition == partition; });
  const std::filesystem::path file = At() / manifest.spans[span].folder / segment->file;
  auto reader = archive::SegmentReader::Open(file).value();
  auto writer = archive::SegmentWriter::Create(file.string() + ".forged", topic, partition).value();
  for (std::size_t i = 0;; ++i) {
    auto read = reader.Next().value();
    if (!read) break;
    std::string value(read->value.value_or(""));
    if (i == record) value.replace(value.find("\"contact_id\":\"") + 15, 1, "~");
    read->value = value;
    ASSERT_TRUE(writer.Append(*read).has_value());
  }
  segment->figures = writer.Close().value();
  std::filesystem::rename(file.string() + ".forged", file);
  ASSERT_TRUE(files::WriteWholeFile(path, archive::EncodeManifest(manifest)).has_value());
}

TEST_F(ArchiveSimulationTest, AForgedLineIsTheFirstDifference) {
  Forge(1, "antiphon.contacts", 2, 3);
  const std::string said = VerifyAll(Open(At()), world_.clock(), true);
  EXPECT_THAT(said, HasSubstr("antiphon.contacts[2] at offset "));
  EXPECT_THAT(said, HasSubstr("the replay says"));
  EXPECT_THAT(said, HasSubstr("~"));
}

TEST_F(ArchiveSimulationTest, AFlippedByteIsNamedWithItsFile) {
  const Archive archive = Open(At());
  const std::filesystem::path file = archive.PathOf(archive.manifest().spans[1]) / archive.manifest().spans[1].SnapshotOf(1)->file;
  std::string bytes = files::ReadWholeFile(file).value();
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  ASSERT_TRUE(files::WriteWholeFile(file, bytes).has_value());
  EXPECT_THAT(VerifyAll(archive, world_.clock(), true), HasSubstr(file.string() + ": at byte "));
}

TEST_F(ArchiveSimulationTest, AChangedTopologyIsRefused) {
  const Archive archive = Open(At());
  const std::filesystem::path file = archive.TopologyOf(archive.manifest().spans[0].topologies[0]) / "topology.yaml";
  const std::string text = files::ReadWholeFile(file).value();
  ASSERT_TRUE(files::WriteWholeFile(file, text + "\n# changed\nlanguages: [en, de]\n").has_value());
  EXPECT_NE(VerifyAll(archive, world_.clock(), true), "");
}

TEST_F(ArchiveSimulationTest, DatesOutsideAreRefusedWithWhatThereIs) {
  const archive::Manifest manifest = Open(At()).manifest();
  const EngineTime begins = manifest.spans.front().begins;
  const EngineTime reaches = manifest.spans.back().Reaches();
  const auto early = archive::SpansOf(manifest, {.from = begins - Milliseconds{1}, .to = {}});
  ASSERT_FALSE(early.has_value());
  EXPECT_THAT(early.error().message, HasSubstr(FormatTime(begins)));
  EXPECT_FALSE(archive::SpansOf(manifest, {.from = reaches + Milliseconds{1}, .to = {}}).has_value());
  const auto late = archive::SpansOf(manifest, {.from = {}, .to = reaches + Milliseconds{2}});
  ASSERT_FALSE(late.has_value());
  EXPECT_THAT(late.error().message, HasSubstr(FormatTime(reaches)));

  // A date within is served from the latest snapshot before it.
  EXPECT_EQ(archive::SpansOf(manifest, {.from = begins, .to = {}})->first, 0U);
  EXPECT_EQ(archive::SpansOf(manifest, {.from = manifest.spans[1].begins, .to = {}})->first, 1U);
  EXPECT_EQ(archive::SpansOf(manifest, {.from = manifest.spans[1].begins - Milliseconds{1}, .to = {}})->first, 0U);
  EXPECT_EQ(archive::SpansOf(manifest, {.from = {}, .to = begins + Milliseconds{1}})->last, 0U);
  EXPECT_EQ(archive::SpansOf(manifest, {.from = {}, .to = reaches})->last, 2U);
}

TEST_F(ArchiveSimulationTest, WhatTheArchiveHasMayExpire) {
  const archive::SpanInfo last = Open(At()).manifest().spans.back();
  for (const archive::SegmentInfo& segment : last.segments) {
    if (segment.role != archive::kSnapshotRole && segment.topic != "antiphon.topologies")  // which is compacted
      world_.cluster().Trim({.topic = segment.topic, .partition = segment.partition}, segment.next);
  }
  world_.Run(300, true);
  ASSERT_TRUE(world_.Settle());
  const auto report = ExportAtLast(world_, At());
  EXPECT_TRUE(report.span.has_value());
  EXPECT_THAT(report.notes, ::testing::IsEmpty());
  EXPECT_EQ(VerifyAll(Open(At()), world_.clock(), true), "");
}

TEST_F(ArchiveSimulationTest, AGapIsRefusedAndANewArchiveBeginsWithASnapshot) {
  const std::size_t spans = Open(At()).manifest().spans.size();
  world_.Run(300, true);
  ASSERT_TRUE(world_.Settle());
  const memory_log::LogName journal{"antiphon.journal", 1};
  world_.cluster().Trim(journal, world_.cluster().Find(journal)->high_watermark() - 2);
  const auto refused = world_.Export(At());
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("have expired"));
  EXPECT_THAT(refused.error().message, HasSubstr("begin a new one"));
  EXPECT_EQ(Open(At()).manifest().spans.size(), spans);

  const std::filesystem::path fresh = folder_.path() + "/fresh";
  const auto begun = ExportAtLast(world_, fresh);
  ASSERT_TRUE(begun.span.has_value());
  EXPECT_FALSE(begun.span->has_commits);
  ASSERT_EQ(begun.notes.size(), 1U);
  EXPECT_THAT(begun.notes[0], HasSubstr("replays are possible from " + FormatTime(begun.span->begins)));
  EXPECT_FALSE(archive::SpansOf(Open(fresh).manifest(), {}).has_value());
  world_.Run(300, true);
  ASSERT_TRUE(world_.Settle());
  EXPECT_TRUE(ExportAtLast(world_, fresh).span->has_commits);
  EXPECT_EQ(VerifyAll(Open(fresh), world_.clock(), true), "");
  const auto early = archive::SpansOf(Open(fresh).manifest(), {.from = begun.span->begins - Milliseconds{1}, .to = {}});
  ASSERT_FALSE(early.has_value());
  EXPECT_THAT(early.error().message, HasSubstr("the earliest date that it has"));
}

TEST_F(ArchiveSimulationTest, AnotherRunsFolderIsRefused) {
  const std::filesystem::path path = At() / archive::kManifestFile;
  archive::Manifest manifest = archive::DecodeManifest(files::ReadWholeFile(path).value(), "m").value();
  manifest.group = "other";
  ASSERT_TRUE(files::WriteWholeFile(path, archive::EncodeManifest(manifest)).has_value());
  EXPECT_THAT(world_.Export(At()).error().message, HasSubstr("is the archive of group other"));
  std::filesystem::create_directories(folder_.path() + "/full/photos");
  EXPECT_THAT(world_.Export(folder_.path() + "/full").error().message, HasSubstr("is not empty and no archive"));
}

TEST_F(ArchiveSimulationTest, WhatAnExportThatDiedLeftIsRemoved) {
  world_.Run(100, true);
  ASSERT_TRUE(world_.Settle());
  std::filesystem::create_directories(At() / "span-000004" / "half");
  std::filesystem::create_directories(At() / ".draft-span-000004");
  ASSERT_TRUE(ExportAtLast(world_, At()).span.has_value());
  EXPECT_FALSE(std::filesystem::exists(At() / "span-000004" / "half"));
  EXPECT_EQ(VerifyAll(Open(At()), world_.clock(), true), "");
}

}  // namespace
}  // namespace antiphon::simulation
