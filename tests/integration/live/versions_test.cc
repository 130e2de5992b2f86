// Versions of the topology on a real broker: a rolling restart, consent, going back, a control record.
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/integration/live/live_test.h"

namespace antiphon::live {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class VersionsTest : public LiveTest {
 protected:
  // A folder of its own, which a new version replaces as a deployment does.
  std::string WriteTopology(const std::string& node, const std::string& text) {
    std::filesystem::create_directories(Folder() + "/topology-" + node);
    return WriteFile("topology-" + node + "/topology.yaml", text);
  }

  static std::string First() {
    std::ifstream file(ANTIPHON_SOURCE_DIR "/tests/simulation/topology/topology.yaml");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  // paid_10m is kept, payments new; visits and the pattern are others.
  static std::string Second() {
    std::string text = Replaced(First(), "within: 90s", "within: 60s");
    return Replaced(text, "over: 5m, grain: 1m}", "over: 6m, grain: 1m}\n  payments: {on: paid, count: true, over: 20m, grain: 1m}");
  }

  std::string ProcessOf(const std::string& node) {
    const std::string process = WriteProcess({.node = node, .topology = "none", .partitions = 2, .input_more = {}});
    std::ifstream file(process);
    std::ostringstream text;
    text << file.rdbuf();
    return WriteFile("process-" + node + ".yaml", Replaced(text.str(), ANTIPHON_SOURCE_DIR "/none", Folder() + "/topology-" + node));
  }

  std::string MakeVersionedEstate(const std::vector<std::string>& nodes) {
    test::CreateTopic(address(), Input(), 2);
    std::string first;
    for (const std::string& node : nodes) {
      WriteTopology(node, First());
      const std::string process = ProcessOf(node);
      if (first.empty()) first = process;
    }
    const Done made = Antiphon({"topics", "--process", first, "--create"});
    EXPECT_EQ(made.code, 0) << made.printed;
    return first;
  }

  static std::unique_ptr<Child> RunWith(const std::string& process, std::vector<std::string> more) {
    std::vector<std::string> arguments{"run", "--process", process};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return std::make_unique<Child>(ChildOptions{.arguments = std::move(arguments), .environment = {}, .disk = {}});
  }

  // One visit and three payments of each of some customers; the visit leaves them in the middle of the pattern until they pay.
  void Happen(const std::string& process, bool pay) {
    std::string log;
    for (int customer = 0; customer < 8; ++customer) {
      const std::string who = R"(,"customer":"c)" + std::to_string(customer) + R"(",)";
      const auto head = [&](const char* type) {
        ++events_;
        return R"({"id":"e)" + std::to_string(events_) + R"(","type":")" + type + R"(","time":)" +
               std::to_string(1'772'323'200'000 + events_ * 100) + who;
      };
      if (pay) log += head("paid") + R"("amount":10})" + "\n";
      log += head("visited") + R"("page":"/"})" + "\n";
    }
    Feed(process, {"--log", WriteFile("log-" + std::to_string(events_) + ".jsonl", log)});
  }

  static std::string HashIn(const std::string& printed, const std::string& mark) {
    const std::size_t at = printed.rfind(mark);
    return at == std::string::npos ? "none" : printed.substr(at + mark.size(), 32);
  }
  static std::string VersionIn(const std::string& printed) { return HashIn(printed, "publishing topology "); }

  // Eight customers who have visited, from the first version to the second.
  static void ExpectPlanOfSecond(const std::string& process, const std::string& first) {
    const Done plan = Antiphon({"plan", "--process", process});
    EXPECT_EQ(plan.code, 1) << plan.printed;
    EXPECT_THAT(plan.printed, AllOf(HasSubstr("2 partitions run topology " + first), HasSubstr("kept     feature: paid_10m"),
                                    HasSubstr("new      feature: payments"), HasSubstr("changed  feature/visits: 8 customers lose"),
                                    HasSubstr("changed  trigger/no_payment: 8 customers lose what they have of it, 8 in the middle"),
                                    HasSubstr("--allow-drop feature/visits --allow-drop trigger/no_payment")));
    const Done as_json = Antiphon({"plan", "--process", process, "--json"});
    const auto json = nlohmann::json::parse(as_json.printed);
    EXPECT_EQ(json["needs_consent"], (std::vector<std::string>{"feature/visits", "trigger/no_payment"}));
    EXPECT_EQ(json["run"], "publish");
  }

  int events_ = 0;
};

TEST_F(VersionsTest, ARollingRestartKeepsWhatIsUnchangedAndAnOldProcessDoesNotGoBack) {
  const std::string a = MakeVersionedEstate({"a", "b"});
  const std::string b = ProcessOf("b");
  auto run_a = Run(a);
  ASSERT_TRUE(run_a->Prints("partition 1: " + std::string(kActive))) << run_a->printed();
  const std::string first = VersionIn(run_a->printed());
  auto run_b = Run(b);
  ASSERT_TRUE(run_b->Prints(kActive)) << run_b->printed();
  EXPECT_THAT(run_b->printed(), Not(HasSubstr("publishing")));
  Happen(a, true);
  ASSERT_TRUE(HasReadAll(*run_a)) << run_a->printed();

  // The new folder on the first node: what it means is said, and without consent nothing happens.
  WriteTopology("a", Second());
  ExpectPlanOfSecond(a, first);
  Stop(*run_a);
  const Done refused = Antiphon({"run", "--process", a, "--allow-drop", "feature/visits"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.printed, AllOf(HasSubstr("would drop"), HasSubstr("trigger/no_payment"), Not(HasSubstr("feature/visits")),
                                     HasSubstr("what runs goes on"), HasSubstr("--allow-drop trigger/no_payment")));
  Happen(b, false);
  ASSERT_TRUE(HasReadAll(*run_b)) << run_b->printed();  // it does
  EXPECT_THAT(ValuesOf(Topic("topologies"), 1), SizeIs(1));

  run_a = RunWith(a, {"--allow-drop", "feature/visits", "--allow-drop", "trigger/no_payment"});
  ASSERT_TRUE(run_a->Prints("activates topology")) << run_a->printed();
  const std::string second = VersionIn(run_a->printed());
  EXPECT_NE(second, first);
  Happen(b, true);
  ASSERT_TRUE(HasReadAll(*run_b)) << run_b->printed();

  // The old process restarts with its old folder: it takes part in what is newest.
  Stop(*run_b);
  run_b = Run(b);
  ASSERT_TRUE(run_b->Prints(kActive)) << run_b->printed();
  EXPECT_THAT(run_b->printed(), AllOf(HasSubstr("was published before"), HasSubstr("--activate")));
  Happen(b, true);
  ASSERT_TRUE(HasReadAll(*run_b)) << run_b->printed();
  Stop(*run_a);
  ASSERT_TRUE(run_b->Prints("topology " + second)) << run_b->printed();
  Happen(b, true);
  ASSERT_TRUE(HasReadAll(*run_b)) << run_b->printed();
  Stop(*run_b);
  EXPECT_THAT(ValuesOf(Topic("topologies"), 1), SizeIs(2));
  ExpectVerified(a);
  ExpectVerified(b);

  // The kept feature has its value: a plan back to the first says what would be lost now.
  const Done back = Antiphon({"plan", "--process", b});
  EXPECT_EQ(back.code, 1) << back.printed;
  EXPECT_THAT(back.printed, AllOf(HasSubstr("2 partitions run topology " + second), HasSubstr("kept     feature: paid_10m"),
                                  HasSubstr("dropped  feature/payments: 8 customers lose"), HasSubstr("--activate")));
  const Done not_back = Antiphon({"run", "--process", b, "--activate"});
  EXPECT_EQ(not_back.code, 2) << not_back.printed;
  run_b = RunWith(b, {"--activate", "--allow-drop", "all"});
  ASSERT_TRUE(run_b->Prints("partition 1: " + std::string(kActive))) << run_b->printed();
  Happen(b, true);
  ASSERT_TRUE(HasReadAll(*run_b)) << run_b->printed();
  Stop(*run_b);
  EXPECT_THAT(run_b->printed(), HasSubstr("activates topology " + first + " after " + second));
  ExpectVerified(b);
}

TEST_F(VersionsTest, AControlRecordActivatesAVersionWhileItRuns) {
  const std::string a = MakeVersionedEstate({"a", "b"});
  const auto run = Run(a);
  ASSERT_TRUE(run->Prints("partition 1: " + std::string(kActive))) << run->printed();
  const std::string first = VersionIn(run->printed());
  Happen(a, true);
  ASSERT_TRUE(HasReadAll(*run)) << run->printed();
  const auto word = [](const std::string& version) {
    return R"({"type":"control.activate","time":1772323300000,"version":")" + version + "\"}\n";
  };
  Feed(a, {"--log", WriteFile("control.jsonl", word(std::string(32, '0')) + word("no version"))});

  WriteTopology("b", Second());
  const std::string b = ProcessOf("b");
  const Done refused = Antiphon({"activate", "--process", b});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.printed, HasSubstr("--allow-drop feature/visits --allow-drop trigger/no_payment"));
  const Done activated = Antiphon({"activate", "--process", b, "--allow-drop", "all"});
  EXPECT_EQ(activated.code, 0) << activated.printed;
  const std::string second = HashIn(activated.printed, "topology ");
  EXPECT_NE(second, first);
  ASSERT_TRUE(run->Prints("topology " + second)) << run->printed();  // though its folder has the first
  Happen(a, true);
  ASSERT_TRUE(HasReadAll(*run)) << run->printed();

  // And back, by its name alone.
  EXPECT_EQ(Antiphon({"activate", "--process", b, std::string(32, '0')}).code, 2);
  const Done back = Antiphon({"activate", "--process", b, first, "--allow-drop", "all"});
  EXPECT_EQ(back.code, 0) << back.printed;
  const std::size_t before = run->printed().size();
  while (run->printed().find("topology " + first, before) == std::string::npos && run->Read(100)) {
  }
  Happen(a, true);
  ASSERT_TRUE(HasReadAll(*run)) << run->printed();
  Stop(*run);
  ExpectVerified(a);
  const auto letters = ValuesOf(Topic("dead-letters"), 1);
  EXPECT_THAT(letters, SizeIs(2));
  for (const std::string& letter : letters) EXPECT_THAT(letter, HasSubstr(R"("reason":"bad_control")"));
}

}  // namespace
}  // namespace antiphon::live
