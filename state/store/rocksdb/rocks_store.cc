#include "state/store/rocksdb/rocks_store.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <tuple>
#include <utility>

#include "state/base/check.h"
#include "state/store/codec.h"
#include "state/store/customer_prefetch.h"
#include "state/store/customer_table.h"
#include "state/store/footprint.h"
#include "state/store/rocksdb/due_window.h"
#include "state/store/rocksdb/own_rows.h"
#include "state/store/stored_row.h"

namespace antiphon::store {
namespace {

struct alignas(64) Entry : state::CustomerState {
  std::uint32_t pool_index = 0;
  std::uint32_t asked_in = 0;      // the commit, counted from 1, since whose predecessor it was last asked for: it must stay until then
  std::uint32_t changed_in = 0;    // the commit that will have its last change
  EngineTime due = kNeverDue;      // where the window has it, or would
  EngineTime due_row = kNeverDue;  // where the database has it
  std::size_t bytes = 0;           // as counted in the cache
  bool is_live = false;            // in the cache
  bool is_stored = false;          // the database has a record
  bool is_dirty = false;           // the database has it otherwise
  bool is_used = false;            // since the hand of the clock passed
};

class RocksStoreOnDisk final : public RocksStore {
 public:
  RocksStoreOnDisk(std::unique_ptr<RocksDatabase> database, RocksStoreOptions options)
      : database_(std::move(database)), options_(std::move(options)), window_(options_.due_rows) {}

  ~RocksStoreOnDisk() override {
    if (!failed_.has_value() && changed_.empty()) std::ignore = WriteDirty();  // on an Error the store is at an earlier commit
  }

  // Reads what the database says of itself. To be called once, first.
  Result<void> Begin();

  Result<state::CustomerState*> Load(std::string_view customer) override { return Get(customer, IfUnknown::kMake); }
  Result<state::CustomerState*> Find(std::string_view customer) override { return Get(customer, IfUnknown::kNothing); }
  void Prefetch(std::string_view customer) override { prefetch_.Ask(table_, CustomerHash(customer)); }
  void Touch(state::CustomerState& customer) override { Touch(static_cast<Entry&>(customer)); }
  Result<std::optional<DueEntry>> NextDue() override;
  bool WantsCommit() const override { return asked_bytes_ > options_.cache_bytes / 2; }
  Result<void> ForEachChange(const ChangeVisitor& visitor) override;
  Result<void> Commit(const CommitMeta& meta) override;
  Result<std::optional<std::string>> ReadMeta(std::string_view name) override;
  Result<void> ForEach(const CustomerVisitor& visitor) override;
  StoreFigures Figures() override;
  const SlotPlan& plan() const override { return plan_; }
  Result<void> Flush() override;

 private:
  enum class IfUnknown : std::uint8_t { kMake, kNothing };

  // The steps of Begin, in this order.
  Result<void> BeginFormat();
  Result<void> BeginDictionary();
  Result<void> BeginFigures();
  Result<void> FillWindow();

  // A row of the store's own; empty if there is none.
  Result<std::string> OwnRow(std::string_view name);
  Result<Entry*> Get(std::string_view customer, IfUnknown if_unknown);
  Result<Entry*> Read(std::string_view customer, std::uint32_t hash, std::string_view row);
  Result<void> DecodeRow(std::string_view row, state::CustomerState& customer) const;
  Entry& Make(std::string_view customer, std::uint32_t hash);
  Entry& Insert(std::string_view customer, std::uint32_t hash);
  void Ask(Entry& entry);
  void Touch(Entry& entry);
  void Count(Entry& entry);
  void MakeRoom();
  void Evict(Entry& entry);
  void EncodeChanges();
  Result<void> WriteDirty();
  void PutDirty(const Entry& entry, std::string_view row);

  // Keeps the first Error: what follows it would be built on a state that is not known.
  template <typename T>
  Result<T> Checked(Result<T> result) {
    if (!result.has_value() && !failed_.has_value()) failed_ = result.error();
    return result;
  }

  std::unique_ptr<RocksDatabase> database_;
  RocksStoreOptions options_;
  SlotPlan plan_;
  bool may_drop_dues_ = false;  // a row of the index may stand for a timer of a dropped trigger
  std::optional<Error> failed_;

  CustomerTable<Entry> table_;
  CustomerPrefetch<Entry> prefetch_;
  std::size_t bytes_ = 0;        // of the entries in the cache
  std::size_t asked_bytes_ = 0;  // of those that must stay until Commit
  std::uint32_t commit_ = 1;
  std::uint32_t hand_ = 0;       // of the clock: a number of the table's pool
  bool has_no_room_ = false;     // the hand went round in vain since the last Commit
  std::vector<Entry*> changed_;  // since the last Commit
  std::vector<Entry*> dirty_;    // since the last write, those included
  std::size_t dirty_bytes_ = 0;
  CommitMeta gathered_meta_;  // committed since the last write
  std::string encoded_;       // of changed_, one after the other
  std::vector<std::size_t> encoded_ends_;
  bool is_encoded_ = false;

  DueWindow window_;
  EngineTime watermark_ = EngineTime::min();  // as the database has it
  std::uint64_t customers_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

Result<void> RocksStoreOnDisk::Begin() {
  for (Result<void> (RocksStoreOnDisk::* const step)() : {&RocksStoreOnDisk::BeginFormat, &RocksStoreOnDisk::BeginDictionary,
                                                          &RocksStoreOnDisk::BeginFigures, &RocksStoreOnDisk::FillWindow}) {
    if (auto done = (this->*step)(); !done.has_value()) return done;
  }
  return {};
}

Result<std::string> RocksStoreOnDisk::OwnRow(std::string_view name) {
  const auto row = Checked(database_->Get(Table::kStore, name));
  if (!row.has_value()) return std::unexpected(row.error());
  return std::string(row->value_or(std::string_view()));
}

Result<void> RocksStoreOnDisk::BeginFormat() {
  const Result<std::string> format = OwnRow(kFormatName);
  if (!format.has_value()) return std::unexpected(format.error());
  if (*format == kFormat) return {};
  if (!format->empty()) {
    return Fail(Recovery::kStopProcess, "state in " + options_.directory + ": its format is '" + *format + "', this program reads '" +
                                            std::string(kFormat) + "': use the program that wrote it, or a newer one");
  }
  bool is_empty = true;
  for (const Table table : {Table::kCustomer, Table::kDue, Table::kMeta, Table::kStore}) {
    if (auto scanned = database_->Scan(table, "", [&](auto, auto) { return is_empty = false; }); !scanned.has_value()) return scanned;
  }
  if (!is_empty) return Fail(Recovery::kStopProcess, "state in " + options_.directory + ": there is a database that is not ours");
  database_->Put(Table::kStore, kFormatName, kFormat);
  return {};
}

Result<void> RocksStoreOnDisk::BeginFigures() {
  const Result<std::string> watermark = OwnRow(kWatermarkName);
  if (!watermark.has_value()) return std::unexpected(watermark.error());
  if (watermark->size() == kDueBytes) watermark_ = DueOf(*watermark);
  const Result<std::string> customers = OwnRow(kCustomersName);
  if (!customers.has_value()) return std::unexpected(customers.error());
  if (customers->size() == sizeof customers_) std::memcpy(&customers_, customers->data(), sizeof customers_);
  return {};
}

// Format and dictionary are written with the first commit: until then nothing has happened, and the slots in force are those of before.
Result<void> RocksStoreOnDisk::BeginDictionary() {
  const Result<std::string> bytes = OwnRow(kDictionaryName);
  if (!bytes.has_value()) return std::unexpected(bytes.error());
  SlotDictionary dictionary;
  if (!bytes->empty()) {
    auto decoded = SlotDictionary::Decode(*bytes);
    if (!decoded.has_value()) {
      return Fail(decoded.error().recovery, "state in " + options_.directory + ": " + decoded.error().message);
    }
    dictionary = *std::move(decoded);
  }
  auto plan = PlanSlots(dictionary, options_.definitions);
  if (!plan.has_value()) return std::unexpected(std::move(plan).error());
  plan_ = *std::move(plan);
  if (plan_.dictionary != dictionary) database_->Put(Table::kStore, kDictionaryName, plan_.dictionary.Encode());
  may_drop_dues_ = std::ranges::any_of(
      plan_.dictionary.entries(), [](const SlotDictionary::Entry& entry) { return entry.kind == SlotKind::kTrigger && !entry.in_force; });
  return {};
}

Result<Entry*> RocksStoreOnDisk::Get(std::string_view customer, IfUnknown if_unknown) {
  const std::uint32_t hash = CustomerHash(customer);
  if (failed_.has_value()) [[unlikely]] {
    return std::unexpected(*failed_);
  }
  if (Entry* entry = table_.Find(customer, hash); entry != nullptr) [[likely]] {
    ++hits_;
    Ask(*entry);
    return entry;
  }
  ++misses_;
  const auto got = Checked(database_->Get(Table::kCustomer, customer));
  if (!got.has_value()) return std::unexpected(got.error());
  const std::optional<std::string_view> row = *got;
  if (row.has_value()) return Checked(Read(customer, hash, *row));
  if (if_unknown == IfUnknown::kNothing) return nullptr;
  return &Make(customer, hash);
}

Entry& RocksStoreOnDisk::Insert(std::string_view customer, std::uint32_t hash) {
  MakeRoom();
  Entry& entry = table_.Insert(customer, hash);
  entry.is_live = true;
  entry.is_dirty = false;
  entry.bytes = 0;
  entry.asked_in = 0;
  entry.changed_in = 0;
  return entry;
}

Entry& RocksStoreOnDisk::Make(std::string_view customer, std::uint32_t hash) {
  Entry& entry = Insert(customer, hash);
  static_cast<state::CustomerState&>(entry) = state::CustomerState();  // it may have been another's
  entry.customer.assign(customer);
  entry.is_stored = false;
  entry.due = kNeverDue;
  entry.due_row = kNeverDue;
  ++customers_;
  Count(entry);
  Ask(entry);
  Touch(entry);
  return entry;
}

Result<void> RocksStoreOnDisk::DecodeRow(std::string_view row, state::CustomerState& customer) const {
  const std::string place = "state in " + options_.directory + ": ";
  const std::optional<StoredRow> parts = SplitRow(row);
  if (!parts.has_value()) return Fail(Recovery::kRestartTask, place + "a customer's row is damaged; restore it");
  const auto note = DecodeCustomerInto(parts->record, plan_.map, customer);
  if (!note.has_value()) return Fail(note.error().recovery, place + note.error().message);
  return {};
}

Result<Entry*> RocksStoreOnDisk::Read(std::string_view customer, std::uint32_t hash, std::string_view row) {
  Entry& entry = Insert(customer, hash);
  if (auto decoded = DecodeRow(row, entry); !decoded.has_value()) {
    Evict(entry);
    return std::unexpected(std::move(decoded).error());
  }
  entry.is_stored = true;
  entry.due_row = SplitRow(row)->due;
  entry.due = entry.due_row;
  Count(entry);
  Ask(entry);
  if (FirstDue(entry) != entry.due) Touch(entry);  // the timer went with its trigger: the index must follow
  return &entry;
}

// Counts what the entry takes anew.
void RocksStoreOnDisk::Count(Entry& entry) {
  const std::size_t bytes = sizeof(Entry) + HeapBytes(entry);
  bytes_ += bytes - entry.bytes;
  if (entry.asked_in == commit_) asked_bytes_ += bytes - entry.bytes;
  if (entry.is_dirty) dirty_bytes_ += bytes - entry.bytes;
  entry.bytes = bytes;
}

void RocksStoreOnDisk::Ask(Entry& entry) {
  entry.is_used = true;
  if (entry.asked_in == commit_) return;
  entry.asked_in = commit_;
  asked_bytes_ += entry.bytes;
}

void RocksStoreOnDisk::Touch(Entry& entry) {
  ANTIPHON_CHECK(entry.is_live && entry.asked_in == commit_);
  is_encoded_ = false;
  if (entry.changed_in != commit_) {
    entry.changed_in = commit_;
    changed_.push_back(&entry);
  }
  if (!entry.is_dirty) {
    entry.is_dirty = true;
    dirty_.push_back(&entry);
    dirty_bytes_ += entry.bytes;
  }
  const EngineTime due = FirstDue(entry);
  if (due == entry.due) return;
  window_.Move(entry.customer, entry.due, due);
  entry.due = due;
}

// Two rounds of the hand: the first takes the marks of use away.
void RocksStoreOnDisk::MakeRoom() {
  std::uint64_t steps = 2ULL * table_.made();
  while (bytes_ > options_.cache_bytes && !has_no_room_) {
    if (steps-- == 0) {
      has_no_room_ = true;
      return;
    }
    if (hand_ >= table_.made()) hand_ = 0;
    Entry& entry = table_.At(hand_++);
    if (!entry.is_live || entry.is_dirty || entry.asked_in == commit_) continue;
    if (std::exchange(entry.is_used, false)) continue;
    Evict(entry);
  }
}

void RocksStoreOnDisk::Evict(Entry& entry) {
  bytes_ -= entry.bytes;
  entry.bytes = 0;
  entry.is_live = false;
  table_.Erase(entry);
}

// Reads the next rows of the index into the empty window. A dirty customer's row is out of date; where he is now is known.
Result<void> RocksStoreOnDisk::FillWindow() {
  const std::optional<DueWindow::Row> after = window_.border();
  const std::string from = after.has_value() ? DueKey(after->first, after->second) + '\0' : DueKey(watermark_, "");
  std::vector<DueWindow::Row> rows;
  std::optional<DueWindow::Row> border;
  bool is_sound = true;
  std::size_t seen = 0;
  auto scanned = Checked(database_->Scan(Table::kDue, from, [&](std::string_view key, std::string_view) {
    if (key.size() < kDueBytes) return is_sound = false;
    const std::string_view customer = key.substr(kDueBytes);
    const bool is_last = ++seen == options_.due_rows;
    if (is_last) border.emplace(DueOf(key), customer);
    const Entry* entry = table_.Find(customer, CustomerHash(customer));
    if (entry == nullptr || !entry->is_dirty) rows.emplace_back(DueOf(key), customer);
    return !is_last;
  }));
  if (!scanned.has_value()) return scanned;
  if (!is_sound) {
    return Checked(Result<void>(Fail(Recovery::kRestartTask, "state in " + options_.directory + ": the due index is damaged; restore it")));
  }
  for (const Entry* entry : dirty_) {
    if (entry->due != kNeverDue && !window_.IsWithin(entry->due, entry->customer)) rows.emplace_back(entry->due, entry->customer);
  }
  window_.Extend(std::move(border));
  for (const auto& [due, customer] : rows) window_.Move(customer, kNeverDue, due);
  return {};
}

Result<std::optional<DueEntry>> RocksStoreOnDisk::NextDue() {
  if (failed_.has_value()) [[unlikely]] {
    return std::unexpected(*failed_);
  }
  while (true) {
    while (window_.NeedsRows()) {
      if (auto filled = FillWindow(); !filled.has_value()) return std::unexpected(std::move(filled).error());
    }
    const DueWindow::Row* first = window_.First();
    if (first == nullptr) return std::nullopt;
    if (!may_drop_dues_ || table_.Find(first->second, CustomerHash(first->second)) != nullptr) {
      return DueEntry{.due = first->first, .customer = first->second};
    }
    const std::string customer = first->second;  // reading him may move his row
    if (auto read = Get(customer, IfUnknown::kNothing); !read.has_value()) return std::unexpected(std::move(read).error());
    if (table_.Find(customer, CustomerHash(customer)) == nullptr) window_.Move(customer, window_.First()->first, kNeverDue);
  }
}

void RocksStoreOnDisk::EncodeChanges() {
  if (is_encoded_) return;
  encoded_.clear();
  encoded_ends_.clear();
  for (std::size_t i = 0; i < changed_.size(); ++i) {
    PrefetchAhead<Entry>(changed_, i);
    EncodeRow(*changed_[i], plan_.map, encoded_);
    encoded_ends_.push_back(encoded_.size());
    Count(*changed_[i]);  // while it is at hand
  }
  is_encoded_ = true;
}

Result<void> RocksStoreOnDisk::ForEachChange(const ChangeVisitor& visitor) {
  if (failed_.has_value()) return std::unexpected(*failed_);
  EncodeChanges();
  std::size_t begin = 0;
  for (std::size_t i = 0; i < changed_.size(); ++i) {
    visitor(changed_[i]->customer, std::string_view(encoded_).substr(begin, encoded_ends_[i] - begin));
    begin = encoded_ends_[i];
  }
  return {};
}

void RocksStoreOnDisk::PutDirty(const Entry& entry, std::string_view row) {
  database_->Put(Table::kCustomer, entry.customer, row);
  if (entry.due == entry.due_row) return;
  if (entry.due_row != kNeverDue) database_->Delete(Table::kDue, DueKey(entry.due_row, entry.customer));
  if (entry.due != kNeverDue) database_->Put(Table::kDue, DueKey(entry.due, entry.customer), "");
}

// Writes all that the database does not have. To be called where a commit ends: what is dirty is then committed.
Result<void> RocksStoreOnDisk::WriteDirty() {
  if (dirty_.empty() && gathered_meta_.empty()) return {};
  // With nothing gathered before, the dirty are the changed, and may be encoded already.
  if (dirty_ != changed_) {
    changed_ = dirty_;
    is_encoded_ = false;
  }
  EncodeChanges();
  std::size_t begin = 0;
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    PutDirty(*dirty_[i], std::string_view(encoded_).substr(begin, encoded_ends_[i] - begin));
    begin = encoded_ends_[i];
  }
  for (const auto& [name, bytes] : gathered_meta_) database_->Put(Table::kMeta, name, bytes);
  database_->Put(Table::kStore, kCustomersName, std::string_view(reinterpret_cast<const char*>(&customers_), sizeof customers_));
  watermark_ = window_.Watermark();
  database_->Put(Table::kStore, kWatermarkName, DueKey(watermark_, ""));
  if (auto written = Checked(database_->Write()); !written.has_value()) return written;
  for (Entry* entry : dirty_) {
    entry->is_dirty = false;
    entry->is_stored = true;
    entry->due_row = entry->due;
  }
  dirty_.clear();
  dirty_bytes_ = 0;
  gathered_meta_.clear();
  return {};
}

Result<void> RocksStoreOnDisk::Commit(const CommitMeta& meta) {
  if (failed_.has_value()) return std::unexpected(*failed_);
  for (const auto& [name, bytes] : meta) gathered_meta_.insert_or_assign(name, bytes);
  if (!is_encoded_) {
    for (Entry* entry : changed_) Count(*entry);
  }
  if (options_.write_behind_bytes == 0 || dirty_bytes_ > options_.write_behind_bytes) {
    if (auto written = WriteDirty(); !written.has_value()) return written;
  }
  changed_.clear();
  is_encoded_ = false;
  ++commit_;
  asked_bytes_ = 0;
  has_no_room_ = false;
  return {};
}

Result<void> RocksStoreOnDisk::Flush() {
  if (failed_.has_value()) return std::unexpected(*failed_);
  ANTIPHON_CHECK(changed_.empty());
  if (auto written = WriteDirty(); !written.has_value()) return written;
  changed_.clear();
  return Checked(database_->Flush());
}

Result<std::optional<std::string>> RocksStoreOnDisk::ReadMeta(std::string_view name) {
  if (failed_.has_value()) return std::unexpected(*failed_);
  if (const auto gathered = gathered_meta_.find(name); gathered != gathered_meta_.end()) return gathered->second;
  const auto bytes = Checked(database_->Get(Table::kMeta, name));
  if (!bytes.has_value()) return std::unexpected(bytes.error());
  return bytes->transform([](std::string_view found) { return std::string(found); });
}

Result<void> RocksStoreOnDisk::ForEach(const CustomerVisitor& visitor) {
  if (failed_.has_value()) return std::unexpected(*failed_);
  state::CustomerState decoded;
  std::optional<Error> error;
  auto scanned = Checked(database_->Scan(Table::kCustomer, "", [&](std::string_view customer, std::string_view row) {
    if (const Entry* entry = table_.Find(customer, CustomerHash(customer)); entry != nullptr) {
      visitor(*entry);
      return true;
    }
    decoded.customer.assign(customer);
    if (auto read = DecodeRow(row, decoded); !read.has_value()) {
      error = std::move(read).error();
      return false;
    }
    visitor(decoded);
    return true;
  }));
  if (!scanned.has_value()) return scanned;
  if (error.has_value()) return Checked(Result<void>(std::unexpected(*std::move(error))));
  for (const Entry* entry : dirty_) {
    if (!entry->is_stored) visitor(*entry);
  }
  return {};
}

StoreFigures RocksStoreOnDisk::Figures() {
  return {.customers = customers_,
          .bytes_at_rest = database_->BytesOnDisk(),
          .bytes_in_memory = bytes_ + table_.BytesOfTable(),
          .cache_hits = hits_,
          .cache_misses = misses_};
}

}  // namespace

Result<std::unique_ptr<RocksStore>> RocksStore::Open(RocksStoreOptions options, std::shared_ptr<const RocksResources> resources) {
  ANTIPHON_CHECK(options.write_behind_bytes <= options.cache_bytes / 2);
  ANTIPHON_CHECK(options.write_behind_bytes == 0 || options.durability == Durability::kPrefix);
  auto database = RocksDatabase::Open(options.directory, options.durability, std::move(resources));
  if (!database.has_value()) return std::unexpected(std::move(database).error());
  auto store = std::make_unique<RocksStoreOnDisk>(*std::move(database), std::move(options));
  if (auto begun = store->Begin(); !begun.has_value()) return std::unexpected(std::move(begun).error());
  return store;
}

}  // namespace antiphon::store
