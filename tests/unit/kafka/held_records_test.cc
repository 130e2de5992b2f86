#include "services/kafka/held_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace antiphon::kafka {
namespace {

using runtime::LogId;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr LogId kState{.topic = 0, .partition = 0};
constexpr LogId kJournal{.topic = 1, .partition = 0};
constexpr LogId kOther{.topic = 0, .partition = 1};

std::vector<std::string> ValuesOf(HeldRecords& held) {
  std::vector<std::string> values;
  const auto told = held.ForEach([&](const HeldRecords::Record& record) -> Result<void> {
    values.emplace_back(record.value.value_or("none"));
    return {};
  });
  EXPECT_TRUE(told);
  return values;
}

void Add(HeldRecords& held, LogId log, std::string_view value) { held.Add({.log = log, .key = "key", .value = value, .headers = {}}); }

TEST(HeldRecordsTest, TheFirstOfEachLogComesFirstAndOrderWithinALogStays) {
  HeldRecords held;
  Add(held, kState, "s1");
  Add(held, kState, "s2");
  Add(held, kJournal, "j1");
  Add(held, kState, "s3");
  Add(held, kOther, "o1");
  Add(held, kJournal, "j2");
  EXPECT_TRUE(held.HasFirsts());
  EXPECT_THAT(ValuesOf(held), ElementsAre("s1", "j1", "o1", "s2", "s3", "j2"));
}

TEST(HeldRecordsTest, ALogIsNewOncePerTransaction) {
  HeldRecords held;
  Add(held, kState, "s1");
  held.Clear();
  EXPECT_EQ(held.bytes(), 0U);
  EXPECT_FALSE(held.HasFirsts());
  Add(held, kState, "s2");
  EXPECT_FALSE(held.HasFirsts());
  Add(held, kJournal, "j1");
  EXPECT_TRUE(held.HasFirsts());
  EXPECT_THAT(ValuesOf(held), ElementsAre("j1", "s2"));
  held.Begin();
  EXPECT_THAT(ValuesOf(held), IsEmpty());
  Add(held, kState, "s3");
  EXPECT_TRUE(held.HasFirsts());
}

TEST(HeldRecordsTest, NothingIsLostOfARecord) {
  HeldRecords held;
  const std::string name = "name";
  const std::string value(1'000, 'x');
  const std::vector<runtime::Header> headers{{.name = name, .value = value}, {.name = "empty", .value = ""}};
  held.Add({.log = kState, .key = std::nullopt, .value = "", .headers = headers});
  held.Add({.log = kState, .key = "", .value = std::nullopt, .headers = {}});
  int seen = 0;
  const auto told = held.ForEach([&](const HeldRecords::Record& record) -> Result<void> {
    EXPECT_EQ(record.log, kState);
    if (seen++ == 0) {
      EXPECT_FALSE(record.key);
      EXPECT_EQ(record.value, "");
      EXPECT_EQ(record.headers.size(), 2U);
      EXPECT_EQ(record.headers[0].name, "name");
      EXPECT_EQ(record.headers[0].value, value);
      EXPECT_EQ(record.headers[1].value, "");
    } else {
      EXPECT_EQ(record.key, "");
      EXPECT_FALSE(record.value);
      EXPECT_TRUE(record.headers.empty());
    }
    return {};
  });
  EXPECT_TRUE(told);
  EXPECT_EQ(seen, 2);
}

TEST(HeldRecordsTest, AnErrorEndsIt) {
  HeldRecords held;
  Add(held, kState, "s1");
  Add(held, kState, "s2");
  int seen = 0;
  const auto told = held.ForEach([&](const HeldRecords::Record&) -> Result<void> {
    ++seen;
    return Fail(Recovery::kRestartTask, "no");
  });
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().message, "no");
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace antiphon::kafka
