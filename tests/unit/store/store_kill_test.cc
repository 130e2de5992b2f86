// What an unclean end leaves on disk. A process that forks must not have RocksDB's threads: everything is done in children, which end
// without a destructor, as if killed.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "state/base/check.h"
#include "state/store/rocksdb/rocks_store.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/store/numbered_commits.h"

namespace antiphon::store {
namespace {

constexpr int kFailed = 200;

RocksStoreOptions Options(const antiphon::test::TemporaryDirectory& directory, Durability durability) {
  return {.directory = directory.path(), .definitions = {}, .cache_bytes = std::size_t{1} << 20U, .durability = durability};
}

// Not owned: no destructor may run.
RocksStore* Open(const RocksStoreOptions& options) {
  return RocksStore::Open(options, RocksResources::Create(std::size_t{16} << 20U)).value().release();
}

// Runs `work` in a process of its own; its result, or the signal that ended it, negative.
template <typename Work>
int InAProcess(Work work) {
  const pid_t child = fork();
  ANTIPHON_CHECK(child >= 0);
  if (child == 0) _exit(work());
  int status = 0;
  ANTIPHON_CHECK(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int NumberInside(const RocksStoreOptions& options) {
  const auto number = static_cast<int>(test::NumberOf(*Open(options)));
  return ::testing::Test::HasFailure() ? kFailed : number;
}

TEST(StoreKillTest, AfterAKillWithTheLogTheLastCommitStands) {
  const antiphon::test::TemporaryDirectory directory;
  const RocksStoreOptions options = Options(directory, Durability::kEveryCommit);
  ASSERT_EQ(InAProcess([&] {
              RocksStore* const store = Open(options);
              for (std::uint64_t number = 1; number <= 50; ++number) test::CommitNumber(*store, number);
              (*store->Load("C1"))->arrivals = 99;
              store->Touch(**store->Load("C1"));
              return 0;
            }),
            0);
  EXPECT_EQ(InAProcess([&] { return NumberInside(options); }), 50);
}

TEST(StoreKillTest, AfterAKillWithoutTheLogAFlushedPrefixStands) {
  for (const std::size_t write_behind_bytes : {std::size_t{0}, std::size_t{1} << 19U}) {
    const antiphon::test::TemporaryDirectory directory;
    RocksStoreOptions options = Options(directory, Durability::kPrefix);
    options.write_behind_bytes = write_behind_bytes;
    const auto work = [&] {
      RocksStore* const store = Open(options);
      for (std::uint64_t number = 1; number <= 50; ++number) {
        test::CommitNumber(*store, number);
        if (number == 30) ANTIPHON_CHECK(store->Flush().has_value());
      }
      return 0;
    };
    ASSERT_EQ(InAProcess(work), 0);
    EXPECT_EQ(InAProcess([&] { return NumberInside(options); }), 30) << write_behind_bytes;
  }
}

// A limit on the size of files stands for a full disk: the commit fails, and nothing of it is there afterwards.
TEST(StoreKillTest, AFailedWriteLeavesTheCommitBeforeIt) {
  const antiphon::test::TemporaryDirectory directory;
  const RocksStoreOptions options = Options(directory, Durability::kEveryCommit);
  ASSERT_EQ(InAProcess([&] {
              RocksStore* const store = Open(options);
              test::CommitNumber(*store, 1);
              (void)signal(SIGXFSZ, SIG_IGN);
              const rlimit limit{.rlim_cur = 4096, .rlim_max = 4096};
              ANTIPHON_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
              state::CustomerState* customer = *store->Load("C1");
              customer->arrivals = 2;
              customer->page_views.resize(1);
              customer->page_views[0].path.assign(std::size_t{1} << 20U, 'x');
              store->Touch(*customer);
              const auto committed = store->Commit({{"number", "2"}});
              ANTIPHON_CHECK(!committed.has_value());
              ANTIPHON_CHECK(!store->Load("C2").has_value());
              return 0;
            }),
            0);
  EXPECT_EQ(InAProcess([&] { return NumberInside(options); }), 1);
}

}  // namespace
}  // namespace antiphon::store
