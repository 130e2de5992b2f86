#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "engine/expression/compiler.h"
#include "engine/topology/expression_scope.h"
#include "services/files/output_file.h"
#include "services/replay/output_folder.h"
#include "services/replay/replay.h"
#include "tests/support/small_topology.h"
#include "tests/unit/replay/scratch_folder.h"

namespace antiphon::replay {
namespace {

using Files = std::map<std::string, std::string>;

constexpr std::int64_t kNow = 1'772'452'800'000;  // 2026-03-02T12:00:00Z

// Three triggered offers under a cap.
topology::Topology MakeTopology() {
  SmallTopology small;
  small.AddTriggeredOffer("a", 10);
  small.AddTriggeredOffer("b", 20);
  small.AddTriggeredOffer("c", 30);
  topology::Topology topology = small.Take();
  topology::Cap cap;
  cap.id = "weekly";
  cap.max = 2;
  cap.over = std::chrono::days{7};
  topology.caps.push_back(cap);
  topology.channels[0].response_window = std::chrono::hours{24};
  return topology;
}

std::string EventLine(const std::string& type, const std::string& id, const std::string& customer, EngineTime time) {
  return R"({"type":")" + type + R"(","id":")" + id + R"(","customer":")" + customer + R"(","time":")" + FormatTime(time) + "\"}";
}

// A month of some customers: bursts at one time, late and repeated events, bad lines, undeclared types, pauses.
std::vector<std::string> MakeLog(unsigned seed, int lines) {
  std::mt19937 random(seed);
  const auto below = [&random](unsigned bound) { return static_cast<int>(random() % bound); };
  std::vector<std::string> log;
  EngineTime now = ParseTime("2026-03-01T00:00:00Z").value();
  for (int i = 0; i < lines; ++i) {
    now += std::chrono::minutes{below(3) == 0 ? below(40) : 0};
    const std::string customer = "C" + std::to_string(below(40));
    const std::string type(1, static_cast<char>('a' + below(3)));
    switch (below(40)) {
      case 0:
        log.push_back("{\"type\":\"a\",\"id\":");
        break;
      case 1:
        log.push_back(EventLine("unheard.of", "u" + std::to_string(i), customer, now));
        break;
      case 2:
        log.push_back(log.empty() ? "" : log[static_cast<std::size_t>(below(static_cast<unsigned>(log.size())))]);
        break;
      case 3:
        log.push_back(EventLine(type, "late" + std::to_string(i), customer, now - std::chrono::minutes{below(600)}));
        break;
      case 4:
        log.push_back(std::string(R"({"type":"control.)") + (below(2) == 0 ? "pause" : "resume") + R"(","offer":")" + type +
                      R"(","time":")" + FormatTime(now) + "\"}");
        break;
      default:
        log.push_back(EventLine(type, "e" + std::to_string(i), customer, now));
    }
  }
  return log;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

class ReplayRunTest : public testing::Test {
 protected:
  std::string WriteLog(const std::string& name, const std::string& text) {
    EXPECT_TRUE(files::WriteWholeFile(scratch_.PathOf(name), text).has_value());
    return scratch_.PathOf(name);
  }

  ReplayOptions Options(const std::string& out, std::vector<std::string> logs) {
    ReplayOptions options;
    options.topology_folder = "small";
    options.out = scratch_.PathOf(out);
    options.logs = std::move(logs);
    options.partitions = 5;
    return options;
  }

  ReplayOutcome Run(const ReplayOptions& options) {
    auto outcome = RunReplay(options, topology_);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
    return outcome.has_value() ? *std::move(outcome) : ReplayOutcome{};
  }

  Files FilesOf(const std::string& out) {
    Files files;
    for (const std::string_view name : {kRecordFileNames[0], kRecordFileNames[1], kRecordFileNames[2], kDeadLettersFile}) {
      files[std::string(name)] = files::ReadWholeFile(scratch_.PathOf(out) + "/" + std::string(name)).value();
    }
    return files;
  }

  static std::vector<Hash128> DigestsOf(const Summary& summary) {
    return {summary.totals.files[0].sum, summary.totals.files[1].sum, summary.totals.files[2].sum, summary.state_digest};
  }

  ScratchFolder scratch_;
  topology::Topology topology_ = MakeTopology();
};

TEST_F(ReplayRunTest, AFailingExpressionIsToldWithItsOwner) {
  const expression::Declarations scope = topology::ScopeOf(topology_);
  for (topology::Offer& offer : topology_.offers) {
    if (offer.id == "c") continue;
    offer.eligible.push_back({.rule = "eligible", .about = {}, .when = expression::Compile(" 1 / contacts.count({}) > 0", scope).value()});
  }
  std::string log;
  for (const char* type : {"a", "a", "b", "c"}) log += EventLine(type, type + std::to_string(log.size()), "C1", FromEpochMs(kNow)) + "\n";
  const Summary summary = Run(Options("out", {WriteLog("log", log)})).summary;
  const auto name = [](const char* owner) {
    return FailureName{.owner = owner, .expression = "1 / contacts.count({}) > 0", .kind = "division_by_zero"};
  };
  EXPECT_EQ(summary.totals.failures,
            (std::map<FailureName, std::uint64_t>{{name("offer a, eligible"), 2}, {name("offer b, eligible"), 1}}));
  EXPECT_NE(SummaryAsText(summary).find("2 division_by_zero in offer a, eligible: 1 / contacts.count({}) > 0"), std::string::npos);
  EXPECT_NE(SummaryAsJson(summary).find("\"owner\": \"offer b, eligible\""), std::string::npos);
}

TEST_F(ReplayRunTest, ALogBecomesDecisionsContactsAndMessages) {
  const std::string log = WriteLog("log", Joined(MakeLog(1, 2000)));
  const Summary summary = Run(Options("out", {log})).summary;
  const Files files = FilesOf("out");
  EXPECT_GT(summary.totals.files[0].lines, 100U);
  EXPECT_GT(summary.totals.files[1].lines, 100U);
  EXPECT_GT(summary.tasks.duplicates, 0U);
  EXPECT_GT(summary.tasks.timers, 0U);
  EXPECT_GT(summary.read.skipped.at("unheard.of"), 0U);
  EXPECT_GT(summary.read.dead_letter_count(), 0U);
  EXPECT_EQ(summary.read.events, summary.tasks.events + summary.tasks.duplicates);
  for (std::size_t i = 0; i < kRecordFiles; ++i) {
    const std::string& text = files.at(std::string(kRecordFileNames[i]));
    EXPECT_EQ(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')), summary.totals.files[i].lines);
  }
  EXPECT_TRUE((summary.totals.closings.contains({decision::Stage::kCap, "weekly"})));
  EXPECT_EQ(summary.customers, 40U);
}

TEST_F(ReplayRunTest, BytesAreTheSameForAnyThreadsBatchesAndStore) {
  const std::string log = WriteLog("log", Joined(MakeLog(2, 3000)));
  const Summary expected = Run(Options("plain", {log})).summary;
  int number = 0;
  for (const std::uint32_t threads : {1U, 2U, 4U}) {
    for (const std::size_t batch : {1U, 7U, 500U}) {
      for (const StoreKind store : {StoreKind::kMemory, StoreKind::kRocksDb}) {
        if (store == StoreKind::kRocksDb && batch == 1) continue;
        const std::string out = "out" + std::to_string(++number);
        ReplayOptions options = Options(out, {log});
        options.threads = threads;
        options.batch_lines = batch;
        options.store = store;
        options.memory_mib = 64;
        const Summary summary = Run(options).summary;
        EXPECT_EQ(DigestsOf(summary), DigestsOf(expected)) << out;
        EXPECT_EQ(FilesOf(out), FilesOf("plain")) << out;
      }
    }
  }
}

TEST_F(ReplayRunTest, ARunStoppedAnywhereAndResumedGivesTheSameBytes) {
  const std::vector<std::string> lines = MakeLog(3, 1500);
  const std::string log = WriteLog("log", Joined(lines));
  const Summary expected = Run(Options("plain", {log})).summary;
  std::mt19937 random(3);
  for (int round = 0; round < 12; ++round) {
    const std::string out = "out" + std::to_string(round);
    ReplayOptions options = Options(out, {log});
    options.store = round % 4 == 3 ? StoreKind::kRocksDb : StoreKind::kMemory;
    options.memory_mib = 64;
    options.batch_lines = 1 + random() % 300;
    options.stop_after = random() % 900;
    ReplayOutcome outcome = Run(options);
    while (outcome.stopped) {
      options.resume = true;
      options.threads = static_cast<std::uint32_t>(1 + random() % 3);
      options.stop_after = 1 + random() % 900;
      outcome = Run(options);
    }
    EXPECT_EQ(DigestsOf(outcome.summary), DigestsOf(expected)) << round;
    EXPECT_EQ(FilesOf(out), FilesOf("plain")) << round;
    EXPECT_EQ(outcome.summary.totals.reached, expected.totals.reached);
    EXPECT_EQ(outcome.summary.totals.closings, expected.totals.closings);
    EXPECT_EQ(outcome.summary.totals.said, expected.totals.said);
    EXPECT_EQ(outcome.summary.totals.counters, expected.totals.counters);
    EXPECT_EQ(outcome.summary.tasks, expected.tasks);
    EXPECT_EQ(outcome.summary.read.events_by_type, expected.read.events_by_type);
    // And its journal, written in parts, tells the whole run.
    ReplayOptions again = Options("again" + std::to_string(round), {log});
    again.journal = scratch_.PathOf(out) + "/journal";
    EXPECT_EQ(DigestsOf(Run(again).summary), DigestsOf(expected)) << round;
  }
}

// A line of the far future stops the clock for good: what is held then has to survive the stop.
TEST_F(ReplayRunTest, LinesOfTheClocksLastMillisecondAreKeptForTheRunThatResumes) {
  std::vector<std::string> lines = MakeLog(4, 200);
  lines.insert(lines.begin() + 100, EventLine("a", "far", "C1", ParseTime("2090-01-01T12:00:00Z").value()));
  std::vector<std::string> many;
  for (int i = 0; i < 600; ++i) many.insert(many.end(), lines.begin() + 101, lines.end());  // duplicates: they move nothing
  for (int i = 0; i < 300; ++i)
    many.push_back(EventLine("b", "n" + std::to_string(i), "N" + std::to_string(i), ParseTime("2026-04-01T12:00:00Z").value()));
  lines.insert(lines.end(), many.begin(), many.end());
  for (int i = 0; i < 100'000; ++i) lines.push_back(lines[150]);
  for (int i = 0; i < 50; ++i)
    lines.push_back(EventLine("c", "m" + std::to_string(i), "M" + std::to_string(i), ParseTime("2026-04-01T12:00:00Z").value()));
  const std::string log = WriteLog("log", Joined(lines));
  const Summary expected = Run(Options("plain", {log})).summary;
  ReplayOptions options = Options("out", {log});
  options.stop_after = 60'500;
  ASSERT_TRUE(Run(options).stopped);
  EXPECT_EQ(files::ReadWholeFile(scratch_.PathOf("out/resume.json")).value().find("\"held\":[]"), std::string::npos);
  options.resume = true;
  options.stop_after = std::nullopt;
  EXPECT_EQ(DigestsOf(Run(options).summary), DigestsOf(expected));
  EXPECT_EQ(FilesOf("out"), FilesOf("plain"));
}

TEST_F(ReplayRunTest, ASignalStopsTheRunAndTheNextOneGoesOn) {
  const std::string log = WriteLog("log", Joined(MakeLog(5, 1000)));
  const Summary expected = Run(Options("plain", {log})).summary;
  const std::atomic<bool> interrupted = true;  // from the start: before the first line
  ReplayOptions options = Options("out", {log});
  options.interrupted = &interrupted;
  ASSERT_TRUE(Run(options).stopped);
  options.interrupted = nullptr;
  options.resume = true;
  EXPECT_EQ(DigestsOf(Run(options).summary), DigestsOf(expected));
  EXPECT_EQ(FilesOf("out"), FilesOf("plain"));
}

TEST_F(ReplayRunTest, AJournalGivesTheSameBytesAndRefusesAnotherLog) {
  const std::string log = WriteLog("log", Joined(MakeLog(6, 1000)));
  const Summary expected = Run(Options("plain", {log})).summary;
  ReplayOptions options = Options("again", {log});
  options.journal = scratch_.PathOf("plain/journal");
  options.threads = 2;
  EXPECT_EQ(DigestsOf(Run(options).summary), DigestsOf(expected));
  EXPECT_EQ(FilesOf("again"), FilesOf("plain"));
  options.out = scratch_.PathOf("other");
  options.logs = {WriteLog("changed", Joined(MakeLog(7, 1000)))};
  EXPECT_FALSE(RunReplay(options, topology_).has_value());
  options.logs = {};
  EXPECT_FALSE(RunReplay(options, topology_).has_value());
  options.logs = {log, log};
  EXPECT_FALSE(RunReplay(options, topology_).has_value());
}

TEST_F(ReplayRunTest, FilesOfOneLogAreMergedByTime) {
  std::vector<std::string> lines;
  EngineTime now = ParseTime("2026-03-01T08:00:00Z").value();
  for (int i = 0; i < 900; ++i) {
    now += std::chrono::minutes{7};
    lines.push_back(EventLine(std::string(1, static_cast<char>('a' + i % 3)), "e" + std::to_string(i), "C" + std::to_string(i % 31), now));
  }
  const std::string whole = WriteLog("whole", Joined(lines));
  std::vector<std::string> parts[3];
  std::mt19937 random(8);
  for (const std::string& line : lines) parts[random() % 3].push_back(line);
  const Summary expected = Run(Options("plain", {whole})).summary;
  const std::vector<std::string> logs{WriteLog("p0", Joined(parts[0])), WriteLog("p1", Joined(parts[1])), WriteLog("p2", Joined(parts[2]))};
  EXPECT_EQ(DigestsOf(Run(Options("split", logs)).summary), DigestsOf(expected));
  EXPECT_EQ(FilesOf("split"), FilesOf("plain"));
  ReplayOptions journaled = Options("journaled", logs);
  journaled.journal = scratch_.PathOf("split/journal");
  EXPECT_EQ(DigestsOf(Run(journaled).summary), DigestsOf(expected));
}

TEST_F(ReplayRunTest, UntilGivesTheBeginningOfTheWholeRun) {
  const std::string log = WriteLog("log", Joined(MakeLog(9, 2000)));
  Run(Options("plain", {log}));
  const Files whole = FilesOf("plain");
  for (const char* text : {"2026-03-01T09:00:00Z", "2026-03-03T12:00:00Z", "2026-02-01T00:00:00Z"}) {
    const EngineTime until = ParseTime(text).value();
    ReplayOptions options = Options(std::string("until") + text, {log});
    options.until = until;
    const Summary summary = Run(options).summary;
    EXPECT_EQ(summary.clock, until);
    for (const auto& [name, bytes] : FilesOf(std::string("until") + text)) {
      EXPECT_EQ(whole.at(name).substr(0, bytes.size()), bytes) << name << " " << text;
    }
  }
}

TEST_F(ReplayRunTest, UntilBeyondTheLogFiresWhatIsDueByThen) {
  const EngineTime night = ParseTime("2026-03-01T20:00:00Z").value();
  const std::string log = WriteLog("log", EventLine("a", "e1", "C1", night));  // and no end of the line
  EXPECT_EQ(Run(Options("plain", {log})).summary.totals.files[1].lines, 1U);   // planned
  ReplayOptions options = Options("out", {log});
  options.until = night + std::chrono::days{1};
  const Summary summary = Run(options).summary;
  EXPECT_EQ(summary.totals.files[1].lines, 2U);  // sent in the morning
  ReplayOptions journaled = Options("journaled", {log});
  journaled.journal = scratch_.PathOf("out/journal");
  EXPECT_EQ(DigestsOf(Run(journaled).summary), DigestsOf(summary));
}

TEST_F(ReplayRunTest, AnEmptyLogIsAnAnswerToo) {
  const Summary summary = Run(Options("out", {WriteLog("log", "")})).summary;
  EXPECT_EQ(summary.read.lines, 0U);
  EXPECT_EQ(summary.customers, 0U);
  EXPECT_EQ(FilesOf("out")["contacts.jsonl"], "");
}

TEST_F(ReplayRunTest, BadLinesBecomeDeadLettersAndTheRestGoesOn) {
  const EngineTime noon = ParseTime("2026-03-01T12:00:00Z").value();
  const std::string log =
      WriteLog("log", EventLine("a", "e1", "C1", noon) + "\nnonsense\n" + EventLine("a", "e2", "C2", noon) + "\n{\"type\":");
  const Summary summary = Run(Options("out", {log})).summary;
  EXPECT_EQ(summary.tasks.events, 2U);
  EXPECT_EQ(summary.read.dead_letter_count(), 2U);
  const std::string letters = FilesOf("out")["dead-letters.jsonl"];
  EXPECT_NE(letters.find("bm9uc2Vuc2U="), std::string::npos);  // the bytes of the line, base64
  EXPECT_NE(letters.find("\"line\":2"), std::string::npos);
  EXPECT_NE(letters.find("\"line\":4"), std::string::npos);
}

TEST_F(ReplayRunTest, ResumingRefusesAnotherLogOrAnotherNumberOfPartitions) {
  const std::string log = WriteLog("log", Joined(MakeLog(10, 500)));
  ReplayOptions options = Options("out", {log});
  options.stop_after = 200;
  ASSERT_TRUE(Run(options).stopped);
  options.resume = true;
  options.partitions = 6;
  EXPECT_FALSE(RunReplay(options, topology_).has_value());
  options.partitions = 5;
  options.logs = {WriteLog("changed", Joined(MakeLog(11, 500)))};
  EXPECT_FALSE(RunReplay(options, topology_).has_value());
  options.logs = {log};
  options.stop_after = std::nullopt;
  EXPECT_FALSE(Run(options).stopped);  // the refusals have harmed nothing
}

}  // namespace
}  // namespace antiphon::replay
