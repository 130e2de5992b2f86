#include "state/store/rocksdb/rocks_restore.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "state/store/rocksdb/own_rows.h"
#include "state/store/stored_row.h"

namespace antiphon::store {
namespace {

constexpr std::size_t kWriteBytes = std::size_t{4} << 20U;

}  // namespace

struct RocksRestore::Parts {
  std::string directory;
  std::unique_ptr<RocksDatabase> database;
  std::uint64_t customers = 0;
  EngineTime watermark = kNeverDue;
  // The rows since the last Write; nothing: the customer is dropped. A customer who comes again within one write is written once.
  std::map<std::string, std::optional<std::string>, std::less<>> held;
  std::size_t held_bytes = 0;

  [[nodiscard]] std::unexpected<Error> Damaged(std::string_view what) const {
    return Fail(Recovery::kRestartTask, "state in " + directory + ": " + std::string(what) + "; move the directory away and restore it");
  }

  void Hold(std::string_view customer, std::optional<std::string_view> row) {
    auto found = held.find(customer);
    if (found == held.end()) found = held.emplace(customer, std::nullopt).first;
    found->second = row;
    held_bytes += customer.size() + (row ? row->size() : 0);
  }

  Result<void> WriteRow(const std::string& customer, const std::optional<std::string>& row);
};

// Takes the customer's old row out of the due index, puts the new one in.
Result<void> RocksRestore::Parts::WriteRow(const std::string& customer, const std::optional<std::string>& row) {
  EngineTime due_before = kNeverDue;
  const auto before = database->Get(Table::kCustomer, customer);
  if (!before) return std::unexpected(before.error());
  if (*before) {
    const std::optional<StoredRow> parts = SplitRow(**before);
    if (!parts) return Damaged("a customer's row is no row");
    due_before = parts->due;
  }
  const EngineTime due = row ? SplitRow(*row)->due : kNeverDue;
  if (row) {
    database->Put(Table::kCustomer, customer, *row);
  } else if (*before) {
    database->Delete(Table::kCustomer, customer);
  }
  if (row && !*before) ++customers;
  if (!row && *before) --customers;
  if (due == due_before) return {};
  if (due_before != kNeverDue) database->Delete(Table::kDue, DueKey(due_before, customer));
  if (due != kNeverDue) database->Put(Table::kDue, DueKey(due, customer), "");
  watermark = std::min(watermark, due);
  return {};
}

RocksRestore::RocksRestore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksRestore::~RocksRestore() = default;

Result<std::unique_ptr<RocksRestore>> RocksRestore::Open(const std::string& directory, std::shared_ptr<const RocksResources> resources) {
  auto database = RocksDatabase::Open(directory, Durability::kPrefix, std::move(resources));
  if (!database) return std::unexpected(std::move(database.error()));
  auto parts = std::make_unique<Parts>();
  parts->directory = directory;
  parts->database = *std::move(database);
  const auto format = parts->database->Get(Table::kStore, kFormatName);
  if (!format) return std::unexpected(format.error());
  if (*format && **format != kFormat) {
    return Fail(Recovery::kStopProcess, "state in " + directory + ": its format is '" + std::string(**format) + "', this program reads '" +
                                            std::string(kFormat) + "': move the directory away and it is restored from the changelog");
  }
  if (!*format) parts->database->Put(Table::kStore, kFormatName, kFormat);
  const auto customers = parts->database->Get(Table::kStore, kCustomersName);
  if (!customers) return std::unexpected(customers.error());
  if (*customers && (*customers)->size() == sizeof parts->customers) {
    std::memcpy(&parts->customers, (*customers)->data(), sizeof parts->customers);
  }
  const auto watermark = parts->database->Get(Table::kStore, kWatermarkName);
  if (!watermark) return std::unexpected(watermark.error());
  if (*watermark && (*watermark)->size() == kDueBytes) parts->watermark = DueOf(**watermark);
  return std::unique_ptr<RocksRestore>(new RocksRestore(std::move(parts)));
}

Result<std::optional<std::string>> RocksRestore::ReadMeta(std::string_view name) {
  const auto bytes = parts_->database->Get(Table::kMeta, name);
  if (!bytes) return std::unexpected(bytes.error());
  return bytes->transform([](std::string_view found) { return std::string(found); });
}

Result<void> RocksRestore::PutCustomer(std::string_view customer, std::string_view row) {
  if (!SplitRow(row)) return Fail(Recovery::kRestartTask, "the changelog holds a value that is no customer's row");
  parts_->Hold(customer, row);
  return {};
}

Result<void> RocksRestore::DropCustomer(std::string_view customer) {
  parts_->Hold(customer, std::nullopt);
  return {};
}

void RocksRestore::PutDictionary(std::string_view bytes) { parts_->database->Put(Table::kStore, kDictionaryName, bytes); }

bool RocksRestore::WantsWrite() const { return parts_->held_bytes >= kWriteBytes; }

Result<void> RocksRestore::Write(const CommitMeta& meta) {
  for (const auto& [customer, row] : parts_->held) {
    if (auto written = parts_->WriteRow(customer, row); !written) return written;
  }
  parts_->held.clear();
  parts_->held_bytes = 0;
  RocksDatabase& database = *parts_->database;
  for (const auto& [name, bytes] : meta) database.Put(Table::kMeta, name, bytes);
  const std::uint64_t customers = parts_->customers;
  database.Put(Table::kStore, kCustomersName, std::string_view(reinterpret_cast<const char*>(&customers), sizeof customers));
  database.Put(Table::kStore, kWatermarkName, DueKey(parts_->watermark, ""));
  return database.Write();
}

std::uint64_t RocksRestore::customers() const { return parts_->customers; }

}  // namespace antiphon::store
