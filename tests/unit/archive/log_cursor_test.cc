#include "services/archive/log_cursor.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/support/memory_log/memory_ports.h"

namespace antiphon::archive {
namespace {

using memory_log::LogName;

constexpr runtime::LogId kLog{.topic = 0, .partition = 0};

class LogCursorTest : public ::testing::Test {
 protected:
  LogCursorTest() { cluster_.CreateTopic("t", 1); }

  // One record and its marker.
  void Commit(const std::string& value) {
    const auto producer = cluster_.InitProducer("p").value();
    ASSERT_TRUE(
        cluster_.Add(producer, LogName{"t", 0}, {.timestamp = {}, .key = "k", .value = value, .headers = {{"h", value}}}).has_value());
    ASSERT_TRUE(cluster_.End(producer, memory_log::Transaction::State::kCommitted).has_value());
  }
  LogCursor Open(LogCursor::Begin begin) {
    const std::array<LogCursor::Begin, 1> begins{begin};
    return std::move(LogCursor::OpenAll(source_, directory_, clock_, begins).value().front());
  }
  static std::string Next(LogCursor& cursor) {
    const auto next = cursor.Next();
    if (!next) return "error: " + next.error().message;
    const std::optional<runtime::LogRecord>& record = *next;
    return record ? std::string(record->value.value_or("")) : "end";
  }

  runtime::VirtualClock clock_{EngineTime{Milliseconds{1'000'000}}};
  memory_log::Faults faults_{1};
  memory_log::MemoryCluster cluster_{clock_, faults_};
  memory_log::MemoryProcess process_{cluster_, "reader", {.names = {"t"}, .inputs = 0, .with_headers = {0}}};
  memory_log::MemoryEventSource source_{process_};
  memory_log::MemoryLogDirectory directory_{process_};
};

// Its position stands on the marker then, before the end, and the source gives what was written meanwhile.
TEST_F(LogCursorTest, WhatIsWrittenAfterItWasOpenedIsNotOfItUntilItIsExtended) {
  Commit("a");
  LogCursor cursor = Open({.log = kLog});
  EXPECT_EQ(cursor.end(), 2);
  Commit("b");
  Commit("c");
  EXPECT_EQ(Next(cursor), "a");
  EXPECT_EQ(Next(cursor), "end");
  EXPECT_EQ(Next(cursor), "end");
  ASSERT_TRUE(cursor.ExtendTo(4).has_value());
  const auto given = cursor.Next().value();
  EXPECT_EQ(given->value, "b");
  EXPECT_EQ(given->offset, 2);
  EXPECT_EQ(given->key, "k");
  ASSERT_EQ(given->headers.size(), 1U);
  EXPECT_EQ(given->headers[0].value, "b");
  EXPECT_EQ(Next(cursor), "end");
  ASSERT_TRUE(cursor.ExtendTo(6).has_value());
  EXPECT_EQ(Next(cursor), "c");
  EXPECT_EQ(Next(cursor), "end");
}

TEST_F(LogCursorTest, AnEmptyStretchIsNotRead) {
  Commit("a");
  LogCursor cursor = Open({.log = kLog, .from = 2});
  EXPECT_EQ(Next(cursor), "end");
  Commit("b");
  ASSERT_TRUE(cursor.ExtendTo(4).has_value());
  EXPECT_EQ(Next(cursor), "b");
}

TEST_F(LogCursorTest, WhatHasExpiredIsAnErrorAndNothingIsPassedOver) {
  Commit("a");
  Commit("b");
  cluster_.Trim({"t", 0}, 2);
  LogCursor cursor = Open({.log = kLog, .from = 0});
  EXPECT_NE(Next(cursor).find("begins at offset 2"), std::string::npos);
  LogCursor from_least = Open({.log = kLog, .least = 1});
  EXPECT_EQ(from_least.begin(), 2);
  EXPECT_EQ(Next(from_least), "b");
}

}  // namespace
}  // namespace antiphon::archive
