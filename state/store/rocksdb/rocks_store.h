#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "state/base/result.h"
#include "state/store/dictionary.h"
#include "state/store/rocksdb/rocks_database.h"
#include "state/store/rocksdb/rocks_resources.h"
#include "state/store/state_store.h"

namespace antiphon::store {

struct RocksStoreOptions {
  std::string directory;                    // of this partition alone
  std::vector<SlotDefinition> definitions;  // of the topology in force
  std::size_t cache_bytes = 0;              // for decoded records of this partition; a bound, see WantsCommit
  Durability durability = Durability::kPrefix;
  // Commits whose changed records take no more than this are gathered and written as one: a record that changes in each of them is written
  // once. An end that is not clean then loses them, as it may lose any commit since a flush. 0: each commit is written.
  // REQUIRES: not more than half of `cache_bytes`, and 0 with kEveryCommit.
  std::size_t write_behind_bytes = 0;
  std::size_t due_rows = 4096;  // of the due index kept in memory: from this many to twice as many
};

// RocksStore: the StateStore on disk, with a write-back cache of decoded records in front of it. The cache holds `cache_bytes` (an
// estimate), evicts by CLOCK, and evicts only what is clean and was not asked for since the last Commit: pointers stay valid, and what is
// dirty is written by Commit alone. When what must stay passes half of `cache_bytes`, WantsCommit says so; a caller that does not commit
// makes the store pass its bound. Its end writes what is gathered (write_behind_bytes), if nothing was touched since the last Commit. Load
// is O(1) plus, for a record that is not in the cache, one read of RocksDB.
class RocksStore : public StateStore {
 public:
  // Opens or makes the store. Reads the dictionary, plans the slots of `definitions`; a dictionary that changed is
  // written with the first commit. Fails, the process
  // to stop, on a directory of another format or version, or one that is open already; else as RocksDatabase.
  [[nodiscard]] static Result<std::unique_ptr<RocksStore>> Open(RocksStoreOptions options, std::shared_ptr<const RocksResources> resources);

  // What became of the slots at Open.
  [[nodiscard]] virtual const SlotPlan& plan() const = 0;

  // Makes all commits outlive the process; to be called when the partition is idle or long unflushed: it bounds what a crash makes the
  // changelog replay, and frees the memtable for the busy stores of the process. REQUIRES: nothing was touched since the last Commit.
  [[nodiscard]] virtual Result<void> Flush() = 0;
};

}  // namespace antiphon::store
