#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "state/base/result.h"
#include "state/store/rocksdb/rocks_resources.h"

namespace antiphon::store {

// What an unclean end of the process leaves. In either case whole commits, the oldest first, and none with a gap before it.
enum class Durability : std::uint8_t {
  kPrefix,       // the commits up to some flush or later: for a store that a changelog completes. No write-ahead log
  kEveryCommit,  // every commit, if the machine goes on; after a power cut as kPrefix. Costs a write-ahead log
};

// The tables of a database: the first byte of every key.
//   'c' customer's key                                        -> row, stored_row.h
//   't' due, big-endian u64 with the sign bit flipped | key   -> empty: the due index, one row per customer with a timer
//   'm' name                                                  -> the caller's meta
//   's' "format" | "dictionary" | "watermark" | "customers"   -> the store's own, rocks_store.cc
enum class Table : char { kCustomer = 'c', kDue = 't', kMeta = 'm', kStore = 's' };

// RocksDatabase: the one includer of RocksDB: a directory with one column family, its tables told apart by a prefix, so that a batch over
// several of them is one write and a crash leaves a prefix of the batches. Not thread-safe but for RocksDB's own background threads.
// Errors: a full disk stops the process; damage and any other I/O error restart the task. Messages name the directory, never a key.
// After an Error the database must be dropped and opened again. Source: docs/state.md, "On disk".
class RocksDatabase {
 public:
  // Opens the directory, makes it if it is not there.
  [[nodiscard]] static Result<std::unique_ptr<RocksDatabase>> Open(const std::string& directory, Durability durability,
                                                                   std::shared_ptr<const RocksResources> resources);
  ~RocksDatabase();  // flushes, unless a write failed
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;

  // The value's bytes, valid until the next Get; nothing if there is no such row.
  [[nodiscard]] Result<std::optional<std::string_view>> Get(Table table, std::string_view key);

  // Rows for the next Write.
  void Put(Table table, std::string_view key, std::string_view value);
  void Delete(Table table, std::string_view key);
  // Writes them, atomically; on an Error none.
  [[nodiscard]] Result<void> Write();

  // Visits the rows of a table from `from` (included) on, in order of their bytes, until the visitor says false.
  using RowVisitor = std::function<bool(std::string_view key, std::string_view value)>;
  [[nodiscard]] Result<void> Scan(Table table, std::string_view from, const RowVisitor& visitor);

  // Makes everything written so far outlive the process, whatever the durability. Blocks for the writing of a memtable.
  [[nodiscard]] Result<void> Flush();

  [[nodiscard]] std::uint64_t BytesOnDisk() const;  // memtables included

 private:
  struct Parts;
  explicit RocksDatabase(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace antiphon::store
