#include "services/process/topic_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/process/process_checks.h"
#include "services/process/topic_names.h"
#include "tests/unit/process/process_support.h"

namespace antiphon::process {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ProcessConfig TwoInputs() {
  ProcessConfig config;
  config.inputs.resize(2);
  config.inputs[0].topic = "a";
  config.inputs[1].topic = "b";
  return config;
}

std::vector<std::string> Names(const TopicTable& table) {
  std::vector<std::string> names;
  for (const Topic& topic : table.topics()) names.push_back(topic.name);
  return names;
}

TEST(TopicTableTest, InputsFirstThenControlThenWhatIsWritten) {
  ProcessConfig config = TwoInputs();
  config.inputs[1].replies = "answers";
  const TopicTable table = TopicTable::Make(config, ThreeChannels());
  EXPECT_THAT(Names(table), ElementsAre("a", "b", "antiphon.control", "antiphon.state", "antiphon.journal", "antiphon.contacts",
                                        "antiphon.decisions", "antiphon.outbound.call", "antiphon.outbound.sms", "answers",
                                        "antiphon.dead-letters", "antiphon.topologies", "antiphon.owners"));
  EXPECT_EQ(table.inputs(), 2U);
  EXPECT_EQ(table.Of(TopicRole::kControl), 2U);
  EXPECT_EQ(table.Of(TopicRole::kOwners), 12U);
  EXPECT_EQ(table.OutboundOf(state::ChannelId{0}), 7U);
  EXPECT_EQ(table.OutboundOf(state::ChannelId{1}), 8U) << "web, which only answers, has no topic";
  EXPECT_EQ(table.RepliesOf(0), std::nullopt);
  EXPECT_EQ(table.RepliesOf(1), 9U);
}

TEST(TopicTableTest, InputsOfOneReplyTopicShareIt) {
  ProcessConfig config = TwoInputs();
  config.inputs[0].replies = config.inputs[1].replies = "answers";
  const TopicTable table = TopicTable::Make(config, {});
  EXPECT_EQ(table.RepliesOf(0), table.RepliesOf(1));
  const std::vector<std::string> names = Names(table);
  EXPECT_EQ(std::ranges::count(names, "answers"), 1);
}

TEST(TopicTableTest, RekeyingHasATopicWhereAnInputNeedsIt) {
  ProcessConfig config = TwoInputs();
  config.inputs[0].keyed_by = KeyedBy::kOther;
  config.topic_prefix = "bank-";
  const TopicTable table = TopicTable::Make(config, {});
  EXPECT_EQ(table.topics()[table.Of(TopicRole::kRekeyed)].name, "bank-rekeyed");
  EXPECT_EQ(table.Of(TopicRole::kRekeyed), 3U);
  EXPECT_EQ(table.sources(), std::vector<std::uint32_t>{0});
  EXPECT_EQ(table.lanes(), (std::vector<std::uint32_t>{1, 3})) << "the input of the customers, then rekeyed";
  EXPECT_TRUE(table.IsRekeyed(3));
  EXPECT_FALSE(table.IsRekeyed(1));
}

TEST(TopicNamesTest, AScopedChannelGetsANameThatKafkaTakes) {
  EXPECT_EQ(OutboundTopicName("antiphon.", "branches/call"), "antiphon.outbound.branches.call");
  EXPECT_TRUE(IsTopicName("Core_1.a-b"));
  for (const std::string& bad : {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string(250, 'a')}) {
    EXPECT_FALSE(IsTopicName(bad)) << bad;
  }
}

TEST(TopicNamesTest, EveryTopicOfTheTableThatIsNotTheBanksIsKept) {
  ProcessConfig config = TwoInputs();
  config.inputs[0].keyed_by = KeyedBy::kOther;
  const TopicTable table = TopicTable::Make(config, ThreeChannels());
  for (const Topic& topic : table.topics()) {
    EXPECT_EQ(IsKeptTopic(topic.name, "antiphon."), topic.role != TopicRole::kInput) << topic.name;
  }
  EXPECT_FALSE(IsKeptTopic("antiphon.requests", "antiphon."));
}

TEST(ProcessChecksTest, TopologyAndProcessFitTogether) {
  ProcessConfig config = TwoInputs();
  config.inputs[0].replies = "answers";
  EXPECT_THAT(CheckWithTopology(config, ThreeChannels()), IsEmpty());

  topology::Topology topology = ThreeChannels();
  topology.channels[0].id = "a.b";
  topology.channels[1].id = "a/b";
  EXPECT_THAT(Brief(CheckWithTopology(config, topology)), ElementsAre("1:1 duplicate_topic"));
  topology.channels[1].id = std::string(245, 'x');
  EXPECT_THAT(Brief(CheckWithTopology(config, topology)), ElementsAre("1:1 bad_topic"));

  topology.channels.clear();
  topology.request_type.reset();
  EXPECT_THAT(Brief(CheckWithTopology(config, topology)), ElementsAre("1:1 no_requests"));
  config.inputs[0].replies.clear();
  EXPECT_THAT(CheckWithTopology(config, topology), IsEmpty());
  topology.request_type = topology::EventTypeIndex{0};
  const auto warned = CheckWithTopology(config, topology);
  EXPECT_THAT(Brief(warned), ElementsAre("1:1 no_replies"));
  EXPECT_EQ(warned[0].severity, topology::Severity::kWarning);
}

}  // namespace
}  // namespace antiphon::process
