// Decisions in the steady state do not reach the allocator. A program of its own: it replaces the global operator new.

#include <gmock/gmock.h>

#include "tests/unit/decision/counted_allocations.h"
#include "tests/unit/decision/engine_bench.h"

namespace antiphon::decision {
namespace {

using std::chrono::days;

const EngineTime kNoon = At("2026-03-02T12:00:00Z");

// An id that does not fit into a string without memory of its own.
const std::string kLongId = "a-customer-with-a-rather-long-name";

// Three offers of one trigger, each with texts that need memory.
struct AllocationTest : testing::Test {
  AllocationTest() {
    bench.customer.customer = kLongId;
    for (const char* name : {"a", "b", "c"}) bench.AddTriggeredOffer(name, 1);
    for (topology::Treatment& treatment : bench.topology.treatments) {
      treatment.by_language[0]->pieces[0].text = "a text that is longer than a string without memory of its own";
    }
    bench.topology.triggers[0].offers = {state::OfferId{0}, state::OfferId{1}, state::OfferId{2}};
    bench.topology.triggers[0].expires_after = days{100};
    // What the record grows by is the record's; the test is about the rest.
    bench.customer.contacts.reserve(100);
    bench.customer.moments.reserve(100);
    bench.customer.timers.reserve(100);
  }

  // How often the event's step allocates.
  std::size_t AllocationsOf(EngineTime now) {
    bench.effects.Clear();
    const Event event{.type = 0, .time = now, .source = "test", .id = "e", .customer = bench.customer.customer, .fields = {}};
    const StepTime time{.now = now, .floor = now, .current = true};
    const std::size_t before = AllocationCount();
    Engine(bench.topology).ApplyEvent(bench.partition, bench.customer, event, time, *bench.scratch, bench.effects);
    return AllocationCount() - before;
  }

  EngineBench bench;
};

TEST_F(AllocationTest, ASilentDecisionAllocatesNothing) {
  topology::Cap cap;
  cap.id = "weekly";
  cap.over = days{7};
  bench.topology.caps.push_back(cap);
  bench.AddToLedger(state::ContactStatus::kSent, kNoon);
  AllocationsOf(kNoon);
  EXPECT_EQ(AllocationsOf(kNoon), 0U);
  ASSERT_EQ(bench.effects.decisions.size(), 1U);
  EXPECT_EQ(bench.effects.decisions[0].customer, kLongId);
  EXPECT_EQ(bench.effects.decisions[0].candidates.size(), 3U);
  EXPECT_EQ(bench.effects.decisions[0].silence_rule, "weekly");
}

TEST_F(AllocationTest, AMessageSentAtOnceAllocatesForTheRecordOnly) {
  AllocationsOf(kNoon);
  EXPECT_EQ(AllocationsOf(kNoon), 1U);  // Contact::moments
  ASSERT_EQ(bench.effects.outbound.size(), 1U);
  EXPECT_EQ(bench.effects.outbound[0].text, bench.topology.treatments[0].by_language[0]->pieces[0].text);
  EXPECT_EQ(bench.effects.contacts.size(), 2U);
}

}  // namespace
}  // namespace antiphon::decision
