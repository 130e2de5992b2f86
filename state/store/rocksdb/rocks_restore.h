#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "state/base/result.h"
#include "state/store/rocksdb/rocks_database.h"
#include "state/store/rocksdb/rocks_resources.h"
#include "state/store/state_store.h"

namespace antiphon::store {

// RocksRestore: writes a changelog into the directory of a RocksStore that is not open: rows as they come, the last one of a customer wins,
// none is decoded. What is written is whole at each Write: rows and meta together, so that an interrupted restore goes on from the meta
// that stands there. Owned and used by one thread. Errors: as RocksDatabase's; after one, drop it. Source: docs/live.md, "Restoring".
class RocksRestore {
 public:
  // Opens the directory, or makes it. Fails, the process to stop, if it is of another format.
  [[nodiscard]] static Result<std::unique_ptr<RocksRestore>> Open(const std::string& directory,
                                                                  std::shared_ptr<const RocksResources> resources);
  RocksRestore(const RocksRestore&) = delete;
  RocksRestore& operator=(const RocksRestore&) = delete;
  ~RocksRestore();

  // What the store's last commit, or the last Write, left under this name.
  [[nodiscard]] Result<std::optional<std::string>> ReadMeta(std::string_view name);

  // Fails (restart the task) on bytes that are no row.
  [[nodiscard]] Result<void> PutCustomer(std::string_view customer, std::string_view row);
  // A tombstone.
  [[nodiscard]] Result<void> DropCustomer(std::string_view customer);
  void PutDictionary(std::string_view bytes);

  // True if the rows held are worth a write.
  [[nodiscard]] bool WantsWrite() const;
  // Writes what was put since the last Write, and the meta: all or nothing. A name that is not given keeps its bytes.
  [[nodiscard]] Result<void> Write(const CommitMeta& meta);

  [[nodiscard]] std::uint64_t customers() const;

 private:
  struct Parts;
  explicit RocksRestore(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace antiphon::store
