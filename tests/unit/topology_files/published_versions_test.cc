#include "services/topology_files/published_versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/topology_files/published_version.h"

namespace antiphon::topology_files {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;

constexpr std::uint32_t kSemantics = 2;

LoadedVersion RetailBank() { return LoadVersionFolder(ANTIPHON_TOPOLOGIES "/retail-bank", kSemantics).value(); }

TEST(PublishedVersionTest, ComesOutOfItsRecordAsItWas) {
  LoadedVersion loaded = RetailBank();
  loaded.record.allowed_drops = {"feature/x", "offer/y"};
  const PublishedVersion read = DecodeVersion(EncodeVersion(loaded.record)).value();
  EXPECT_EQ(read, loaded.record);
  EXPECT_EQ(CompileVersion(read, kSemantics).value()->version, loaded.topology->version);
}

TEST(PublishedVersionTest, HoldsWhatTheLoaderReadAndNothingElse) {
  const LoadedVersion loaded = RetailBank();
  EXPECT_THAT(loaded.record.files, Contains(Key("topology.yaml")));
  for (const auto& [path, content] : loaded.record.files) EXPECT_THAT(path, Not(HasSubstr("README"))) << path;
}

TEST(PublishedVersionTest, WhatThisProgramCannotRunIsRefusedWithTheReason) {
  PublishedVersion newer = RetailBank().record;
  newer.semantics_version = kSemantics + 1;
  EXPECT_THAT(CompileVersion(newer, kSemantics).error().message, HasSubstr("newer Antiphon"));
  PublishedVersion other = RetailBank().record;
  other.version.low ^= 1;
  EXPECT_THAT(CompileVersion(other, kSemantics).error().message, HasSubstr("time zone data base"));
  PublishedVersion broken = RetailBank().record;
  broken.files["topology.yaml"] += "\nnonsense_of_a_newer_version: 1\n";
  EXPECT_THAT(CompileVersion(broken, kSemantics).error().message, HasSubstr("nonsense_of_a_newer_version"));
  EXPECT_FALSE(DecodeVersion("\xff\xff").has_value());
}

Hash128 Version(std::uint64_t number) { return {.high = 1, .low = number}; }

class PublishedVersionsTest : public ::testing::Test {
 protected:
  std::optional<std::string> Take(std::int64_t offset, std::uint64_t number, std::set<std::string> drops = {}) {
    const PublishedVersion record{
        .name = "x", .version = Version(number), .semantics_version = 1, .files = {}, .allowed_drops = std::move(drops)};
    return versions_.Take(offset, ToHex(record.version), EncodeVersion(record));
  }
  [[nodiscard]] Hash128 Newest() const { return versions_.Newest()->record->version; }

  PublishedVersions versions_;
};

TEST_F(PublishedVersionsTest, TheLastRecordIsTheNewestAlsoIfItsVersionWasThereBefore) {
  EXPECT_EQ(versions_.Newest(), nullptr);
  EXPECT_FALSE(Take(3, 1));
  EXPECT_FALSE(Take(5, 2));
  EXPECT_EQ(Newest(), Version(2));
  EXPECT_FALSE(Take(9, 1));
  EXPECT_EQ(Newest(), Version(1));
  EXPECT_EQ(versions_.Find(Version(1))->offset, 9);
  EXPECT_EQ(versions_.next(), 10);
}

TEST_F(PublishedVersionsTest, ARecordThatWasTakenIsPassedOver) {
  (void)Take(3, 1);
  (void)Take(4, 2);
  EXPECT_FALSE(Take(3, 1));
  EXPECT_EQ(Newest(), Version(2));
  versions_.PassTo(20);
  (void)Take(19, 3);
  EXPECT_EQ(versions_.Find(Version(3)), nullptr);
}

TEST_F(PublishedVersionsTest, WhatIsNoVersionIsSaidAndPassedOver) {
  EXPECT_TRUE(versions_.Take(0, std::nullopt, "x"));
  EXPECT_TRUE(versions_.Take(1, "key", "x"));
  EXPECT_TRUE(versions_.Take(2, ToHex(Version(1)), std::nullopt));
  EXPECT_TRUE(versions_.Take(3, ToHex(Version(1)), "\xff\xff"));
  const PublishedVersion other{.name = "x", .version = Version(7), .semantics_version = 1, .files = {}};
  EXPECT_TRUE(versions_.Take(4, ToHex(Version(1)), EncodeVersion(other)));
  EXPECT_EQ(versions_.Newest(), nullptr);
  EXPECT_EQ(versions_.next(), 5);
}

TEST_F(PublishedVersionsTest, ConsentHoldsForWhoeverComesFromAnyVersionBefore) {
  (void)Take(0, 1, {"offer/zero"});
  (void)Take(1, 2, {"offer/a"});
  (void)Take(2, 3, {"offer/b"});
  (void)Take(3, 4, {"offer/c"});
  EXPECT_THAT(versions_.AllowedDrops(Version(2), Version(3)), ElementsAre("offer/b"));
  EXPECT_THAT(versions_.AllowedDrops(Version(1), Version(3)), ElementsAre("offer/a", "offer/b"));
  EXPECT_THAT(versions_.AllowedDrops(Version(4), Version(3)), ElementsAre("offer/b"));  // back: what was said with it
  EXPECT_THAT(versions_.AllowedDrops(Version(1), Version(9)), IsEmpty());
}

}  // namespace
}  // namespace antiphon::topology_files
