#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/live/child.h"
#include "tests/support/kafka/kafka_broker.h"
#include "tests/support/kafka/raw_client.h"
#include "tests/support/temporary_directory.h"

namespace antiphon::live {

// What a process file of a test says.
struct Estate {
  std::string node = "a";
  std::string topology = "topologies/retail-bank";
  std::int32_t partitions = 2;  // of the input, which EstateOf makes
  std::string input_more;       // further keys of the input, "replies: answers"
  std::string format = "json";  // of the input
  std::string more = {};        // further lines of the file
};

// LiveTest: the program's broker, and topics, a group, a folder that no other test has. `antiphon` is the built binary.
class LiveTest : public ::testing::Test {
 protected:
  void SetUp() override;

  [[nodiscard]] const std::string& address() const { return broker_->address(); }
  [[nodiscard]] test::KafkaBroker& broker() { return *broker_; }
  [[nodiscard]] const std::string& group() const { return group_; }
  [[nodiscard]] std::string Topic(const std::string& name) const { return group_ + "." + name; }  // of Antiphon, and others of the test
  [[nodiscard]] std::string Input() const { return Topic("input"); }
  [[nodiscard]] std::string Folder() const { return folder_.path(); }
  [[nodiscard]] std::string StateOf(const std::string& node) const { return Folder() + "/state-" + node; }

  // Writes the process file of a node and returns its path.
  std::string WriteProcess(const Estate& estate = {});
  // The same, and makes its topics: the input, and those that Antiphon keeps.
  std::string MakeEstate(const Estate& estate = {});
  std::string WriteFile(const std::string& name, const std::string& text) const;

  [[nodiscard]] static Done Antiphon(std::vector<std::string> arguments);
  [[nodiscard]] static std::unique_ptr<Child> Run(const std::string& process, std::map<std::string, std::string> environment = {});
  // Feeds a made bank, or a log.
  void Feed(const std::string& process, std::vector<std::string> more) const;
  // Waits until a group's positions are behind all records of a topic; of the run's group and the input.
  [[nodiscard]] bool Reaches(Child& child, const std::string& of_group, const std::string& topic, std::int32_t partitions);
  [[nodiscard]] bool HasReadAll(Child& child, std::int32_t partitions = 2);
  // Stops it by SIGTERM: it must leave in order.
  static void Stop(Child& child);
  // Verifies: it must be equal.
  static void ExpectVerified(const std::string& process);

  // The values of a topic, all partitions one after the other.
  [[nodiscard]] std::vector<std::string> ValuesOf(const std::string& topic, std::int32_t partitions) const;

 private:
  test::KafkaBroker* broker_ = nullptr;
  test::TemporaryDirectory folder_;
  std::string group_;
};

// What `antiphon run` prints when a partition is active.
inline constexpr const char* kActive = "up to date after";

}  // namespace antiphon::live
