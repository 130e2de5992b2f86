#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "state/base/check.h"
#include "state/store/state_store.h"

// Commits that can be told apart afterwards.
namespace antiphon::store::test {

// Commit n sets `arrivals` of ten customers and the meta to n.
inline void CommitNumber(StateStore& store, std::uint64_t number) {
  for (int i = 0; i < 10; ++i) {
    state::CustomerState* customer = *store.Load("C" + std::to_string(i));
    customer->arrivals = number;
    customer->timers = {
        {.due = FromEpochMs(static_cast<std::int64_t>(number)), .sequence = 1, .kind = state::TimerKind::kContactDue, .reference = 1}};
    store.Touch(*customer);
  }
  ANTIPHON_CHECK(store.Commit({{"number", std::to_string(number)}}).has_value());
}

// The number of the commit that the store is at, all of it; 0 for none.
inline std::uint64_t NumberOf(StateStore& store) {
  const auto meta = store.ReadMeta("number").value();
  if (!meta.has_value()) {
    EXPECT_EQ(store.Figures().customers, 0U);
    return 0;
  }
  const std::uint64_t number = std::stoull(*meta);
  EXPECT_EQ(store.Figures().customers, 10U);
  for (int i = 0; i < 10; ++i) EXPECT_EQ((*store.Find("C" + std::to_string(i)))->arrivals, number);
  EXPECT_EQ(store.NextDue().value(), (DueEntry{.due = FromEpochMs(static_cast<std::int64_t>(number)), .customer = "C0"}));
  return number;
}

}  // namespace antiphon::store::test
