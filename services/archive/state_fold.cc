#include "services/archive/state_fold.h"

#include <array>
#include <utility>

#include "services/archive/log_cursor.h"
#include "services/runtime/partition_task.h"
#include "state/store/codec.h"
#include "state/store/stored_row.h"

namespace antiphon::archive {
namespace {

// Reading goes after a run for so long; each time there is less to be read.
constexpr int kPassesMax = 4;
constexpr Milliseconds kWait{20};

// The stable end, once it is not before `least`.
Result<std::int64_t> StableEnd(runtime::EventSource& source, runtime::Clock& clock, runtime::LogId log, std::int64_t least) {
  const std::array<runtime::LogId, 1> logs{log};
  const Milliseconds deadline = clock.Monotonic() + kPatience;
  while (true) {
    const auto ends = source.StableEnds(logs);
    if (!ends) return std::unexpected(ends.error());
    if (ends->front() >= least) return ends->front();
    if (clock.Monotonic() >= deadline) return Fail(Recovery::kRetry, "a transaction on the changelog stays open and nobody ends it");
    source.Wait(kWait);
  }
}

}  // namespace

Result<void> StateFold::TakeIn(const runtime::LogRecord& record) {
  const std::string_view key = record.key.value_or("");
  if (!record.value) {
    if (const auto found = records.find(key); found != records.end()) records.erase(found);
    return {};
  }
  if (key == formats::kMetaKey) {
    auto decoded = formats::DecodePartitionMeta(*record.value);
    if (!decoded) return std::unexpected(std::move(decoded.error()));
    meta = *std::move(decoded);
  } else if (key == formats::kDictionaryKey) {
    auto decoded = store::SlotDictionary::Decode(*record.value);
    if (!decoded) return std::unexpected(std::move(decoded.error()));
    dictionary = *std::move(decoded);
  }
  records.insert_or_assign(std::string(key), std::string(*record.value));
  return {};
}

std::uint64_t StateFold::customers() const {
  std::uint64_t count = 0;
  const auto counted = ForEachRow([&count](std::string_view, std::string_view) {
    ++count;
    return Result<void>();
  });
  return counted ? count : 0;
}

// It ends where the stable end is: in the middle of a transaction its rows would be there and its meta not. A compaction may take away what
// a later record says anew; so it reads on until nothing came while it read, or little.
Result<StateFold> ReadFold(runtime::EventSource& source, runtime::LogDirectory& directory, runtime::Clock& clock,
                           runtime::LogId changelog) {
  const std::array<LogCursor::Begin, 1> begin{{{.log = changelog}}};
  auto cursors = LogCursor::OpenAll(source, directory, clock, begin);
  if (!cursors) return std::unexpected(std::move(cursors.error()));
  LogCursor& cursor = cursors->front();
  StateFold fold;
  std::int64_t end = cursor.end();  // of all that was begun when it was asked, each transaction is in the fold or aborted
  for (int pass = 0; pass < kPassesMax; ++pass) {
    const auto stable = StableEnd(source, clock, changelog, end);
    if (!stable) return std::unexpected(stable.error());
    if (pass > 0 && *stable == end) break;
    end = *stable;
    if (auto extended = cursor.ExtendTo(end); !extended) return std::unexpected(std::move(extended.error()));
    while (true) {
      const auto next = cursor.Next();
      if (!next) return std::unexpected(next.error());
      const std::optional<runtime::LogRecord>& record = *next;
      if (!record) break;
      if (auto in = fold.TakeIn(*record); !in) return std::unexpected(std::move(in.error()));
    }
  }
  return fold;
}

Result<std::unique_ptr<store::MemoryStore>> StoreOf(const StateFold& fold, const store::SlotMap& map) {
  auto made = std::make_unique<store::MemoryStore>(map);
  const auto put = [&](std::string_view customer, std::string_view row) -> Result<void> {
    const auto split = store::SplitRow(row);
    if (!split) return Fail(Recovery::kStopProcess, "the state holds a value that is no customer's row");
    auto loaded = made->Load(customer);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    if (auto decoded = store::DecodeCustomerInto(split->record, map, **loaded); !decoded)
      return std::unexpected(std::move(decoded.error()));
    made->Touch(**loaded);
    return {};
  };
  if (auto rows = fold.ForEachRow(put); !rows) return std::unexpected(std::move(rows.error()));
  store::CommitMeta meta;
  if (fold.meta) meta.emplace(runtime::kPartitionMeta, fold.meta->partition_state);
  if (auto committed = made->Commit(meta); !committed) return std::unexpected(std::move(committed.error()));
  return made;
}

}  // namespace antiphon::archive
