#include "services/runtime/partition_task.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/decision/words.h"
#include "state/store/digest.h"
#include "state/store/memory_store.h"
#include "tests/unit/decision/engine_bench.h"

namespace antiphon::runtime {
namespace {

using decision::At;

// "2026-03-02T09:00:00.000Z C1 sent": the changes of contacts in the order in which they left.
class RecordingSink final : public EffectsSink {
 public:
  void Take(EngineTime now, decision::Effects& effects) override {
    EXPECT_GE(now, last_);
    last_ = now;
    for (const decision::ContactRecord& record : effects.contacts) {
      EXPECT_EQ(record.time, now);
      lines.push_back(FormatTime(now) + " " + record.customer + " " + std::string(decision::StatusName(record.contact.status)));
    }
    moments += effects.counters[static_cast<std::size_t>(decision::Counter::kMomentsOpened)];
  }

  std::vector<std::string> lines;
  std::uint64_t moments = 0;

 private:
  EngineTime last_{};
};

// A partition over a topology of one offer, "a", whose SMS leave from 09:00 to 17:00 UTC: what is decided at night is due in the morning.
struct TaskBench {
  TaskBench() {
    bench.AddTriggeredOffer("a", 10);
    bench.OpenDaily("09:00-17:00");
    bench.topology.triggers[0].expires_after = std::chrono::hours{72};
    engine = std::make_unique<decision::Engine>(bench.topology);
    task = PartitionTask::Create({.engine = engine.get(), .store = std::make_unique<store::MemoryStore>(), .sink = &sink}).value();
  }

  void Apply(std::string_view customer, EngineTime now) { Apply(customer, now, now, "e" + std::to_string(++events)); }
  void Apply(std::string_view customer, EngineTime now, EngineTime time, const std::string& id) {
    const decision::Event event{.type = 0, .time = time, .source = "test", .id = id, .customer = customer, .fields = {}};
    ASSERT_TRUE(task->ApplyEvent(event, now).has_value());
  }
  void AdvanceTo(EngineTime now) { ASSERT_TRUE(task->AdvanceTo(now).has_value()); }

  decision::EngineBench bench;
  RecordingSink sink;
  std::unique_ptr<decision::Engine> engine;
  std::unique_ptr<PartitionTask> task;
  int events = 0;
};

TEST(PartitionTaskTest, DueTimersFireBeforeTheInputAtTheirOwnTime) {
  TaskBench bench;
  bench.Apply("C1", At("2026-03-01T20:00:00Z"));
  bench.Apply("C2", At("2026-03-02T10:00:00Z"));
  EXPECT_EQ(bench.sink.lines, (std::vector<std::string>{"2026-03-01T20:00:00.000Z C1 planned", "2026-03-02T09:00:00.000Z C1 sent",
                                                        "2026-03-02T10:00:00.000Z C2 planned", "2026-03-02T10:00:00.000Z C2 sent"}));
}

TEST(PartitionTaskTest, ATimerDueAtTheTimeOfAnInputFiresBeforeIt) {
  TaskBench bench;
  bench.Apply("C2", At("2026-03-01T20:00:00Z"));
  bench.Apply("C1", At("2026-03-02T09:00:00Z"));
  EXPECT_EQ(bench.sink.lines, (std::vector<std::string>{"2026-03-01T20:00:00.000Z C2 planned", "2026-03-02T09:00:00.000Z C2 sent",
                                                        "2026-03-02T09:00:00.000Z C1 planned", "2026-03-02T09:00:00.000Z C1 sent"}));
}

TEST(PartitionTaskTest, CustomersDueAtOneTimeFireInTheOrderOfTheirKeys) {
  TaskBench bench;
  for (const char* customer : {"C3", "C10", "C2"}) bench.Apply(customer, At("2026-03-01T20:00:00Z"));
  bench.sink.lines.clear();
  bench.AdvanceTo(At("2026-03-02T09:00:00Z"));
  EXPECT_EQ(bench.sink.lines, (std::vector<std::string>{"2026-03-02T09:00:00.000Z C10 sent", "2026-03-02T09:00:00.000Z C2 sent",
                                                        "2026-03-02T09:00:00.000Z C3 sent"}));
}

TEST(PartitionTaskTest, NoTimerFiresBeforeItIsDue) {
  TaskBench bench;
  bench.Apply("C1", At("2026-03-01T20:00:00Z"));
  bench.AdvanceTo(At("2026-03-02T08:59:59.999Z"));
  EXPECT_EQ(bench.sink.lines.size(), 1U);
  bench.AdvanceTo(At("2026-03-02T09:00:00Z"));
  EXPECT_EQ(bench.sink.lines.size(), 2U);
  const std::uint64_t fired = bench.task->figures().timers;
  bench.AdvanceTo(At("2026-03-02T09:00:00Z"));
  EXPECT_EQ(bench.task->figures().timers, fired);
}

TEST(PartitionTaskTest, ARepeatedEventIsAppliedOnceWithinTheHorizon) {
  TaskBench bench;
  bench.Apply("C1", At("2026-03-01T10:00:00Z"), At("2026-03-01T10:00:00Z"), "x");
  bench.Apply("C1", At("2026-03-01T10:00:01Z"), At("2026-03-01T10:00:00Z"), "x");
  EXPECT_EQ(bench.task->figures().events, 1U);
  EXPECT_EQ(bench.task->figures().duplicates, 1U);
  bench.Apply("C2", At("2026-03-01T10:00:02Z"), At("2026-03-01T10:00:00Z"), "x");  // another customer's
  EXPECT_EQ(bench.task->figures().events, 2U);
  const EngineTime later = At("2026-03-01T10:00:00Z") + bench.bench.topology.duplicate_horizon;
  bench.Apply("C1", later, later, "x");
  EXPECT_EQ(bench.task->figures().events, 3U);
}

TEST(PartitionTaskTest, ADuplicateMovesTheClockAndFiresWhatIsDue) {
  TaskBench bench;
  bench.Apply("C1", At("2026-03-01T20:00:00Z"), At("2026-03-01T20:00:00Z"), "x");
  bench.Apply("C1", At("2026-03-02T09:30:00Z"), At("2026-03-01T20:00:00Z"), "x");
  EXPECT_EQ(bench.sink.lines.back(), "2026-03-02T09:00:00.000Z C1 sent");
  EXPECT_EQ(bench.task->clock(), At("2026-03-02T09:30:00Z"));
}

TEST(PartitionTaskTest, ALateEventIsAppliedAtTheClock) {
  TaskBench bench;
  bench.Apply("C1", At("2026-03-02T12:00:00Z"));
  bench.Apply("C2", At("2026-03-02T12:00:00Z"), At("2026-03-01T12:00:00Z"), "late");
  EXPECT_EQ(bench.sink.lines.back(), "2026-03-02T12:00:00.000Z C2 sent");
}

TEST(PartitionTaskTest, APauseHoldsFromItsPlaceInTheOrder) {
  TaskBench bench;
  const decision::Control pause{
      .kind = decision::Control::Kind::kPause, .paused = state::PausedKind::kAll, .time = At("2026-03-02T12:00:00Z")};
  bench.Apply("C1", At("2026-03-02T11:00:00Z"));
  ASSERT_TRUE(bench.task->ApplyControl(pause, At("2026-03-02T12:00:00Z")).has_value());
  bench.Apply("C2", At("2026-03-02T13:00:00Z"));
  EXPECT_EQ(bench.sink.lines, (std::vector<std::string>{"2026-03-02T11:00:00.000Z C1 planned", "2026-03-02T11:00:00.000Z C1 sent"}));
  EXPECT_EQ(bench.task->figures().controls, 1U);
}

TEST(PartitionTaskTest, CountersReachTheSinkOnce) {
  TaskBench bench;
  bench.Apply("C1", At("2026-03-02T11:00:00Z"));
  bench.Apply("C2", At("2026-03-02T12:00:00Z"));
  bench.task->FlushCounters();
  bench.task->FlushCounters();
  EXPECT_EQ(bench.sink.moments, 2U);
}

// Where the clock is moved between inputs (the end of a batch, a tick) must not show, as long as it is not moved past the next input.
TEST(PartitionTaskTest, ResultsDoNotDependOnWhereTheClockIsMovedBetweenInputs) {
  rc::check([] {
    const auto hours = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 30));
    const auto customers = *rc::gen::container<std::vector<int>>(hours.size(), rc::gen::inRange(0, 5));
    const auto stops = *rc::gen::container<std::vector<int>>(hours.size(), rc::gen::inRange(0, 4));
    TaskBench plain;
    TaskBench ticked;
    EngineTime now = At("2026-03-01T00:00:00Z");
    for (std::size_t i = 0; i < hours.size(); ++i) {
      const EngineTime next = now + std::chrono::hours{hours[i]};
      const std::string customer = "C" + std::to_string(customers[i]);
      for (int stop = 0; stop < stops[i]; ++stop) ticked.AdvanceTo(now + (next - now) * stop / 3);
      plain.Apply(customer, next);
      ticked.Apply(customer, next);
      now = next;
    }
    plain.AdvanceTo(now + std::chrono::days{9});
    ticked.AdvanceTo(now + std::chrono::days{9});
    RC_ASSERT(plain.sink.lines == ticked.sink.lines);
    RC_ASSERT(store::DigestOfStore(plain.task->store()).value().sum() == store::DigestOfStore(ticked.task->store()).value().sum());
  });
}

}  // namespace
}  // namespace antiphon::runtime
