#include "services/orchestrator/partition_restore.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "state/base/check.h"

namespace antiphon::orchestrator {
namespace {

constexpr std::uint32_t kRecordsPerStep = 4096;

std::string PlaceOf(const ProcessParts& parts, runtime::LogId log) {
  return parts.topics->topics()[log.topic].name + "[" + std::to_string(log.partition) + "]";
}

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

runtime::LogId PartitionRestore::Changelog() const {
  return {.topic = parts_.topics->Of(process::TopicRole::kState), .partition = partition_};
}

std::vector<runtime::LogId> PartitionRestore::Inputs() const {
  std::vector<runtime::LogId> logs;
  for (const std::uint32_t topic : parts_.topics->lanes()) logs.push_back({.topic = topic, .partition = partition_});
  return logs;
}

Result<std::optional<PartitionStart>> PartitionRestore::Step(runtime::EventSource& source, runtime::LogDirectory& directory) {
  if (state_ == State::kNew) {
    if (auto begun = Begin(source, directory); !begun) return std::unexpected(std::move(begun.error()));
    state_ = State::kReading;
  }
  if (state_ == State::kReading) {
    if (auto read = Read(); !read) return std::unexpected(std::move(read.error()));
    if (changelog_ != nullptr) return std::nullopt;
    state_ = State::kRead;
  }
  auto positions = Positions(directory);
  if (!positions) return std::unexpected(std::move(positions.error()));
  return PartitionStart{
      .partition = partition_, .meta = meta_.value_or(formats::PartitionMeta{}), .positions = *std::move(positions), .member = member_};
}

Result<void> PartitionRestore::Begin(runtime::EventSource& source, runtime::LogDirectory& directory) {
  auto committed = directory.Committed(Inputs());
  if (!committed) return std::unexpected(std::move(committed.error()));
  committed_ = *std::move(committed);
  // Only now: the marker of a transaction whose positions are visible may not yet have reached the changelog, but its records have.
  const std::array<runtime::LogId, 1> changelog{Changelog()};
  const auto end = directory.HighWatermarks(changelog);
  if (!end) return std::unexpected(end.error());
  const auto start = directory.Starts(changelog);
  if (!start) return std::unexpected(start.error());
  end_ = end->front();
  if (auto opened = OpenStore(start->front()); !opened) return opened;
  auto feed = InputFeed::Open(source, {.log = Changelog(), .next = next_});
  if (!feed) return std::unexpected(std::move(feed.error()));
  changelog_ = *std::move(feed);
  return {};
}

Result<void> PartitionRestore::OpenStore(std::int64_t changelog_start) {
  const std::string directory = parts_.DirectoryOf(partition_);
  for (bool fresh = false;; fresh = true) {
    auto opened = store::RocksRestore::Open(directory, parts_.rocks);
    if (!opened && (fresh || opened.error().recovery != Recovery::kRestartTask)) return std::unexpected(std::move(opened.error()));
    std::string why = opened ? "" : opened.error().message;
    if (opened) {
      store_ = *std::move(opened);
      const auto offset = store_->ReadMeta(kChangelogMeta);
      if (!offset) return std::unexpected(offset.error());
      next_ = *offset ? ParseOffset(**offset) : 0;
      if (next_ > end_) {
        why = "the store is ahead of its changelog: records were lost there, or the topic was made anew";
      } else if (*offset && next_ < changelog_start) {
        why = "the changelog no longer has what the store lacks";
      } else {
        next_ = std::max(next_, changelog_start);
        break;
      }
    }
    spdlog::warn("partition {}: {}; moved away, restoring from the whole changelog", partition_, why);
    store_.reset();
    if (auto moved = MoveAway(directory); !moved) return moved;
  }
  const auto live = store_->ReadMeta(kLiveMeta);
  if (!live) return std::unexpected(live.error());
  if (!*live) return {};
  auto meta = formats::DecodePartitionMeta(**live);
  if (!meta) return std::unexpected(std::move(meta.error()));
  meta_ = *std::move(meta);
  return {};
}

// Some of it; lets go of the changelog and the store when all is read.
Result<void> PartitionRestore::Read() {
  for (std::uint32_t taken = 0; taken < kRecordsPerStep; ++taken) {
    auto record = changelog_->Take();
    if (!record) return std::unexpected(std::move(record.error()));
    if (!*record) break;
    if (auto in = TakeIn(**record); !in) return in;
    ++records_;
    if (!store_->WantsWrite()) continue;
    if (auto written = Write((*record)->offset + 1); !written) return written;
  }
  const std::int64_t position = changelog_->Position();
  if (position < end_) return {};
  parts_.faults->Reach(FaultPoint::kRestoring);
  if (auto written = Write(position); !written) return written;
  changelog_.reset();
  store_.reset();
  return {};
}

Result<void> PartitionRestore::TakeIn(const runtime::LogRecord& record) {
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
    return Fail(put.error().recovery,
                PlaceOf(parts_, Changelog()) + " at offset " + std::to_string(record.offset) + ": " + put.error().message);
  }
  return Fail(Recovery::kStopProcess, PlaceOf(parts_, Changelog()) + " at offset " + std::to_string(record.offset) +
                                          ": a key that this version does not know; run the version that wrote it, or a newer one");
}

Result<void> PartitionRestore::Write(std::int64_t next) {
  parts_.faults->Reach(FaultPoint::kRestoring);
  store::CommitMeta meta{{std::string(kChangelogMeta), std::to_string(next)}};
  if (meta_) {
    meta.emplace(kLiveMeta, formats::EncodePartitionMeta(*meta_));
    meta.emplace(runtime::kPartitionMeta, meta_->partition_state);
  }
  return store_->Write(meta);
}

// Of every input and of control: as committed; else as the meta says (the group's offsets expire, the changelog does not); else as the
// process file says where to begin.
Result<std::vector<runtime::LogPosition>> PartitionRestore::Positions(runtime::LogDirectory& directory) const {
  const auto in_meta = [this](const std::string& topic) -> std::optional<std::int64_t> {
    if (!meta_) return std::nullopt;
    const auto found = std::ranges::find(meta_->positions, topic, &formats::TopicPosition::topic);
    if (found == meta_->positions.end()) return std::nullopt;
    return found->next;
  };
  std::vector<runtime::LogId> logs = Inputs();
  logs.push_back({.topic = parts_.topics->Of(process::TopicRole::kControl), .partition = 0});
  std::vector<runtime::LogPosition> positions;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const std::string& topic = parts_.topics->topics()[logs[i].topic].name;
    const std::optional<std::int64_t> stored = in_meta(topic);
    const std::optional<std::int64_t> committed = i < committed_.size() ? committed_[i] : std::nullopt;
    if (committed && (!meta_ || (stored && *stored != *committed))) {
      return Fail(
          Recovery::kStopProcess,
          PlaceOf(parts_, logs[i]) + ": the group stands at offset " + std::to_string(*committed) + ", the state at " +
              (stored ? std::to_string(*stored) : "the beginning") +
              ": somebody moved the group's offsets, or another run has this group. Nothing was read. Give the group its offsets back "
              "(kafka-consumer-groups --reset-offsets), or choose another group");
    }
    std::optional<std::int64_t> next = committed ? committed : stored;
    if (!next) {
      const std::array<runtime::LogId, 1> log{logs[i]};
      const bool is_input = logs[i].topic < parts_.topics->inputs();
      const bool latest = is_input && parts_.config->inputs[logs[i].topic].start == process::StartAt::kLatest;
      const auto edge = latest ? directory.HighWatermarks(log) : directory.Starts(log);
      if (!edge) return std::unexpected(edge.error());
      next = edge->front();
    }
    positions.push_back({.log = logs[i], .next = *next});
  }
  return positions;
}

}  // namespace antiphon::orchestrator
