#include "services/formats/merged_log.h"

#include <algorithm>
#include <charconv>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/formats/log_files.h"

namespace antiphon::formats {
namespace {

// Lines are "<ms> name"; anything else has no time.
std::optional<EngineTime> TimeOf(PaddedText line) {
  const std::string_view text = line.text();
  std::int64_t ms = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (result.ec != std::errc{}) return std::nullopt;
  return FromEpochMs(ms);
}

MergedLog OpenAll(const std::vector<std::string>& paths) {
  auto log = MergedLog::Open(paths, {.line_bytes_max = 1000, .block_bytes = 64}, TimeOf);
  EXPECT_TRUE(log.has_value());
  return std::move(*log);
}

std::vector<std::string> Order(MergedLog& log) {
  std::vector<std::string> order;
  for (auto line = log.Next(); line.line.kind != LogLine::Kind::kEnd; line = log.Next()) {
    order.push_back(std::to_string(line.file) + ":" + std::string(line.line.text.text()));
    if (order.size() % 5 == 0) log.ReleaseAll();
  }
  return order;
}

TEST(MergedLogTest, MergesByTimeAndTiesByArgument) {
  const TestFolder folder;
  MergedLog log = OpenAll({folder.Write("a", "10 x\n20 x\n30 x\n"), folder.Write("b", "10 y\n15 y\n30 y\n"), folder.Write("c", "")});
  EXPECT_EQ(Order(log), (std::vector<std::string>{"0:10 x", "1:10 y", "1:15 y", "0:20 x", "0:30 x", "1:30 y"}));
}

TEST(MergedLogTest, AFileKeepsItsOwnOrder) {
  const TestFolder folder;
  MergedLog log = OpenAll({folder.Write("a", "10 x\n50 x\n20 late\nno time\n60 x\n"), folder.Write("b", "first\n40 y\n50 y\n55 y\n")});
  EXPECT_EQ(Order(log),
            (std::vector<std::string>{"1:first", "0:10 x", "1:40 y", "0:50 x", "0:20 late", "0:no time", "1:50 y", "1:55 y", "0:60 x"}));
}

TEST(MergedLogTest, OneFileIsNotLookedAt) {
  const TestFolder folder;
  auto log = MergedLog::Open({folder.Write("a", "20\n10\n")}, {}, [](PaddedText) -> std::optional<EngineTime> {
    ADD_FAILURE();
    return std::nullopt;
  });
  ASSERT_TRUE(log.has_value());
  EXPECT_EQ(Order(*log), (std::vector<std::string>{"0:20", "0:10"}));
}

TEST(MergedLogTest, PropertyIsAStableSortByRunningMaximum) {
  const TestFolder folder;
  std::mt19937_64 random(4);
  for (int round = 0; round < 50; ++round) {
    struct Entry {
      std::int64_t key;
      std::string text;
    };
    std::vector<Entry> entries;
    std::vector<std::string> paths;
    for (std::size_t file = 0; file < 1 + random() % 4; ++file) {
      std::string text;
      std::int64_t time = 0;
      std::int64_t newest = -1;
      for (std::size_t i = 0; i < random() % 60; ++i) {
        time += static_cast<std::int64_t>(random() % 9) - 2;
        if (time < 0) time = 0;
        newest = std::max(newest, time);
        const std::string line = std::to_string(time) + " " + std::to_string(i);
        text += line + "\n";
        entries.push_back({.key = newest, .text = std::to_string(file) + ":" + line});
      }
      paths.push_back(folder.Write("f" + std::to_string(file), text));
    }
    std::ranges::stable_sort(entries, {}, &Entry::key);
    std::vector<std::string> expected;
    if (paths.size() == 1) continue;
    expected.reserve(entries.size());
    for (const Entry& entry : entries) expected.push_back(entry.text);
    MergedLog log = OpenAll(paths);
    ASSERT_EQ(Order(log), expected);
  }
}

TEST(MergedLogTest, AHeadThatWaitsOutlivesARelease) {
  const TestFolder folder;
  std::string many;
  for (int i = 0; i < 500; ++i) many += std::to_string(i) + " filler filler filler\n";
  MergedLog log = OpenAll({folder.Write("a", "1000 the last one\n"), folder.Write("b", many)});
  std::string last;
  for (auto line = log.Next(); line.line.kind == LogLine::Kind::kLine; line = log.Next()) {
    last = std::string(line.line.text.text());
    log.ReleaseAll();
  }
  EXPECT_EQ(last, "1000 the last one");
}

TEST(MergedLogTest, ResumesEachFileAtItsOffset) {
  const TestFolder folder;
  MergedLog log = OpenAll({folder.Write("a", "10 x\n20 x\n"), folder.Write("b", "15 y\n30 y\n")});
  ASSERT_TRUE(log.SkipTo({5, 5}).has_value());
  EXPECT_EQ(Order(log), (std::vector<std::string>{"0:20 x", "1:30 y"}));
}

TEST(MergedLogTest, ABrokenFileIsToldOnceAndTheOthersGoOn) {
  const TestFolder folder;
  const std::string whole = Gzip("10 x\n20 x\n");
  MergedLog log = OpenAll({folder.Write("a", std::string_view(whole).substr(0, whole.size() - 4)), folder.Write("b", "15 y\n30 y\n")});
  int broken = 0;
  int lines = 0;
  for (auto line = log.Next(); line.line.kind != LogLine::Kind::kEnd; line = log.Next()) {
    ++(line.line.kind == LogLine::Kind::kBroken ? broken : lines);
  }
  EXPECT_EQ(broken, 1);
  EXPECT_EQ(lines, 4);
}

}  // namespace
}  // namespace antiphon::formats
