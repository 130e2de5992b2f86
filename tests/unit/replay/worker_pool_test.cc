#include "services/replay/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace antiphon::replay {
namespace {

TEST(WorkerPoolTest, EveryJobRunsOnceInEveryRound) {
  for (const std::size_t threads : {1U, 2U, 4U, 9U}) {
    WorkerPool pool(threads);
    std::vector<std::atomic<int>> runs(7);
    const WorkerPool::Job job = [&runs](std::size_t number) { ++runs[number]; };
    for (int round = 1; round <= 200; ++round) {
      pool.Start(runs.size(), job);
      pool.Finish();
      for (const auto& count : runs) ASSERT_EQ(count.load(), round);
    }
  }
}

TEST(WorkerPoolTest, OneThreadIsTheCallers) {
  WorkerPool pool(1);
  const auto caller = std::this_thread::get_id();
  bool same = true;
  const WorkerPool::Job job = [&](std::size_t) { same = same && std::this_thread::get_id() == caller; };
  pool.Start(5, job);
  pool.Finish();
  EXPECT_TRUE(same);
}

TEST(WorkerPoolTest, NoJobsAreFinishedAtOnce) {
  WorkerPool pool(3);
  const WorkerPool::Job job = [](std::size_t) { FAIL(); };
  pool.Start(0, job);
  pool.Finish();
}

}  // namespace
}  // namespace antiphon::replay
