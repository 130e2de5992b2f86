#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace antiphon::replay {

// WorkerPool: runs `jobs` calls of one function on a fixed number of threads, the caller's included; fork and join per batch. Which
// thread runs which job does not matter to the result: the jobs share nothing. With one thread everything runs on the caller's.
//
//   pool.Start(jobs, function);   // the other threads begin
//   .. the caller does something else ..
//   pool.Finish();                // the caller takes part, and returns when all jobs are done
class WorkerPool {
 public:
  using Job = std::function<void(std::size_t)>;

  // REQUIRES: threads > 0.
  explicit WorkerPool(std::size_t threads);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  // `job` must live until Finish. REQUIRES: nothing was started that is not finished.
  void Start(std::size_t jobs, const Job& job);
  void Finish();

 private:
  void Work();
  // Takes and runs one job; false if none is left.
  bool RunOne(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable started_;
  std::condition_variable finished_;
  const Job* job_ = nullptr;
  std::size_t jobs_ = 0;
  std::size_t next_ = 0;
  std::size_t running_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace antiphon::replay
