#include "state/store/rocksdb/rocks_resources.h"

#include <rocksdb/cache.h>
#include <rocksdb/write_buffer_manager.h>

#include "state/base/check.h"

namespace antiphon::store {
namespace {

constexpr std::size_t kMemoryMin = std::size_t{16} << 20U;

}  // namespace

std::shared_ptr<const RocksResources> RocksResources::Create(std::size_t memory_bytes) {
  ANTIPHON_CHECK(memory_bytes >= kMemoryMin);
  auto resources = std::make_shared<RocksResources>();
  resources->block_cache_ = rocksdb::NewLRUCache(memory_bytes);
  // No stall: with several databases a stalled writer can wait for ever, since only the database that is written to flushes (rdb#11780).
  resources->write_buffers_ =
      std::make_shared<rocksdb::WriteBufferManager>(memory_bytes / 2, resources->block_cache_, /*allow_stall=*/false);
  return resources;
}

// The write buffers are charged to the cache.
std::size_t RocksResources::bytes_in_use() const { return block_cache_->GetUsage(); }

}  // namespace antiphon::store
