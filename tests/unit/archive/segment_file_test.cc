#include "services/archive/segment_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace antiphon::archive {
namespace {

using ::testing::HasSubstr;

// A record that owns its bytes.
struct Kept {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
  friend bool operator==(const Kept&, const Kept&) = default;
};

runtime::LogRecord Lend(const Kept& kept) {
  runtime::LogRecord record;
  record.offset = kept.offset;
  record.timestamp = FromEpochMs(kept.timestamp);
  if (kept.key) record.key = *kept.key;
  if (kept.value) record.value = *kept.value;
  for (const auto& [name, value] : kept.headers) record.headers.push_back({.name = name, .value = value});
  return record;
}

Kept Keep(const runtime::LogRecord& record) {
  Kept kept{.offset = record.offset, .timestamp = ToEpochMs(record.timestamp), .key = {}, .value = {}, .headers = {}};
  if (record.key) kept.key = std::string(*record.key);
  if (record.value) kept.value = std::string(*record.value);
  for (const runtime::Header& header : record.headers) kept.headers.emplace_back(header.name, header.value);
  return kept;
}

class SegmentFileTest : public ::testing::Test {
 protected:
  SegmentFileTest() { std::filesystem::create_directories(folder_.path()); }

  [[nodiscard]] std::filesystem::path Path() const { return folder_.path() + "/a.seg"; }
  SegmentFigures Write(const std::vector<Kept>& records) const {
    std::filesystem::remove(Path());
    auto writer = SegmentWriter::Create(Path(), "bank.payments", 7).value();
    for (const Kept& record : records) EXPECT_TRUE(writer.Append(Lend(record)).has_value());
    return writer.Close().value();
  }
  // All records, or the message of the error.
  [[nodiscard]] std::string ReadAll(std::vector<Kept>& records, SegmentFigures* figures = nullptr) const {
    auto reader = SegmentReader::Open(Path());
    if (!reader) return reader.error().message;
    EXPECT_EQ(reader->topic(), "bank.payments");
    EXPECT_EQ(reader->partition(), 7);
    while (true) {
      auto record = reader->Next();
      if (!record) return record.error().message;
      if (!*record) break;
      records.push_back(Keep(**record));
    }
    if (figures != nullptr) *figures = reader->figures();
    return "";
  }
  [[nodiscard]] std::string ReadError() const {
    std::vector<Kept> ignored;
    return ReadAll(ignored);
  }
  [[nodiscard]] std::string Bytes() const { return files::ReadWholeFile(Path()).value(); }
  void Overwrite(std::string_view bytes) const { ASSERT_TRUE(files::WriteWholeFile(Path(), bytes).has_value()); }

  // Many blocks: a megabyte each, hardly to be packed.
  [[nodiscard]] static std::vector<Kept> Many() {
    std::vector<Kept> records;
    std::uint64_t random = 1;
    for (std::int64_t i = 0; i < 300; ++i) {
      std::string value;
      while (value.size() < 10'000) value += std::to_string(random = random * 6364136223846793005ULL + 1442695040888963407ULL);
      records.push_back(
          {.offset = 3 * i, .timestamp = 1'700'000'000'000 + i, .key = "C" + std::to_string(i), .value = value, .headers = {}});
    }
    return records;
  }

  const test::TemporaryDirectory folder_;
};

TEST_F(SegmentFileTest, RecordsComeBackAsTheyWere) {
  rc::check([this] {
    std::vector<Kept> records;
    std::int64_t offset = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000);
    for (int i = *rc::gen::inRange(0, 20); i > 0; --i) {
      const auto text = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
      Kept kept{.offset = offset, .timestamp = *rc::gen::arbitrary<std::int64_t>(), .key = {}, .value = {}, .headers = {}};
      if (*rc::gen::arbitrary<bool>()) kept.key = *text;
      if (*rc::gen::arbitrary<bool>()) kept.value = *text;
      for (int h = *rc::gen::inRange(0, 3); h > 0; --h) kept.headers.emplace_back(*text, *text);
      records.push_back(std::move(kept));
      offset += 1 + *rc::gen::inRange<std::int64_t>(0, 100);
    }
    const SegmentFigures written = Write(records);
    std::vector<Kept> read;
    SegmentFigures figures;
    RC_ASSERT(ReadAll(read, &figures).empty());
    RC_ASSERT(read == records);
    RC_ASSERT(figures == written);
    RC_ASSERT(figures.records == records.size());
    RC_ASSERT(figures.bytes == std::filesystem::file_size(Path()));
  });
}

TEST_F(SegmentFileTest, ManyBlocksComeBackInOrder) {
  const std::vector<Kept> records = Many();
  Write(records);
  std::vector<Kept> read;
  EXPECT_EQ(ReadAll(read), "");
  EXPECT_EQ(read, records);
}

TEST_F(SegmentFileTest, ATornFileIsSaidToBeTornWhereverItEnds) {
  Write(Many());
  const std::string whole = Bytes();
  for (const std::size_t size :
       {whole.size() - 1, whole.size() - 23, whole.size() - 24, whole.size() / 2, std::size_t{40}, std::size_t{12}, std::size_t{8}}) {
    Overwrite(whole.substr(0, size));
    EXPECT_THAT(ReadError(), HasSubstr("it is torn")) << size;
    EXPECT_THAT(ReadError(), HasSubstr(Path().string() + ": at byte ")) << size;
  }
  Overwrite(whole + "x");
  EXPECT_THAT(ReadError(), HasSubstr("something follows"));
}

TEST_F(SegmentFileTest, AnyFlippedBitIsFound) {
  Write({{.offset = 5, .timestamp = 1, .key = "C1", .value = "{\"amount\":1}", .headers = {{"h", "v"}}},
         {.offset = 6, .timestamp = 2, .key = "C2", .value = {}, .headers = {}}});
  const std::string whole = Bytes();
  for (std::size_t i = 0; i < whole.size() * 8; ++i) {
    std::string flipped = whole;
    flipped[i / 8] = static_cast<char>(static_cast<unsigned char>(flipped[i / 8]) ^ (1U << (i % 8)));
    Overwrite(flipped);
    EXPECT_THAT(ReadError(), HasSubstr(Path().string() + ": at byte ")) << "bit " << i;
  }
}

TEST_F(SegmentFileTest, AFlippedByteInALaterBlockIsNamedWithItsPlace) {
  Write(Many());
  std::string bytes = Bytes();
  bytes[bytes.size() - 1'000] = static_cast<char>(bytes[bytes.size() - 1'000] ^ 4);
  Overwrite(bytes);
  EXPECT_THAT(ReadError(), HasSubstr("a block does not have its checksum: the file was changed or damaged"));
}

TEST_F(SegmentFileTest, ANewerVersionIsRefusedAsSuch) {
  Write({});
  std::string bytes = Bytes();
  bytes[7] = 2;
  Overwrite(bytes);
  EXPECT_THAT(ReadError(), HasSubstr("the segment has version 2, this program reads up to 1; take a newer one"));
  bytes[7] = 0;
  Overwrite(bytes);
  EXPECT_THAT(ReadError(), HasSubstr("version 0, which never was"));
  Overwrite("PK\x03\x04 something else entirely");
  EXPECT_THAT(ReadError(), HasSubstr("this is no segment of an archive"));
  std::filesystem::remove(Path());
  EXPECT_THAT(ReadError(), HasSubstr("cannot be read"));
}

TEST_F(SegmentFileTest, ASegmentIsNeverWrittenOver) {
  Write({});
  EXPECT_FALSE(SegmentWriter::Create(Path(), "t", 0).has_value());
}

}  // namespace
}  // namespace antiphon::archive
