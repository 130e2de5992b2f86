#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <memory>

#include "tests/integration/live/live_test.h"

namespace antiphon::live {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

struct ClosesPipe {
  void operator()(std::FILE* pipe) const { ::pclose(pipe); }
};

std::string Printed(const std::string& command) {
  const std::unique_ptr<std::FILE, ClosesPipe> pipe(::popen(command.c_str(), "r"));  // NOLINT(cert-env33-c): the test's own script
  std::string text;
  std::array<char, 256> some{};
  while (pipe != nullptr && std::fgets(some.data(), some.size(), pipe.get()) != nullptr) text += some.data();
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::vector<std::string> SortedLines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  std::ranges::sort(lines);
  return lines;
}

// The form of the records, and the process file's word for it.
class RegistryTest : public LiveTest, public ::testing::WithParamInterface<std::string> {};

TEST_P(RegistryTest, RecordsOfAnotherMakesSerializerAreReadAsTheLogThatTheyWereMadeOf) {
  const std::string log = Folder() + "/log.jsonl";
  ASSERT_EQ(Antiphon({"simulate", "--customers", "60", "--days", "40", "--seed", "5", "--out", log}).code, 0);
  test::CreateTopic(address(), Input(), 2);
  const std::string script = ANTIPHON_SOURCE_DIR "/tests/integration/live/registry_producer.py";
  const std::string schema =
      Printed(script + " " + address() + " " + Input() + " " + GetParam() + " " ANTIPHON_SOURCE_DIR "/proto < " + log);
  ASSERT_THAT(schema, Not(IsEmpty()));

  const std::string format = "{payload: " + GetParam() + ", registry: {ids: [" + schema + "]}}";
  const std::string process =
      WriteProcess({.node = "a", .topology = "topologies/retail-bank", .partitions = 2, .input_more = {}, .format = format});
  ASSERT_EQ(Antiphon({"topics", "--process", process, "--create"}).code, 0);
  const auto run = Run(process);
  ASSERT_TRUE(HasReadAll(*run)) << run->printed();
  Stop(*run);
  EXPECT_THAT(ValuesOf(Topic("dead-letters"), 2), IsEmpty());

  const std::string topology = ANTIPHON_SOURCE_DIR "/topologies/retail-bank";
  const Done replayed = Antiphon({"replay", "--topology", topology, "--partitions", "2", "--out", Folder() + "/replay", log});
  ASSERT_EQ(replayed.code, 0) << replayed.printed;
  std::vector<std::string> contacts = ValuesOf(Topic("contacts"), 2);
  std::ranges::sort(contacts);
  EXPECT_THAT(contacts, Not(IsEmpty()));
  EXPECT_EQ(contacts, SortedLines(Folder() + "/replay/contacts.jsonl"));
}

INSTANTIATE_TEST_SUITE_P(Forms, RegistryTest, ::testing::Values("json", "protobuf"), [](const auto& form) { return form.param; });

}  // namespace
}  // namespace antiphon::live
