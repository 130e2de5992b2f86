#include "state/store/rocksdb/rocks_database.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>

#include <array>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace antiphon::store {
namespace {

constexpr std::size_t kMemtableBytes = std::size_t{16} << 20U;
constexpr std::size_t kBlockBytes = std::size_t{8} << 10U;
constexpr int kOpenFilesMax = 256;
constexpr double kBloomBitsPerKey = 10;
constexpr double kMemtableBloomShare = 0.05;
constexpr std::size_t kProtectionBytes = 8;
// Tombstones of fired timers stand together: a file with half of them in a window of rows is compacted.
constexpr std::size_t kDeletionWindow = 4096;
constexpr std::size_t kDeletionTrigger = 2048;

rocksdb::Options MakeOptions(const RocksResources& resources) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = resources.block_cache();
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.block_size = kBlockBytes;
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;

  rocksdb::Options options;
  options.create_if_missing = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_manager = resources.write_buffers();
  options.write_buffer_size = kMemtableBytes;
  options.memtable_prefix_bloom_size_ratio = kMemtableBloomShare;
  options.memtable_whole_key_filtering = true;
  options.memtable_protection_bytes_per_key = kProtectionBytes;
  options.max_open_files = kOpenFilesMax;
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  options.level_compaction_dynamic_level_bytes = true;
  options.max_background_jobs = 2;
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.keep_log_file_num = 2;
  options.table_properties_collector_factories.push_back(rocksdb::NewCompactOnDeletionCollectorFactory(kDeletionWindow, kDeletionTrigger));
  return options;
}

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace

struct RocksDatabase::Parts {
  std::string directory;
  std::shared_ptr<const RocksResources> resources;
  rocksdb::WriteOptions write_options;
  rocksdb::WriteBatch batch;
  rocksdb::PinnableSlice value;
  std::string key;                  // of the row at hand
  std::unique_ptr<rocksdb::DB> db;  // last: closed before what it uses

  rocksdb::Slice Key(Table table, std::string_view rest) {
    key.assign(1, static_cast<char>(table));
    key += rest;
    return key;
  }

  // RocksDB's own words may quote a key: only the class of the error is told. (Its LOG in the directory has the rest.)
  [[nodiscard]] std::unexpected<Error> Failed(const char* what, const rocksdb::Status& status) const {
    const std::string place = std::string("state in ") + directory + ": " + what + ": ";
    if (status.IsNoSpace()) return Fail(Recovery::kStopProcess, place + "the disk is full; make room, then start again");
    if (status.IsCorruption()) {
      return Fail(Recovery::kRestartTask, place + "the files are damaged; move the directory away and restore the partition's state");
    }
    const auto code = std::to_string(static_cast<int>(status.code())) + "." + std::to_string(static_cast<int>(status.subcode()));
    return Fail(Recovery::kRestartTask, place + "RocksDB error " + code + ", see LOG there; if it comes again, treat it as damage");
  }
};

RocksDatabase::RocksDatabase(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksDatabase::~RocksDatabase() = default;

Result<std::unique_ptr<RocksDatabase>> RocksDatabase::Open(const std::string& directory, Durability durability,
                                                           std::shared_ptr<const RocksResources> resources) {
  auto parts = std::make_unique<Parts>();
  parts->directory = directory;
  parts->resources = std::move(resources);
  parts->write_options.disableWAL = durability == Durability::kPrefix;
  parts->write_options.protection_bytes_per_key = kProtectionBytes;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Fail(Recovery::kStopProcess, "state in " + directory + ": the directory cannot be made: " + error.message());
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(MakeOptions(*parts->resources), directory, &db);
  if (!status.ok()) {
    if (status.ToString().find("lock") != std::string::npos) {
      return Fail(Recovery::kStopProcess, "state in " + directory + ": another process or store has it open");
    }
    return parts->Failed("open", status);
  }
  parts->db.reset(db);
  return std::unique_ptr<RocksDatabase>(new RocksDatabase(std::move(parts)));
}

Result<std::optional<std::string_view>> RocksDatabase::Get(Table table, std::string_view key) {
  parts_->value.Reset();
  const rocksdb::Status status =
      parts_->db->Get(rocksdb::ReadOptions(), parts_->db->DefaultColumnFamily(), parts_->Key(table, key), &parts_->value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return parts_->Failed("read", status);
  return ToView(parts_->value);
}

void RocksDatabase::Put(Table table, std::string_view key, std::string_view value) {
  (void)parts_->batch.Put(parts_->Key(table, key), ToSlice(value));  // fails on sizes of 4 GiB only; Write would tell
}

void RocksDatabase::Delete(Table table, std::string_view key) { (void)parts_->batch.Delete(parts_->Key(table, key)); }

Result<void> RocksDatabase::Write() {
  const rocksdb::Status status = parts_->db->Write(parts_->write_options, &parts_->batch);
  parts_->batch.Clear();
  if (!status.ok()) return parts_->Failed("write", status);
  return {};
}

Result<void> RocksDatabase::Scan(Table table, std::string_view from, const RowVisitor& visitor) {
  const std::string end(1, static_cast<char>(static_cast<char>(table) + 1));
  const rocksdb::Slice upper_bound(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  options.fill_cache = table == Table::kDue;
  const std::unique_ptr<rocksdb::Iterator> rows(parts_->db->NewIterator(options));
  bool go_on = true;
  for (rows->Seek(parts_->Key(table, from)); go_on && rows->Valid(); rows->Next()) {
    go_on = visitor(ToView(rows->key()).substr(1), ToView(rows->value()));
  }
  if (!rows->status().ok()) return parts_->Failed("scan", rows->status());
  return {};
}

Result<void> RocksDatabase::Flush() {
  const rocksdb::Status status = parts_->db->Flush(rocksdb::FlushOptions());
  if (!status.ok()) return parts_->Failed("flush", status);
  return {};
}

std::uint64_t RocksDatabase::BytesOnDisk() const {
  std::uint64_t total = 0;
  for (const char* name : {"rocksdb.live-sst-files-size", "rocksdb.cur-size-all-mem-tables"}) {
    std::uint64_t bytes = 0;
    if (parts_->db->GetIntProperty(name, &bytes)) total += bytes;
  }
  return total;
}

}  // namespace antiphon::store
