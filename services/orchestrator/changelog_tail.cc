#include "services/orchestrator/changelog_tail.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "services/orchestrator/live_partition.h"

namespace antiphon::orchestrator {
namespace {

constexpr std::uint32_t kRecordsPerTake = 4096;

std::int64_t ParseOffset(std::string_view text) {
  std::int64_t offset = 0;
  std::from_chars(text.data(), text.data() + text.size(), offset);
  return offset;
}

// A store that cannot be trusted is kept for whoever wants to know why, and never read again.
Result<void> MoveAway(const std::string& directory) {
  std::error_code error;
  for (int i = 1; i < 1000; ++i) {
    const std::string aside = directory + ".bad-" + std::to_string(i);
    if (std::filesystem::exists(aside, error)) continue;
    std::filesystem::rename(directory, aside, error);
    if (!error) return {};
    break;
  }
  return Fail(Recovery::kStopProcess,
              "state in " + directory + ": cannot be moved away; remove it by hand, it is restored from the changelog");
}

}  // namespace

ChangelogTail::ChangelogTail(const ProcessParts& parts, std::int32_t partition)
    : parts_(parts), log_{.topic = parts.topics->Of(process::TopicRole::kState), .partition = partition} {}

std::string ChangelogTail::PlaceOf(std::int64_t offset) const {
  return parts_.topics->topics()[log_.topic].name + "[" + std::to_string(log_.partition) + "] at offset " + std::to_string(offset);
}

Result<std::unique_ptr<ChangelogTail>> ChangelogTail::Open(const ProcessParts& parts, std::int32_t partition, runtime::EventSource& source,
                                                           runtime::LogDirectory& directory) {
  std::unique_ptr<ChangelogTail> made(new ChangelogTail(parts, partition));
  const std::array<runtime::LogId, 1> changelog{made->log_};
  const auto end = directory.HighWatermarks(changelog);
  if (!end) return std::unexpected(end.error());
  const auto start = directory.Starts(changelog);
  if (!start) return std::unexpected(start.error());
  made->end_ = end->front();
  if (auto opened = made->OpenStore(start->front()); !opened) return std::unexpected(std::move(opened.error()));
  auto feed = InputFeed::Open(source, {.log = made->log_, .next = made->next_});
  if (!feed) return std::unexpected(std::move(feed.error()));
  made->feed_ = *std::move(feed);
  return made;
}

Result<void> ChangelogTail::OpenStore(std::int64_t start) {
  const std::string directory = parts_.DirectoryOf(log_.partition);
  for (bool fresh = false;; fresh = true) {
    auto opened = store::RocksRestore::Open(directory, parts_.rocks);
    if (!opened && (fresh || opened.error().recovery != Recovery::kRestartTask)) return std::unexpected(std::move(opened.error()));
    std::string why = opened ? "" : opened.error().message;
    if (opened) {
      store_ = *std::move(opened);
      const auto read = store_->ReadMeta(kChangelogMeta);
      if (!read) return std::unexpected(read.error());
      const std::optional<std::string>& offset = *read;
      next_ = offset ? ParseOffset(*offset) : 0;
      if (next_ > end_) {
        why = "the store is ahead of its changelog: records were lost there, or the topic was made anew";
      } else if (offset && next_ < start) {
        why = "the changelog no longer has what the store lacks";
      } else {
        next_ = std::max(next_, start);
        break;
      }
    }
    spdlog::warn("partition {}: {}; moved away, restoring from the whole changelog", log_.partition, why);
    store_.reset();
    if (auto moved = MoveAway(directory); !moved) return moved;
  }
  const auto read = store_->ReadMeta(kLiveMeta);
  if (!read) return std::unexpected(read.error());
  const std::optional<std::string>& live = *read;
  if (!live) return {};
  auto meta = formats::DecodePartitionMeta(*live);
  if (!meta) return std::unexpected(std::move(meta.error()));
  meta_ = *std::move(meta);
  return {};
}

Result<std::uint32_t> ChangelogTail::Take() {
  for (std::uint32_t taken = 0; taken < kRecordsPerTake; ++taken) {
    const auto at_hand = feed_->Take();
    if (!at_hand) return std::unexpected(at_hand.error());
    const std::optional<runtime::LogRecord>& record = *at_hand;
    if (!record) return taken;
    if (auto in = TakeIn(*record); !in) return std::unexpected(std::move(in.error()));
    if (!store_->WantsWrite()) continue;
    if (auto written = WriteTo(record->offset + 1); !written) return std::unexpected(std::move(written.error()));
  }
  return kRecordsPerTake;
}

Result<void> ChangelogTail::Write() { return WriteTo(feed_->Position()); }

Result<void> ChangelogTail::TakeIn(const runtime::LogRecord& record) {
  const std::string_view key = record.key.value_or(std::string_view());
  if (key == formats::kMetaKey && record.value) {
    auto meta = formats::DecodePartitionMeta(*record.value);
    if (!meta) return std::unexpected(std::move(meta.error()));
    meta_ = *std::move(meta);
    return {};
  }
  if (key == formats::kDictionaryKey && record.value) {
    store_->PutDictionary(*record.value);
    return {};
  }
  if (key.starts_with(formats::kCustomerKey)) {
    const std::string_view customer = key.substr(1);
    auto put = record.value ? store_->PutCustomer(customer, *record.value) : store_->DropCustomer(customer);
    if (put) return {};
    return Fail(put.error().recovery, PlaceOf(record.offset) + ": " + put.error().message);
  }
  return Fail(Recovery::kStopProcess,
              PlaceOf(record.offset) + ": a key that this version does not know; run the version that wrote it, or a newer one");
}

Result<void> ChangelogTail::WriteTo(std::int64_t next) {
  parts_.faults->Reach(FaultPoint::kRestoring);
  store::CommitMeta meta{{std::string(kChangelogMeta), std::to_string(next)}};
  if (meta_) {
    meta.emplace(kLiveMeta, formats::EncodePartitionMeta(*meta_));
    meta.emplace(runtime::kPartitionMeta, meta_->partition_state);
  }
  if (auto written = store_->Write(meta); !written) return written;
  next_ = next;
  return {};
}

}  // namespace antiphon::orchestrator
