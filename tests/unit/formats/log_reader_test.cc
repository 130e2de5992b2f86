#include "services/formats/log_reader.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/formats/log_files.h"

namespace antiphon::formats {
namespace {

using Kind = LogLine::Kind;

struct Seen {
  std::string text;
  std::uint64_t offset = 0;
  std::uint64_t number = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};

// Reads all lines, with small blocks, and releases now and then.
std::vector<Seen> ReadLines(LogReader& reader) {
  std::vector<Seen> seen;
  for (LogLine line = reader.Next(); line.kind != Kind::kEnd; line = reader.Next()) {
    EXPECT_EQ(line.kind, Kind::kLine) << reader.broken();
    if (line.kind != Kind::kLine) break;
    seen.push_back({.text = std::string(line.text.text()), .offset = line.offset, .number = line.number});
    if (seen.size() % 7 == 0) reader.ReleaseAll();
  }
  return seen;
}

LogReader OpenSmall(const std::string& path, std::size_t line_max = 1000) {
  auto reader = LogReader::Open(path, {.line_bytes_max = line_max, .block_bytes = 64});
  EXPECT_TRUE(reader.has_value());
  return std::move(*reader);
}

// Oracle: the lines of a text, cut the slow way.
std::vector<Seen> LinesOf(const std::string& text) {
  std::vector<Seen> lines;
  std::size_t begin = 0;
  for (std::uint64_t number = 1; begin < text.size(); ++number) {
    std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    std::string line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.pop_back();
    if (line.find_first_not_of(" \t\r") != std::string::npos) lines.push_back({.text = line, .offset = begin, .number = number});
    begin = end + 1;
  }
  return lines;
}

std::string SomeText(std::uint64_t seed, std::size_t lines) {
  std::mt19937_64 random(seed);
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) {
    text.append(random() % 200, static_cast<char>('a' + random() % 26));
    if (random() % 4 == 0) text += '\r';
    if (i + 1 < lines || random() % 2 == 0) text += '\n';
  }
  return text;
}

TEST(LogReaderTest, AByteOrderMarkAtTheBeginningIsPassedOver) {
  const std::string mark = "\xEF\xBB\xBF";
  const auto lines = [](const std::string& text) {
    const TestFolder folder;
    LogReader reader = OpenSmall(folder.Write("log", text));
    return ReadLines(reader);
  };
  EXPECT_EQ(lines(mark + "{}\r\n" + mark + "x\n"), (std::vector<Seen>{{"{}", 0, 1}, {mark + "x", 7, 2}}));
  EXPECT_EQ(lines(mark + "\n{}"), (std::vector<Seen>{{"{}", 4, 2}}));
  EXPECT_EQ(lines(mark), std::vector<Seen>{});
  EXPECT_EQ(lines("\n" + mark + "{}"), (std::vector<Seen>{{mark + "{}", 1, 2}}));
}

TEST(LogReaderTest, GivesLinesWithTheirPlaces) {
  const TestFolder folder;
  LogReader reader = OpenSmall(folder.Write("a", "{1}\n\n{22}\r\n  \r\n{333}"));
  EXPECT_EQ(ReadLines(reader), (std::vector<Seen>{{"{1}", 0, 1}, {"{22}", 5, 3}, {"{333}", 15, 5}}));
  EXPECT_EQ(reader.bytes(), 20U);
}

TEST(LogReaderTest, AnEmptyFileHasNoLines) {
  const TestFolder folder;
  LogReader reader = OpenSmall(folder.Write("a", ""));
  EXPECT_EQ(reader.Next().kind, Kind::kEnd);
  EXPECT_EQ(reader.Next().kind, Kind::kEnd);
  EXPECT_EQ(reader.digest(), HashBytes128(""));
}

TEST(LogReaderTest, PropertyEveryFormGivesTheSameLinesAndDigest) {
  const TestFolder folder;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const std::string text = SomeText(seed, seed * 3);
    const std::size_t cut = text.size() / 2;
    const auto part = [&](std::size_t from, std::size_t to) { return std::string_view(text).substr(from, to - from); };
    for (const std::string& bytes : {text, Gzip(text), Zstd(text), Gzip(part(0, cut)) + Gzip(part(cut, text.size())),
                                     Zstd(part(0, cut)) + Zstd(part(cut, text.size())), Gzip(text) + std::string(512, '\0')}) {
      LogReader reader = OpenSmall(folder.Write("log", bytes));
      ASSERT_EQ(ReadLines(reader), LinesOf(text)) << seed;
      EXPECT_EQ(reader.digest(), HashBytes128(text));
      EXPECT_EQ(reader.bytes(), text.size());
      const auto content = ReadContent(folder.Path("log"));
      ASSERT_TRUE(content.has_value());
      EXPECT_EQ(content->digest, HashBytes128(text));
    }
  }
}

TEST(LogReaderTest, LinesStayUntilTheyAreReleased) {
  const TestFolder folder;
  const std::string text = SomeText(5, 300);
  LogReader reader = OpenSmall(folder.Write("a", text));
  std::vector<PaddedText> held;
  LogReader::Mark middle = 0;
  for (LogLine line = reader.Next(); line.kind == Kind::kLine; line = reader.Next()) {
    held.push_back(line.text);
    if (held.size() == 100) middle = reader.MarkHere();
    if (held.size() == 200) reader.Release(middle);  // the lines after the mark stay
  }
  const std::vector<Seen> expected = LinesOf(text);
  ASSERT_EQ(held.size(), expected.size());
  for (std::size_t i = 100; i < held.size(); ++i) EXPECT_EQ(held[i].text(), expected[i].text) << i;
}

TEST(LogReaderTest, PaddingIsReadable) {
  const TestFolder folder;
  LogReader reader = OpenSmall(folder.Write("a", std::string(64, 'x')));
  const LogLine line = reader.Next();
  unsigned sum = 0;
  for (std::size_t i = 0; i < kTextPadding; ++i) sum += static_cast<unsigned char>(line.text.text().data()[line.text.size() + i]);
  EXPECT_GE(sum, 0U);
}

TEST(LogReaderTest, ALineThatIsTooLongIsToldAndPassed) {
  const TestFolder folder;
  for (const std::size_t length : {1001U, 1002U, 5'000U, 300'000U}) {
    const std::string text = "one\n" + std::string(length, 'x') + "\ntwo\n" + std::string(length, 'y');
    LogReader reader = OpenSmall(folder.Write("a", text));
    EXPECT_EQ(reader.Next().text.text(), "one");
    const LogLine line = reader.Next();
    EXPECT_EQ(line.kind, Kind::kTooLong);
    EXPECT_EQ(line.offset, 4U);
    EXPECT_TRUE(line.text.text().starts_with("xxxx"));
    const LogLine next = reader.Next();
    EXPECT_EQ(next.text.text(), "two");
    EXPECT_EQ(next.offset, 5 + length);
    EXPECT_EQ(next.number, 3U);
    EXPECT_EQ(reader.Next().kind, Kind::kTooLong);
    EXPECT_EQ(reader.Next().kind, Kind::kEnd);
    EXPECT_EQ(reader.digest(), HashBytes128(text));
  }
  LogReader reader = OpenSmall(folder.Write("b", std::string(1000, 'x') + "\n" + std::string(1000, 'y')));
  EXPECT_EQ(reader.Next().kind, Kind::kLine);
  EXPECT_EQ(reader.Next().kind, Kind::kLine);
}

TEST(LogReaderTest, ACutOffArchiveGivesWhatItHeldAndSaysSo) {
  const TestFolder folder;
  std::mt19937_64 random(9);
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "{\"n\":" + std::to_string(random()) + "}\n";
  for (const std::string& whole : {Gzip(text), Zstd(text)}) {
    LogReader reader = OpenSmall(folder.Write("a", std::string_view(whole).substr(0, whole.size() * 2 / 3)));
    std::string read;
    LogLine line = reader.Next();
    for (; line.kind == Kind::kLine; line = reader.Next()) {
      read.append(line.text.text()).append("\n");
      reader.ReleaseAll();
    }
    EXPECT_EQ(line.kind, Kind::kBroken);
    EXPECT_NE(reader.broken().find("cut off"), std::string::npos) << reader.broken();
    EXPECT_EQ(reader.Next().kind, Kind::kEnd);
    EXPECT_GT(read.size(), text.size() / 3);
    read.pop_back();
    EXPECT_TRUE(text.starts_with(read));
    EXPECT_FALSE(ReadContent(folder.Path("a")).has_value());
  }
}

TEST(LogReaderTest, ADamagedArchiveSaysSo) {
  const TestFolder folder;
  const std::string text = SomeText(3, 2'000);
  for (std::string bytes : {Gzip(text), Zstd(text), Gzip(text) + "garbage"}) {
    if (!bytes.ends_with("garbage")) bytes.replace(bytes.size() / 2, 4, "\x55\xAA\x55\xAA");
    LogReader reader = OpenSmall(folder.Write("a", bytes));
    LogLine line = reader.Next();
    while (line.kind == Kind::kLine || line.kind == Kind::kTooLong) line = reader.Next();
    EXPECT_EQ(line.kind, Kind::kBroken);
    EXPECT_FALSE(reader.broken().empty());
  }
}

TEST(LogReaderTest, AMissingFileStopsTheProcess) {
  const auto reader = LogReader::Open("no/such/file");
  ASSERT_FALSE(reader.has_value());
  EXPECT_EQ(reader.error().recovery, Recovery::kStopProcess);
  EXPECT_FALSE(LogReader::Open("/").has_value());
}

TEST(LogReaderTest, SkipToGoesOnAtALine) {
  const TestFolder folder;
  const std::string text = SomeText(11, 200);
  const std::vector<Seen> all = LinesOf(text);
  const std::string path = folder.Write("a", Zstd(text));
  for (const std::size_t from : {std::size_t{0}, std::size_t{1}, std::size_t{50}, all.size() - 1}) {
    LogReader reader = OpenSmall(path);
    ASSERT_TRUE(reader.SkipTo(all[from].offset).has_value());
    EXPECT_EQ(ReadLines(reader), std::vector<Seen>(all.begin() + static_cast<std::ptrdiff_t>(from), all.end()));
    EXPECT_EQ(reader.digest(), HashBytes128(text));
  }
  LogReader at_end = OpenSmall(path);
  ASSERT_TRUE(at_end.SkipTo(text.size()).has_value());
  EXPECT_EQ(at_end.Next().kind, Kind::kEnd);
  LogReader beyond = OpenSmall(path);
  EXPECT_FALSE(beyond.SkipTo(text.size() + 1).has_value());
  LogReader within = OpenSmall(path);
  EXPECT_FALSE(within.SkipTo(all[50].offset + 1).has_value());
}

}  // namespace
}  // namespace antiphon::formats
