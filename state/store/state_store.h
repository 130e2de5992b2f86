#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "state/base/result.h"
#include "state/base/time.h"
#include "state/model/customer_state.h"

namespace antiphon::store {

// The earliest timer of one customer.
struct DueEntry {
  EngineTime due{};
  std::string_view customer;  // valid until the next call of the store
  friend bool operator==(const DueEntry&, const DueEntry&) = default;
};

// What a commit writes beside the records: named bytes of the caller (input positions, the partition's state, output ordinals). A name
// that is not given keeps its bytes.
using CommitMeta = std::map<std::string, std::string, std::less<>>;

struct StoreFigures {
  std::uint64_t customers = 0;
  std::uint64_t bytes_at_rest = 0;    // of the stored records: on disk where there is one (estimate), else of the objects in memory
  std::uint64_t bytes_in_memory = 0;  // of decoded records (estimate); sampled by the in-memory store
  std::uint64_t cache_hits = 0;       // loads answered by a decoded record
  std::uint64_t cache_misses = 0;     // loads that went to disk, unknown customers included
};

using CustomerVisitor = std::function<void(const state::CustomerState&)>;
using ChangeVisitor = std::function<void(std::string_view customer, std::string_view row)>;

// StateStore: the records of one partition's customers, their due index and the caller's meta. Owned by the partition's PartitionTask and
// used by its thread only. All implementations give the same records, the same order of dues and the same digest for the same calls.
//
//   auto customer = store.Load("C00692");      // the record, made if unknown
//   .. change it ..
//   store.Touch(**customer);                   // it is dirty, and its first timer is in the due index
//   store.Commit(meta);                        // all dirty records, the due index and the meta, or nothing
//
// Pointers to records are valid until the next Commit, however many are held. What is read is what was last written, committed or not.
// After an Error of a store that has a disk, every later call fails in the same way: drop the store, open it again, and go on from the
// meta that it then has. Source: docs/state.md.
class StateStore {
 public:
  StateStore() = default;
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  virtual ~StateStore() = default;

  // The customer's record; an empty one, dirty from the start, if he is unknown. Never null.
  [[nodiscard]] virtual Result<state::CustomerState*> Load(std::string_view customer) = 0;

  // The customer's record; null if he is unknown. Makes nothing.
  [[nodiscard]] virtual Result<state::CustomerState*> Find(std::string_view customer) = 0;

  // A hint that Load(customer) comes soon: to be called for each of them, kPrefetchAhead inputs ahead. Cheap. An empty name is nobody, and
  // brings those before nearer nevertheless.
  static constexpr std::size_t kPrefetchAhead = 16;
  virtual void Prefetch(std::string_view /*customer*/) {}

  // To be called after every change of a record, before any other call but Load, Find and Prefetch.
  // REQUIRES: `customer` came from Load or Find of this store since the last Commit; `customer.timers` is sorted by (due, sequence).
  virtual void Touch(state::CustomerState& customer) = 0;

  // The least (due, customer bytes) of all customers' first timers; nothing if there is no timer.
  [[nodiscard]] virtual Result<std::optional<DueEntry>> NextDue() = 0;

  // True if the caller should commit soon: too many records are held for the memory that the store was given.
  [[nodiscard]] virtual bool WantsCommit() const { return false; }

  // Calls the visitor with the row (stored_row.h) of each record that is dirty, in order of its first Touch since the last Commit: for a
  // changelog. The next Commit writes the same bytes.
  [[nodiscard]] virtual Result<void> ForEachChange(const ChangeVisitor& visitor) = 0;

  // Writes all dirty records, their entries in the due index and `meta`, atomically. On an Error nothing of it is written.
  [[nodiscard]] virtual Result<void> Commit(const CommitMeta& meta) = 0;

  // The bytes that were committed last under this name.
  [[nodiscard]] virtual Result<std::optional<std::string>> ReadMeta(std::string_view name) = 0;

  // Visits every record, those not yet committed included, in no stated order. The visitor must not call the store.
  [[nodiscard]] virtual Result<void> ForEach(const CustomerVisitor& visitor) = 0;

  [[nodiscard]] virtual StoreFigures Figures() = 0;
};

}  // namespace antiphon::store
