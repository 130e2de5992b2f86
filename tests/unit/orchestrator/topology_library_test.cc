#include "services/orchestrator/topology_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/topology/topology_loader.h"
#include "services/formats/message_catalog.h"

namespace antiphon::orchestrator {
namespace {

using ::testing::HasSubstr;
using topology_files::PublishedVersion;

constexpr std::uint32_t kSemantics = 2;

struct Loaded {
  PublishedVersion record;
  std::shared_ptr<const topology::Topology> topology;
};

// Features by name, and channels.
Loaded Load(const std::string& features, const std::string& channels = "") {
  std::string text =
      "antiphon: 1\nname: t\nabout: a test\ntimezone: UTC\ndefault_language: en\nlanguages: [en]\n"
      "events:\n  paid: {fields: {amount: {type: int, required: true}}}\nfeatures:\n";
  for (const char feature : features) text += std::string("  ") + feature + ": {on: paid, count: true, over: 5m, grain: 1m}\n";
  if (!channels.empty()) text += "channels:\n  " + channels + ": {about: a channel, direction: outbound, address: by_channel}\n";
  const topology_files::Files files{{"topology.yaml", text}};
  const formats::ProtoMessageCatalog catalog;
  const topology::LoadOutcome outcome = topology::LoadTopology(topology_files::MemoryFiles(files), catalog);
  EXPECT_NE(outcome.topology, nullptr) << text;
  return {
      .record = {.name = "t", .version = outcome.topology->version, .semantics_version = kSemantics, .files = files, .allowed_drops = {}},
      .topology = outcome.topology};
}

class TopologyLibraryTest : public ::testing::Test {
 protected:
  // At the next offset, from 10 on.
  void Publish(PublishedVersion record, std::set<std::string> allowed_drops = {}) {
    record.allowed_drops = std::move(allowed_drops);
    library_.Take(next_++, ToHex(record.version), EncodeVersion(record));
  }
  [[nodiscard]] TopologyLibrary::Ran Ran(const Loaded& loaded, std::int64_t topologies_next) const {
    return {.active = loaded.record.version, .topologies_next = topologies_next};
  }
  void ExpectChoice(const Result<TopologyChoice>& choice, const Loaded& wanted, bool activates, std::int64_t topologies_next) {
    ASSERT_TRUE(choice) << choice.error().message;
    EXPECT_EQ(choice->version->version(), wanted.record.version);
    EXPECT_EQ(choice->activates, activates);
    EXPECT_EQ(choice->topologies_next, topologies_next);
  }

  Loaded ab_ = Load("ab");
  Loaded abc_ = Load("abc");
  Loaded a_ = Load("a");
  process::ProcessConfig config_;
  process::TopicTable topics_ = process::TopicTable::Make(config_, *ab_.topology);
  TopologyLibrary library_{{.config = &config_,
                            .topics = &topics_,
                            .counted = ab_.topology.get(),
                            .descriptors = {},
                            .semantics_version = kSemantics,
                            .allowed_drops = {}}};
  std::int64_t next_ = 10;
};

TEST_F(TopologyLibraryTest, APartitionThatNeverCommittedRunsTheNewest) {
  EXPECT_FALSE(library_.Choose(std::nullopt));
  Publish(ab_.record);
  Publish(abc_.record);
  ExpectChoice(library_.Choose(std::nullopt), abc_, false, 12);
}

TEST_F(TopologyLibraryTest, WhatWasPublishedSinceIsActivatedAndWhatWasBeforeIsNot) {
  Publish(ab_.record);
  ExpectChoice(library_.Choose(Ran(ab_, 0)), ab_, false, 11);
  Publish(abc_.record);
  ExpectChoice(library_.Choose(Ran(ab_, 11)), abc_, true, 12);
  // A control record took it back to the first when the second was there already.
  ExpectChoice(library_.Choose(Ran(ab_, 12)), ab_, false, 12);
  Publish(ab_.record);  // back, for all
  ExpectChoice(library_.Choose(Ran(ab_, 12)), ab_, false, 13);
}

TEST_F(TopologyLibraryTest, WithoutConsentAPartitionGoesOnAndIsAskedAgain) {
  Publish(ab_.record);
  Publish(a_.record);
  ExpectChoice(library_.Choose(Ran(ab_, 11)), ab_, false, 11);
  EXPECT_THAT(library_.Ask(**library_.Find(ab_.record.version), a_.record.version).refused, HasSubstr("feature/b"));
  Publish(a_.record, {"feature/b"});
  ExpectChoice(library_.Choose(Ran(ab_, 11)), a_, true, 13);
  const ActivationAnswer answer = library_.Ask(**library_.Find(ab_.record.version), a_.record.version);
  EXPECT_EQ(answer.refused, "");
  EXPECT_EQ(answer.topologies_next, 13);
}

TEST_F(TopologyLibraryTest, WhatThisProcessCannotRunIsLeftToOthers) {
  Publish(ab_.record);
  const Loaded with_channel = Load("ab", "push");
  Publish(with_channel.record);
  ExpectChoice(library_.Choose(Ran(ab_, 11)), ab_, false, 11);
  EXPECT_THAT(library_.Choose(Ran(with_channel, 12)).error().message, HasSubstr("antiphon.outbound.push"));
  PublishedVersion newer = abc_.record;
  newer.semantics_version = kSemantics + 1;
  Publish(newer);
  ExpectChoice(library_.Choose(Ran(ab_, 11)), ab_, false, 11);
  EXPECT_THAT(library_.Ask(**library_.Find(ab_.record.version), newer.version).refused, HasSubstr("newer Antiphon"));
}

TEST_F(TopologyLibraryTest, AVersionThatNobodyPublishedIsLeftOnlyWithConsentToEverything) {
  Publish(abc_.record, {"feature/b"});
  const auto choice = library_.Choose(Ran(ab_, 0));
  ASSERT_FALSE(choice);
  EXPECT_EQ(choice.error().recovery, Recovery::kStopProcess);
  EXPECT_THAT(choice.error().message, HasSubstr("--allow-drop all"));
  Publish(abc_.record, {"all"});
  ExpectChoice(library_.Choose(Ran(ab_, 0)), abc_, true, 12);
}

TEST(DropsTest, AChangedDefinitionIsDroppedAndSoIsOneThatIsGone) {
  EXPECT_TRUE(DropsBetween(*Load("a").topology, *Load("abc").topology).empty());
  EXPECT_EQ(DropsBetween(*Load("abc").topology, *Load("b").topology), (std::vector<std::string>{"feature/a", "feature/c"}));
  EXPECT_EQ(ForbiddenOf({"feature/a", "feature/c"}, {"feature/c"}), (std::vector<std::string>{"feature/a"}));
  EXPECT_TRUE(ForbiddenOf({"feature/a", "feature/c"}, {"all"}).empty());
}

}  // namespace
}  // namespace antiphon::orchestrator
