#include "tests/support/memory_log/committed_reader.h"

#include <limits>
#include <utility>

#include "state/base/check.h"

namespace antiphon::memory_log {

Result<Fetched> Fetch(MemoryCluster& cluster, const LogName& name, std::int64_t from, std::uint64_t records_max) {
  const std::string place = "partition " + std::to_string(name.partition) + " of topic " + name.topic;
  const Log* const log = cluster.Find(name);
  if (log == nullptr) return Fail(Recovery::kRestartTask, "there is no " + place);
  if (from < log->start || from > log->high_watermark()) {
    return Fail(Recovery::kRestartTask, place + " has no offset " + std::to_string(from) + ": it is [" + std::to_string(log->start) + ", " +
                                            std::to_string(log->high_watermark()) + ")");
  }
  Fetched fetched{.records = {}, .next = from};
  const std::int64_t end = log->stable_end();
  while (fetched.next < end && fetched.records.size() < records_max) {
    const Entry& entry = log->entries[static_cast<std::size_t>(fetched.next++)];
    if (entry.kind != EntryKind::kRecord) continue;
    if (entry.transaction != 0 && cluster.transaction(entry.transaction).state != Transaction::State::kCommitted) continue;
    fetched.records.push_back({.offset = fetched.next - 1, .transaction = entry.transaction, .record = entry.record});
  }
  return fetched;
}

std::vector<CommittedRecord> CommittedRecords(MemoryCluster& cluster, const LogName& log) {
  const Log* const found = cluster.Find(log);
  ANTIPHON_CHECK(found != nullptr);
  Result<Fetched> fetched = Fetch(cluster, log, found->start, std::numeric_limits<std::uint64_t>::max());
  ANTIPHON_CHECK(fetched.has_value());
  return std::move(fetched->records);
}

std::map<std::string, std::string> Fold(const std::vector<CommittedRecord>& records) {
  std::map<std::string, std::string> fold;
  for (const auto& [offset, transaction, record] : records) {
    if (!record.key) continue;
    if (record.value) {
      fold.insert_or_assign(*record.key, *record.value);
    } else {
      fold.erase(*record.key);
    }
  }
  return fold;
}

}  // namespace antiphon::memory_log
