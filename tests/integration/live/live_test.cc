#include "tests/integration/live/live_test.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

namespace antiphon::live {

using test::KafkaBroker;

void LiveTest::SetUp() {
  broker_ = KafkaBroker::Shared();
  if (broker_ == nullptr) {
    if (KafkaBroker::Required()) FAIL() << KafkaBroker::Why() << "; configure with -DANTIPHON_REQUIRE_KAFKA=OFF to do without";
    GTEST_SKIP() << "\nnot run: tests on Kafka (" << KafkaBroker::Why() << ")";
  }
  group_ = ::testing::UnitTest::GetInstance()->current_test_info()->name();
  std::ranges::replace(group_, '/', '-');  // of a test with a parameter
  std::filesystem::create_directories(Folder());
}

std::string LiveTest::WriteFile(const std::string& name, const std::string& text) const {
  const std::string path = Folder() + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string LiveTest::WriteProcess(const Estate& estate) {
  std::string text = "antiphon_process: 1\n";
  text += "topology: " ANTIPHON_SOURCE_DIR "/" + estate.topology + "\n";
  text += "group: " + group_ + "\nnode: " + estate.node + "\n";
  text += "kafka: {bootstrap.servers: '" + address() + "', session.timeout.ms: 2000, heartbeat.interval.ms: 200, ";
  text += "topic.metadata.refresh.interval.ms: 500}\n";
  text += "inputs:\n  - {topic: " + Input() + ", format: " + estate.format + (estate.input_more.empty() ? "" : ", " + estate.input_more) +
          "}\n";
  text += "topics: {prefix: " + Topic("") + "}\n";
  text += "state: {folder: " + StateOf(estate.node) + ", memory: 64MiB}\n";
  text += "clock: event\nstop_within: 10s\n" + estate.more;
  return WriteFile("process-" + estate.node + ".yaml", text);
}

std::string LiveTest::MakeEstate(const Estate& estate) {
  test::CreateTopic(address(), Input(), estate.partitions);
  std::string process = WriteProcess(estate);
  const Done made = Antiphon({"topics", "--process", process, "--create"});
  EXPECT_EQ(made.code, 0) << made.printed;
  return process;
}

Done LiveTest::Antiphon(std::vector<std::string> arguments) {
  Child child({.arguments = std::move(arguments), .environment = {}, .disk = {}});
  const int code = child.Wait().value_or(-1000);
  return {.code = code, .printed = child.printed()};
}

std::unique_ptr<Child> LiveTest::Run(const std::string& process, std::map<std::string, std::string> environment) {
  return std::make_unique<Child>(
      ChildOptions{.arguments = {"run", "--process", process}, .environment = std::move(environment), .disk = {}});
}

void LiveTest::Feed(const std::string& process, std::vector<std::string> more) const {
  std::vector<std::string> arguments{"simulate", "--process", process};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Done fed = Antiphon(std::move(arguments));
  EXPECT_EQ(fed.code, 0) << fed.printed;
}

bool LiveTest::Reaches(Child& child, const std::string& of_group, const std::string& topic, std::int32_t partitions) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    const auto records = test::ReadAll(address(), topic, partition);
    if (records.empty()) continue;
    const std::int64_t wanted = records.back().offset + 1;
    while (test::CommittedPosition(address(), of_group, topic, partition) < wanted) {
      if (!child.Read(50) || std::chrono::steady_clock::now() > until) return false;
    }
  }
  return true;
}

bool LiveTest::HasReadAll(Child& child, std::int32_t partitions) { return Reaches(child, group_, Input(), partitions); }

void LiveTest::Stop(Child& child) {
  child.Signal(SIGTERM);
  EXPECT_EQ(child.Wait(), 0) << child.printed();
  EXPECT_THAT(child.printed(), ::testing::HasSubstr("left in order"));
}

void LiveTest::ExpectVerified(const std::string& process) {
  const Done verified = Antiphon({"verify", "--process", process});
  EXPECT_EQ(verified.code, 0) << verified.printed;
}

std::vector<std::string> LiveTest::ValuesOf(const std::string& topic, std::int32_t partitions) const {
  std::vector<std::string> values;
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    for (const auto& record : test::ReadAll(address(), topic, partition)) values.push_back(record.value.value_or("(null)"));
  }
  return values;
}

}  // namespace antiphon::live
