#include "services/simulate/simulate.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>

#include "state/base/hash.h"
#include "tests/unit/simulate/simulated_log.h"

namespace antiphon::simulate {
namespace {

const SimulateOptions kSmall{.customers = 60, .days = 40, .seed = 7, .truth_path = ""};

TEST(SimulateTest, SameOptionsGiveSameBytes) {
  const SimulatedLog first = RunSimulation(kSmall);
  const SimulatedLog second = RunSimulation(kSmall);
  EXPECT_FALSE(first.events.empty());
  EXPECT_EQ(HashBytes128(first.events), HashBytes128(second.events));
  EXPECT_EQ(first.truth, second.truth);
}

// The bytes are a promise across machines and compilers; whoever changes behaviour on purpose changes this digest with it.
TEST(SimulateTest, BytesOfASeedAreFixed) {
  EXPECT_EQ(ToHex(HashBytes128(RunSimulation(kSmall).events)), "9b8867768f4f409461f510476c850f31");
}

TEST(SimulateTest, AnotherSeedGivesAnotherBank) {
  SimulateOptions other = kSmall;
  other.seed = 8;
  EXPECT_NE(RunSimulation(kSmall).events, RunSimulation(other).events);
}

TEST(SimulateTest, ALifeDoesNotDependOnTheNumberOfCustomers) {
  SimulateOptions more = kSmall;
  more.customers = 150;
  const SimulatedLog few = RunSimulation(kSmall);
  const SimulatedLog many = RunSimulation(more);
  for (const std::string_view customer : {"\"C00000000\"", "\"C00000007\"", "\"C00000059\""}) {
    EXPECT_EQ(LinesWith(few.events, customer), LinesWith(many.events, customer)) << customer;
    EXPECT_FALSE(LinesWith(few.events, customer).empty()) << customer;
    EXPECT_EQ(LinesWith(few.truth, customer), LinesWith(many.truth, customer)) << customer;
  }
}

TEST(SimulateTest, NobodyOrNoDaysGiveAnEmptyLog) {
  SimulateOptions nobody = kSmall;
  nobody.customers = 0;
  SimulateOptions no_days = kSmall;
  no_days.days = 0;
  for (const SimulateOptions& options : {nobody, no_days}) {
    const SimulatedLog log = RunSimulation(options);
    EXPECT_EQ(log.events, "");
    EXPECT_EQ(log.truth, "");
  }
}

TEST(SimulateTest, LinesAreSortedByTimeThenIdAndIdsAreUnique) {
  SimulateOptions over_summer_time{.customers = 300, .days = 120, .seed = 3, .truth_path = ""};
  over_summer_time.start = std::chrono::year{2025} / 9 / 1;
  const SimulatedLog log = RunSimulation(over_summer_time);
  const auto value = [](std::string_view line, std::string_view key) {
    const std::size_t begin = line.find(key) + key.size();
    return line.substr(begin, line.find('"', begin) - begin);
  };
  std::pair<std::string_view, std::string_view> previous;
  std::set<std::string_view> ids;
  for (const std::string_view line : LinesOf(log.events)) {
    const std::pair current{value(line, "\"time\":\""), value(line, "\"id\":\"")};
    ASSERT_LT(previous, current);
    ASSERT_TRUE(ids.insert(current.second).second) << current.second;
    previous = current;
  }
}

TEST(SimulateTest, ActivityScalesSpendingAndSessionsOnly) {
  SimulateOptions busy = kSmall;
  busy.activity_percent = 300;
  SimulateOptions still = kSmall;
  still.activity_percent = 0;
  const auto count = [](const SimulateOptions& options, std::string_view needle) {
    return LinesOf(LinesWith(RunSimulation(options).events, needle)).size();
  };
  EXPECT_EQ(count(still, "card_payment"), 0U);
  EXPECT_GT(count(busy, "card_payment"), 2 * count(kSmall, "card_payment"));
  EXPECT_GT(count(busy, "web.page_viewed"), 2 * count(kSmall, "web.page_viewed"));
  EXPECT_EQ(count(busy, "\"salary\""), count(kSmall, "\"salary\""));
}

TEST(SimulateTest, RefusesWrongOptions) {
  SimulateOptions late = kSmall;
  late.start = std::chrono::year{2099} / 12 / 1;
  SimulateOptions early = kSmall;
  early.start = std::chrono::year{1990} / 1 / 1;
  SimulateOptions many = kSmall;
  many.customers = kCustomersMax + 1;
  SimulateOptions wild = kSmall;
  wild.activity_percent = kActivityPercentMax + 1;
  SimulateOptions both = kSmall;
  both.truth_path = "-";
  for (const SimulateOptions& options : {late, early, many, wild, both}) EXPECT_FALSE(CheckOptions(options));
  EXPECT_TRUE(CheckOptions(kSmall));
  EXPECT_FALSE(ParseStart("2026-02-29"));
  EXPECT_FALSE(ParseStart("2026-2-9"));
  EXPECT_EQ(ParseStart("2024-02-29").value(), std::chrono::sys_days{std::chrono::year{2024} / 2 / 29});
}

TEST(SimulateTest, AFailingSinkStopsTheRun) {
  StringSink events;
  events.fails = true;
  EXPECT_FALSE(Simulate(kSmall, events, nullptr));
  StringSink good;
  StringSink truth;
  truth.fails = true;
  EXPECT_FALSE(Simulate(kSmall, good, &truth));
}

struct CloseFile {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

TEST(SimulateCommandTest, WritesFilesAndSaysWhatItCannotOpen) {
  SimulateOptions options{.customers = 5,
                          .days = 3,
                          .output_path = testing::TempDir() + "simulate_events.jsonl",
                          .truth_path = testing::TempDir() + "simulate_truth.jsonl"};
  const std::unique_ptr<std::FILE, CloseFile> file(std::tmpfile());
  std::FILE* const messages = file.get();
  ASSERT_NE(messages, nullptr);
  EXPECT_EQ(RunSimulateCommand(options, messages), 0);
  EXPECT_EQ(std::ftell(messages), 0);
  options.output_path = testing::TempDir() + "no/such/folder/events.jsonl";
  EXPECT_EQ(RunSimulateCommand(options, messages), 2);
  EXPECT_GT(std::ftell(messages), 0);
}

}  // namespace
}  // namespace antiphon::simulate
