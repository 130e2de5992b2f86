#include "services/live/publication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/topology/topology_loader.h"
#include "services/formats/message_catalog.h"
#include "services/runtime/version.h"

namespace antiphon::live {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using topology_files::LoadedVersion;
using topology_files::PublishedVersions;

LoadedVersion Loaded(const std::string& features) {
  const topology_files::Files files{{"topology.yaml",
                                     "antiphon: 1\nname: t\nabout: a test\ntimezone: UTC\ndefault_language: en\nlanguages: [en]\n"
                                     "events:\n  paid: {fields: {amount: {type: int, required: true}}}\nfeatures:\n" +
                                         features}};
  const formats::ProtoMessageCatalog catalog;
  const topology::LoadOutcome outcome = topology::LoadTopology(topology_files::MemoryFiles(files), catalog);
  for (const auto& diagnostic : outcome.diagnostics) EXPECT_NE(diagnostic.severity, topology::Severity::kError) << ToString(diagnostic);
  return {.record = {.name = "t",
                     .version = outcome.topology->version,
                     .semantics_version = runtime::kSemanticsVersion,
                     .files = files,
                     .allowed_drops = {}},
          .topology = outcome.topology};
}

const LoadedVersion& Two() {
  static const LoadedVersion kTwo =
      Loaded("  a: {on: paid, count: true, over: 5m, grain: 1m}\n  b: {on: paid, count: true, over: 5m, grain: 1m}\n");
  return kTwo;
}
const LoadedVersion& OneAndNew() {
  static const LoadedVersion kOne =
      Loaded("  a: {on: paid, count: true, over: 6m, grain: 1m}\n  c: {on: paid, count: true, over: 5m, grain: 1m}\n");
  return kOne;
}

PublishedVersions Published(const std::vector<LoadedVersion>& versions) {
  PublishedVersions published;
  std::int64_t offset = 0;
  for (const LoadedVersion& version : versions) {
    EXPECT_FALSE(published.Take(offset++, ToHex(version.record.version), EncodeVersion(version.record)));
  }
  return published;
}

TEST(PublicationTest, TheFirstIsPublishedAndTheNewestIsNot) {
  EXPECT_EQ(Decide(Two(), {}, {}).value().publish, Two().record);
  EXPECT_FALSE(Decide(Two(), Published({Two()}), {}).value().publish);
  EXPECT_FALSE(Decide(Two(), Published({OneAndNew(), Two()}), {.activate = true, .allowed_drops = {}}).value().publish);
}

TEST(PublicationTest, WhatWouldBeDroppedWantsConsent) {
  const PublishedVersions published = Published({Two()});
  const auto refused = Decide(OneAndNew(), published, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("feature/a, feature/b"), HasSubstr("what runs goes on"), HasSubstr("antiphon plan"),
                                             HasSubstr("--allow-drop feature/a --allow-drop feature/b")));
  EXPECT_FALSE(Decide(OneAndNew(), published, {.activate = false, .allowed_drops = {"feature/a"}}));
  const auto some = Decide(OneAndNew(), published, {.activate = false, .allowed_drops = {"feature/a", "feature/b"}});
  EXPECT_THAT(some.value().publish->allowed_drops, ElementsAre("feature/a", "feature/b"));
  EXPECT_THAT(Decide(OneAndNew(), published, {.activate = false, .allowed_drops = {"all"}}).value().publish->allowed_drops,
              ElementsAre("all"));
}

TEST(PublicationTest, AnOldFolderGoesBackOnlyIfItIsSaid) {
  const PublishedVersions published = Published({Two(), OneAndNew()});
  const auto without = Decide(Two(), published, {.activate = false, .allowed_drops = {"all"}});
  EXPECT_FALSE(without.value().publish);
  EXPECT_THAT(without->note, HasSubstr("antiphon run --activate"));
  EXPECT_FALSE(Decide(Two(), published, {.activate = true, .allowed_drops = {}}));  // what is dropped by it, too
  EXPECT_TRUE(Decide(Two(), published, {.activate = true, .allowed_drops = {"all"}}).value().publish);
}

TEST(PublicationTest, DropsAreNamedByKindAndId) {
  EXPECT_THAT(ParseDrops({"feature/a", "all", "feature/a"}).value(), ElementsAre("all", "feature/a"));
  EXPECT_THAT(ParseDrops({}).value(), IsEmpty());
  for (const char* word : {"feature", "feature/", "features/a", "/a", ""}) EXPECT_FALSE(ParseDrops({word})) << word;
}

}  // namespace
}  // namespace antiphon::live
