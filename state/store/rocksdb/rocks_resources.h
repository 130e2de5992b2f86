#pragma once

#include <cstddef>
#include <memory>

namespace rocksdb {
class Cache;
class WriteBufferManager;
}  // namespace rocksdb

namespace antiphon::store {

// RocksResources: the memory that all RocksDB stores of a process share. Made once by the process; thread-safe; lives as long as a store
// that uses it. Source: docs/state.md, "Memory".
class RocksResources {
 public:
  // `memory_bytes` bounds blocks, indexes, filters and memtables of all stores together; memtables get up to a half of it. The decoded
  // records of the stores' caches come on top. REQUIRES: memory_bytes >= 16 MiB; 32 MiB per store is a good measure.
  [[nodiscard]] static std::shared_ptr<const RocksResources> Create(std::size_t memory_bytes);

  // Of `memory_bytes`, what is in use, memtables included.
  [[nodiscard]] std::size_t bytes_in_use() const;

  [[nodiscard]] const std::shared_ptr<rocksdb::Cache>& block_cache() const { return block_cache_; }
  [[nodiscard]] const std::shared_ptr<rocksdb::WriteBufferManager>& write_buffers() const { return write_buffers_; }

 private:
  std::shared_ptr<rocksdb::Cache> block_cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
};

}  // namespace antiphon::store
