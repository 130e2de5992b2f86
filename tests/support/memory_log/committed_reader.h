#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/memory_log/memory_cluster.h"

namespace antiphon::memory_log {

struct CommittedRecord {
  std::int64_t offset = 0;
  TransactionId transaction = 0;  // MemoryCluster::transaction tells whose it was, by which generation, with which positions
  Record record;
};

// What a checker reads: the committed records of a log before its stable end, in order. REQUIRES: there is such a log.
[[nodiscard]] std::vector<CommittedRecord> CommittedRecords(MemoryCluster& cluster, const LogName& log);

// The last value of each key; a tombstone takes the key away. Records without a key do not count.
[[nodiscard]] std::map<std::string, std::string> Fold(const std::vector<CommittedRecord>& records);

// Up to `records_max` committed records from `from` on, and where to go on: at the stable end if there was no more.
// kRestartTask: there is no such log, or it has no such place.
struct Fetched {
  std::vector<CommittedRecord> records;
  std::int64_t next = 0;
};
[[nodiscard]] Result<Fetched> Fetch(MemoryCluster& cluster, const LogName& log, std::int64_t from, std::uint64_t records_max);

}  // namespace antiphon::memory_log
