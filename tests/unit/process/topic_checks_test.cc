#include "services/process/topic_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_log_directory.h"
#include "tests/unit/process/process_support.h"

namespace antiphon::process {
namespace {

using runtime::TopicFacts;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using topology::Severity;

constexpr std::uint32_t kPartitions = 16;

// A process of one input keyed by the customer, one by the card, and answers; and a cluster in which all is as it should be.
class TopicChecksTest : public testing::Test {
 protected:
  TopicChecksTest() {
    config.kafka["bootstrap.servers"] = {.value = "kafka:9092"};
    config.inputs.resize(2);
    config.inputs[0].topic = "core";
    config.inputs[0].replies = "answers";
    config.inputs[1].topic = "cards";
    config.inputs[1].keyed_by = KeyedBy::kOther;
    directory.topics["core"] = Bank(kPartitions);
    directory.topics["cards"] = Bank(7);
    directory.topics["answers"] = Bank(3);
    const TopicTable table = Table();
    for (const Topic& topic : table.topics()) {
      if (IsKept(topic.role)) directory.topics[topic.name] = SpecOf(topic, {.partitions = kPartitions, .replication = 3}).facts;
    }
  }

  static TopicFacts Bank(std::int32_t partitions) {
    return {.partitions = partitions,
            .replication = 3,
            .settings = {{"cleanup.policy", "delete"}, {"min.insync.replicas", "2"}, {"retention.ms", "604800000"}}};
  }
  [[nodiscard]] TopicTable Table() const { return TopicTable::Make(config, ThreeChannels()); }
  TopicReport Check(const TopicCheckOptions& options = {}) {
    auto report = CheckTopics(Table(), config, directory, options);
    return report ? std::move(*report) : TopicReport{};
  }
  // "error antiphon.state cleanup", without notes.
  std::vector<std::string> Findings(const TopicCheckOptions& options = {}) {
    std::vector<std::string> brief;
    for (const TopicFinding& one : Check(options).findings) {
      if (one.severity == Severity::kNote) continue;
      brief.push_back((one.severity == Severity::kError ? "error " : "warning ") + one.topic + " " + one.code);
    }
    return brief;
  }
  TopicFinding Only() {
    for (TopicFinding& one : Check().findings) {
      if (one.severity != Severity::kNote) return one;
    }
    return {};
  }
  std::string& Setting(const std::string& topic, const std::string& name) { return directory.topics.at(topic).settings[name]; }

  ProcessConfig config;
  FakeLogDirectory directory;
};

TEST_F(TopicChecksTest, WhatIsCreatedIsGood) {
  const TopicReport report = Check();
  EXPECT_THAT(Findings(), IsEmpty());
  EXPECT_TRUE(report.good());
  EXPECT_EQ(report.partitions, kPartitions);
  EXPECT_EQ(report.partitions_of, "core");
  EXPECT_THAT(report.missing, IsEmpty());
}

TEST_F(TopicChecksTest, TellsHowFarReplaysReachAndStoresMayBeAway) {
  const TopicReport report = Check();
  ASSERT_EQ(report.findings.size(), 2U);
  EXPECT_EQ(ToString(report.findings[0]),
            "note: antiphon.state: delete.retention.ms is 7d: a local store that was away for more than half of it is made anew "
            "[delete_retention]");
  EXPECT_THAT(ToString(report.findings[1]),
              HasSubstr("note: antiphon.journal: kept for 30d: a replay from the cluster reaches no further"));
}

TEST_F(TopicChecksTest, MissingTopicsOfOursComeWithTheCommandThatMakesThem) {
  directory.topics.erase("antiphon.state");
  directory.topics.erase("antiphon.control");
  const TopicReport report = Check();
  EXPECT_THAT(Findings(), ElementsAre("error antiphon.control missing", "error antiphon.state missing"));
  EXPECT_FALSE(report.good());
  ASSERT_EQ(report.missing.size(), 2U);
  EXPECT_EQ(report.missing[0].facts.partitions, 1);
  EXPECT_EQ(report.missing[1].facts.partitions, 16);
  EXPECT_EQ(report.findings[1].mend,
            "kafka-topics.sh --bootstrap-server kafka:9092 --create --topic antiphon.state --partitions 16 --replication-factor 3 "
            "--config cleanup.policy=compact --config delete.retention.ms=604800000 --config min.insync.replicas=2 "
            "--config unclean.leader.election.enable=false");
  EXPECT_EQ(Check({.replication = 1}).missing[0].facts.settings.at("min.insync.replicas"), "1");
}

TEST_F(TopicChecksTest, MissingTopicsOfTheBankAreNeverOursToMake) {
  directory.topics.erase("cards");
  directory.topics.erase("answers");
  const TopicReport report = Check();
  EXPECT_THAT(Findings(), ElementsAre("error cards missing", "error answers missing"));
  EXPECT_THAT(report.missing, IsEmpty());
}

TEST_F(TopicChecksTest, WithoutTheFirstInputNothingSaysThePartitions) {
  directory.topics.erase("core");
  directory.topics.erase("antiphon.state");
  const TopicReport report = Check({.partitions = 5});
  EXPECT_THAT(Findings(), ElementsAre("error core missing", "error antiphon.state missing"));
  EXPECT_EQ(report.partitions, std::nullopt) << "an input keyed by the customer says it, not the command";
  EXPECT_THAT(report.missing, IsEmpty());
}

TEST_F(TopicChecksTest, WithoutInputsKeyedByTheCustomerTheRekeyedTopicSaysThePartitions) {
  config.inputs[0].keyed_by = KeyedBy::kOther;
  EXPECT_EQ(Check({.partitions = 5}).partitions_of, "antiphon.rekeyed");
  directory.topics.erase("antiphon.rekeyed");
  EXPECT_EQ(Check().partitions, std::nullopt);
  const TopicReport report = Check({.partitions = 16});
  EXPECT_EQ(report.partitions, 16U);
  ASSERT_EQ(report.missing.size(), 1U);
  EXPECT_EQ(report.missing[0].facts.replication, 3) << "as the bank's inputs have";
}

TEST_F(TopicChecksTest, PartitionCountsAgree) {
  config.inputs[1].keyed_by = KeyedBy::kCustomer;
  EXPECT_THAT(Findings(), ElementsAre("error cards partitions"));
  EXPECT_THAT(Only().mend, HasSubstr("key: other"));
  config.inputs[1].keyed_by = KeyedBy::kOther;
  directory.topics["antiphon.contacts"].partitions = 12;
  EXPECT_THAT(Findings(), ElementsAre("error antiphon.contacts partitions"));
  EXPECT_EQ(Only().mend, "kafka-topics.sh --bootstrap-server kafka:9092 --alter --topic antiphon.contacts --partitions 16");
  directory.topics["antiphon.contacts"].partitions = 20;
  EXPECT_THAT(Only().mend, HasSubstr("--delete --topic antiphon.contacts"));
  directory.topics["antiphon.contacts"].partitions = 16;
  directory.topics["antiphon.state"].partitions = 12;
  EXPECT_THAT(Only().mend, Not(HasSubstr("kafka-topics.sh"))) << "no command makes it right: customers are in it";
}

TEST_F(TopicChecksTest, WhatEveryProcessReadsWholeHasOnePartition) {
  for (const char* const topic : {"antiphon.control", "antiphon.topologies", "antiphon.owners"}) {
    directory.topics[topic].partitions = 2;
    EXPECT_THAT(Findings(), ElementsAre(std::string("error ") + topic + " partitions"));
    directory.topics[topic].partitions = 1;
  }
}

TEST_F(TopicChecksTest, StateIsCompactedAndNothingElse) {
  for (const char* const topic : {"antiphon.state", "antiphon.topologies", "antiphon.owners"}) {
    for (const char* const policy : {"delete", "compact,delete", "[delete, compact]", "delete, compact"}) {
      Setting(topic, "cleanup.policy") = policy;
      EXPECT_THAT(Findings(), ElementsAre(std::string("error ") + topic + " cleanup")) << policy;
    }
    EXPECT_EQ(Only().mend, std::string("kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics --entity-name ") +
                               topic + " --add-config cleanup.policy=compact");
    Setting(topic, "cleanup.policy") = "compact";
  }
  Setting("antiphon.state", "cleanup.policy") = "compact,delete";
  Setting("antiphon.state", "retention.ms") = "86400000";
  EXPECT_THAT(Only().why, HasSubstr("did not change for 1d would be removed: customers would be forgotten"));
  directory.topics["antiphon.state"].settings.erase("cleanup.policy");
  EXPECT_THAT(Findings(), ElementsAre("error antiphon.state cleanup")) << "Kafka's default is delete";
}

TEST_F(TopicChecksTest, RecordsThatEachCountAreNotCompacted) {
  for (const char* const topic : {"antiphon.journal", "antiphon.contacts", "antiphon.decisions", "antiphon.outbound.sms",
                                  "antiphon.dead-letters", "antiphon.control", "antiphon.rekeyed"}) {
    Setting(topic, "cleanup.policy") = "compact,delete";
    EXPECT_THAT(Findings(), ElementsAre(std::string("error ") + topic + " cleanup"));
    Setting(topic, "cleanup.policy") = "delete";
  }
  Setting("cards", "cleanup.policy") = "compact";
  EXPECT_THAT(Findings(), ElementsAre("warning cards cleanup")) << "a bank may have its reasons";
}

TEST_F(TopicChecksTest, ShortRetentionIsWarnedOf) {
  Setting("core", "retention.ms") = "3600000";
  Setting("antiphon.journal", "retention.ms") = "86400000";
  Setting("antiphon.state", "delete.retention.ms") = "1000";
  Setting("antiphon.contacts", "retention.ms") = "-1";
  EXPECT_THAT(Findings(),
              ElementsAre("warning core retention", "warning antiphon.state delete_retention", "warning antiphon.journal retention"));
  EXPECT_THAT(ToString(Check().findings[0]), HasSubstr("warning: core: retention.ms is 1h, should be at least 1d: a process that is away"));
  Setting("core", "retention.ms") = "-1";
  Setting("core", "retention.bytes") = "1000000";
  EXPECT_THAT(Findings()[0], "warning core retention");
}

TEST_F(TopicChecksTest, TwoReplicasAcknowledge) {
  Setting("antiphon.journal", "min.insync.replicas") = "1";
  EXPECT_THAT(Findings(), ElementsAre("error antiphon.journal min_insync_replicas"));
  EXPECT_THAT(Only().mend, HasSubstr("--add-config min.insync.replicas=2"));
  Setting("antiphon.journal", "min.insync.replicas") = "4";
  EXPECT_THAT(Findings(), ElementsAre("error antiphon.journal min_insync_replicas"));
  Setting("antiphon.journal", "min.insync.replicas") = "3";
  EXPECT_THAT(Findings(), ElementsAre("warning antiphon.journal min_insync_replicas"));
  directory.topics["antiphon.journal"].replication = 1;
  Setting("antiphon.journal", "min.insync.replicas") = "1";
  EXPECT_THAT(Findings(), ElementsAre("warning antiphon.journal replication"));
  directory.topics["antiphon.journal"].replication = 3;
  Setting("antiphon.journal", "min.insync.replicas") = "2";
  directory.topics["core"].settings.erase("min.insync.replicas");
  EXPECT_THAT(Findings(), ElementsAre("warning core min_insync_replicas"));
}

TEST_F(TopicChecksTest, NoUncleanElections) {
  Setting("antiphon.state", "unclean.leader.election.enable") = "true";
  Setting("core", "unclean.leader.election.enable") = "true";
  EXPECT_THAT(Findings(), ElementsAre("warning core unclean_election", "error antiphon.state unclean_election"));
}

TEST_F(TopicChecksTest, RecordsOfItsSizeAreTaken) {
  Setting("antiphon.state", "max.message.bytes") = "100000";
  EXPECT_THAT(Findings(), ElementsAre("error antiphon.state max_message_bytes"));
}

TEST_F(TopicChecksTest, AClusterThatDoesNotAnswerIsAnError) {
  directory.reachable = false;
  EXPECT_FALSE(CheckTopics(Table(), config, directory));
}

TEST(KafkaCommandsTest, NameAFileOfTheOperatorsWhereThereIsSecurity) {
  ProcessConfig config;
  config.kafka["bootstrap.servers"] = {.value = "k 1'"};
  config.kafka["security.protocol"] = {.value = "sasl_ssl"};
  config.kafka["sasl.password"] = {.value = "s3cret", .secret = true};
  EXPECT_EQ(KafkaCommands(config).Delete("t"),
            R"(kafka-topics.sh --bootstrap-server 'k 1'\''' --command-config client.properties --delete --topic t)");
}

}  // namespace
}  // namespace antiphon::process
