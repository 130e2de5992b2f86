#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "services/formats/live_records.h"
#include "services/orchestrator/process_parts.h"
#include "services/orchestrator/record_feed.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"
#include "state/store/rocksdb/rocks_restore.h"

namespace antiphon::orchestrator {

// ChangelogTail: the changelog of one partition, read into its local store from where the store stands. What it has written is at each time
// a prefix of the changelog, with the offset of its end in the same batch. Used by whoever restores the partition, and by whoever keeps a
// standby of it; owned and used by one thread, which has the store's directory to itself. After an Error it is to be dropped and opened
// anew: what it wrote is then a head start. Its end writes nothing. Source: docs/live.md, "Restoring".
class ChangelogTail {
 public:
  // Asks for the changelog's edges, opens the store (one that is damaged, ahead of the changelog, or behind its beginning, is moved away
  // and made anew) and begins to read. kRetry: the cluster did not answer. All outlive it.
  [[nodiscard]] static Result<std::unique_ptr<ChangelogTail>> Open(const ProcessParts& parts, std::int32_t partition,
                                                                   runtime::EventSource& source, runtime::LogDirectory& directory);

  // Takes in what is at hand, up to a bound, and writes what is worth a write. How many records that were.
  [[nodiscard]] Result<std::uint32_t> Take();
  // Writes the rest of what was taken.
  [[nodiscard]] Result<void> Write();

  // Before the record that is to be taken next.
  [[nodiscard]] std::int64_t Position() const { return feed_->Position(); }
  [[nodiscard]] std::int64_t written() const { return next_; }  // the same of what the store has
  [[nodiscard]] std::int64_t end() const { return end_; }       // the changelog's high watermark when it was opened
  // As of what was taken; nothing: the partition never committed.
  [[nodiscard]] const std::optional<formats::PartitionMeta>& meta() const { return meta_; }
  [[nodiscard]] runtime::LogId log() const { return log_; }

 private:
  ChangelogTail(const ProcessParts& parts, std::int32_t partition);

  [[nodiscard]] Result<void> OpenStore(std::int64_t start);
  [[nodiscard]] Result<void> TakeIn(const runtime::LogRecord& record);
  [[nodiscard]] Result<void> WriteTo(std::int64_t next);
  [[nodiscard]] std::string PlaceOf(std::int64_t offset) const;

  const ProcessParts& parts_;
  runtime::LogId log_;
  std::unique_ptr<store::RocksRestore> store_;
  std::unique_ptr<InputFeed> feed_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
  std::optional<formats::PartitionMeta> meta_;
};

}  // namespace antiphon::orchestrator
