#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "services/formats/live_records.h"
#include "services/runtime/clock.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"
#include "state/store/dictionary.h"
#include "state/store/memory_store.h"

namespace antiphon::archive {

// StateFold: the changelog of one partition, folded: the last value of each key, that is, its state after one commit. Value type.
// Source: docs/live.md, "What stands in the topics".
struct StateFold {
  std::map<std::string, std::string, std::less<>> records;  // as they stand in the changelog, by key
  store::SlotDictionary dictionary;
  std::optional<formats::PartitionMeta> meta;  // nothing: no commit yet

  // The next record of the changelog. An Error: its value is not what its key says.
  [[nodiscard]] Result<void> TakeIn(const runtime::LogRecord& record);

  // The rows of customers: keys from the first one of kCustomerKey on.
  template <typename Visitor>
  [[nodiscard]] Result<void> ForEachRow(const Visitor& visit) const {
    for (auto row = records.lower_bound(std::string(1, formats::kCustomerKey)); row != records.end(); ++row) {
      if (row->first.front() != formats::kCustomerKey) break;
      if (auto visited = visit(std::string_view(row->first).substr(1), std::string_view(row->second)); !visited) return visited;
    }
    return {};
  }
  [[nodiscard]] std::uint64_t customers() const;
};

// The state after the last commit that is in the changelog. A run may go on meanwhile: what it commits while this reads may be in it or
// not, whole transactions each. Blocks.
[[nodiscard]] Result<StateFold> ReadFold(runtime::EventSource& source, runtime::LogDirectory& directory, runtime::Clock& clock,
                                         runtime::LogId changelog);

// The fold as a store: what a partition that goes on from here has. `map` is of the fold's dictionary. An Error: a value that is no row.
[[nodiscard]] Result<std::unique_ptr<store::MemoryStore>> StoreOf(const StateFold& fold, const store::SlotMap& map);

}  // namespace antiphon::archive
