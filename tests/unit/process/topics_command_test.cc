#include "services/process/topics_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/fake_log_directory.h"
#include "tests/unit/process/process_support.h"

namespace antiphon::process {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// A directory whose owner is the test.
class Lent final : public runtime::LogDirectory {
 public:
  explicit Lent(FakeLogDirectory& directory) : directory_(directory) {}
  [[nodiscard]] Result<std::vector<std::optional<std::int64_t>>> Committed(std::span<const runtime::LogId> logs) override {
    return directory_.Committed(logs);
  }
  [[nodiscard]] Result<std::vector<std::int64_t>> Starts(std::span<const runtime::LogId> logs) override { return directory_.Starts(logs); }
  [[nodiscard]] Result<std::vector<std::int64_t>> HighWatermarks(std::span<const runtime::LogId> logs) override {
    return directory_.HighWatermarks(logs);
  }
  [[nodiscard]] Result<std::optional<runtime::TopicFacts>> Describe(const std::string& topic) override {
    return directory_.Describe(topic);
  }
  [[nodiscard]] Result<void> Create(const std::string& topic, const runtime::TopicFacts& facts) override {
    return directory_.Create(topic, facts);
  }

 private:
  FakeLogDirectory& directory_;
};

class TopicsCommandTest : public testing::Test {
 protected:
  TopicsCommandTest() {
    const runtime::TopicFacts bank{.partitions = 4, .replication = 3, .settings = {{"min.insync.replicas", "2"}}};
    directory.topics = {{"core.transactions", bank}, {"crm.requests", bank}, {"crm.answers", bank}};
  }

  int Run(TopicsCommand command) {
    command.process = kFile;
    const TopicsPorts ports{
        .surroundings = surroundings,
        .load_topology = [](const std::string& folder) -> Result<std::shared_ptr<const topology::Topology>> {
          if (folder != "/bank/topology") return Fail(Recovery::kStopProcess, "the topology has errors");
          return std::make_shared<const topology::Topology>(ThreeChannels());
        },
        .open = [this](const ProcessConfig&, const std::shared_ptr<const TopicTable>&) -> Result<std::unique_ptr<runtime::LogDirectory>> {
          return std::make_unique<Lent>(directory);
        }};
    std::FILE* const out = std::tmpfile();
    std::FILE* const err = std::tmpfile();
    const int code = RunTopicsCommand(command, ports, out, err);
    output = Text(out);
    messages = Text(err);
    EXPECT_THAT(output + messages, Not(HasSubstr(kPassword)));
    EXPECT_THAT(output + messages, Not(HasSubstr(kKeySecret)));
    return code;
  }

  static std::string Text(std::FILE* file) {
    std::string text;
    std::rewind(file);
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text.push_back(static_cast<char>(c));
    std::fclose(file);
    return text;
  }

  GoodSurroundings surroundings;
  FakeLogDirectory directory;
  std::string output, messages;
};

TEST_F(TopicsCommandTest, SaysWhatIsMissingAndMakesNothingUnasked) {
  EXPECT_EQ(Run({}), 1);
  EXPECT_THAT(output, HasSubstr("4 partitions, as core.transactions says\n"));
  EXPECT_THAT(output, HasSubstr("ok       core.transactions   input         4 partitions, 3 replicas\n"));
  EXPECT_THAT(output, HasSubstr("missing  bank.state          state\n"));
  EXPECT_THAT(output,
              HasSubstr("kafka-topics.sh --bootstrap-server kafka-1:9093 --command-config client.properties --create --topic bank.state"));
  EXPECT_THAT(directory.created, SizeIs(0));
}

TEST_F(TopicsCommandTest, CreatesWhatIsOursAndThenAllIsGood) {
  EXPECT_EQ(Run({.create = true}), 0) << output;
  EXPECT_THAT(output, HasSubstr("created  bank.state          state         4 partitions, 3 replicas, compact\n"));
  EXPECT_THAT(output, HasSubstr("0 errors, 0 warnings\n"));
  EXPECT_THAT(directory.created, SizeIs(11));
  EXPECT_THAT(directory.created, Contains("bank.outbound.call"));
  EXPECT_THAT(directory.created, Not(Contains("bank.outbound.web")));
  EXPECT_EQ(Run({.create = true}), 0) << "again: nothing to do";
  EXPECT_EQ(Run({}), 0);
  EXPECT_THAT(directory.created, SizeIs(11));
}

TEST_F(TopicsCommandTest, CreatesWithTheReplicationThatIsWanted) {
  EXPECT_EQ(Run({.create = true, .replication = 1}), 0);
  EXPECT_EQ(directory.topics.at("bank.journal").replication, 1);
  EXPECT_EQ(Run({}), 0) << "one replica is a warning";
  EXPECT_THAT(output, HasSubstr("warning: bank.journal: one replica, should be 3"));
}

TEST_F(TopicsCommandTest, NeverMakesATopicOfTheBank) {
  directory.topics.erase("crm.answers");
  directory.topics.erase("crm.requests");
  EXPECT_EQ(Run({.create = true}), 1);
  EXPECT_FALSE(directory.topics.contains("crm.answers") || directory.topics.contains("crm.requests"));
  EXPECT_TRUE(directory.topics.contains("bank.state"));
}

TEST_F(TopicsCommandTest, WhatTheClusterRefusesToMakeIsSaidAndStaysMissing) {
  directory.refused = "bank.journal";
  EXPECT_EQ(Run({.create = true}), 1);
  EXPECT_THAT(messages, HasSubstr("antiphon: bank.journal was not created: Topic authorization failed\n"));
  EXPECT_THAT(output, HasSubstr("missing  bank.journal"));
  EXPECT_THAT(output, HasSubstr("created  bank.owners"));
}

TEST_F(TopicsCommandTest, NeverChangesATopicThatIsWrong) {
  ASSERT_EQ(Run({.create = true}), 0);
  directory.topics["bank.state"].settings["cleanup.policy"] = "delete";
  EXPECT_EQ(Run({.create = true}), 1);
  EXPECT_THAT(output, HasSubstr("wrong    bank.state"));
  EXPECT_EQ(directory.topics["bank.state"].settings["cleanup.policy"], "delete");
}

TEST_F(TopicsCommandTest, AProgramCanReadIt) {
  EXPECT_EQ(Run({.json = true}), 1);
  const auto json = nlohmann::json::parse(output);
  EXPECT_EQ(json["ok"], false);
  EXPECT_EQ(json["partitions"], 4);
  EXPECT_EQ(json["topics"][0]["standing"], "ok");
  EXPECT_EQ(json["to_create"].size(), 11U);
  EXPECT_EQ(json["to_create"][0]["name"], "bank.control");
  EXPECT_EQ(json["findings"][0]["code"], "missing");
  EXPECT_EQ(Run({.create = true, .json = true}), 0);
  EXPECT_EQ(nlohmann::json::parse(output)["ok"], true);
}

TEST_F(TopicsCommandTest, BadFilesAndNoClusterEndWithTwo) {
  directory.reachable = false;
  EXPECT_EQ(Run({}), 2);
  EXPECT_THAT(messages, HasSubstr("antiphon: no broker answered"));
  surroundings.variables.erase("KAFKA_PASSWORD");
  EXPECT_EQ(Run({}), 2);
  EXPECT_THAT(messages, HasSubstr("KAFKA_PASSWORD"));
}

}  // namespace
}  // namespace antiphon::process
