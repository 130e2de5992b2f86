#include "services/replay/worker_pool.h"

#include "state/base/check.h"

namespace antiphon::replay {

WorkerPool::WorkerPool(std::size_t threads) {
  ANTIPHON_CHECK(threads > 0);
  for (std::size_t i = 1; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  started_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::Start(std::size_t jobs, const Job& job) {
  {
    const std::scoped_lock lock(mutex_);
    ANTIPHON_CHECK(next_ == jobs_ && running_ == 0);
    job_ = &job;
    jobs_ = jobs;
    next_ = 0;
  }
  started_.notify_all();
}

void WorkerPool::Finish() {
  std::unique_lock lock(mutex_);
  while (RunOne(lock)) {
  }
  finished_.wait(lock, [this] { return running_ == 0; });
}

void WorkerPool::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    started_.wait(lock, [this] { return ending_ || next_ < jobs_; });
    if (ending_) return;
    while (RunOne(lock)) {
    }
    if (running_ == 0) finished_.notify_all();
  }
}

bool WorkerPool::RunOne(std::unique_lock<std::mutex>& lock) {
  if (next_ == jobs_) return false;
  const std::size_t number = next_++;
  ++running_;
  const Job& job = *job_;
  lock.unlock();
  job(number);
  lock.lock();
  --running_;
  return true;
}

}  // namespace antiphon::replay
