#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/formats/live_records.h"
#include "services/orchestrator/changelog_tail.h"
#include "services/orchestrator/directory_claims.h"
#include "services/orchestrator/live_partition.h"
#include "services/orchestrator/process_parts.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

// PartitionRestore: brings the local store of one partition to where the cluster says that it stands. Used on one worker's thread.
//
//   new      -> reading   nobody else has the store; committed positions, then the changelog's edges (ChangelogTail)
//   reading  -> read      the source has passed the watermark; the store is closed
//   read     -> (told)    where the partition goes on
//
// kRetry: the cluster did not answer, the same call may succeed later. After any other Error it is to be dropped and begun anew; what it
// wrote is then a head start. Source: docs/live.md, "Restoring".
class PartitionRestore {
 public:
  // Whoever waits for the store's directory for longer stops the process: another can serve the partition.
  static constexpr Milliseconds kClaimWithin{20'000};

  // `parts` outlives it.
  PartitionRestore(const ProcessParts& parts, std::int32_t partition, std::shared_ptr<const runtime::MemberToken> member)
      : parts_(parts), partition_(partition), member_(std::move(member)) {}

  // Goes a step further, without waiting for records; where the partition goes on when all is done. kStopProcess if the committed positions
  // are not those of the restored meta. `source` outlives it.
  [[nodiscard]] Result<std::optional<PartitionStart>> Step(runtime::EventSource& source, runtime::LogDirectory& directory);

  [[nodiscard]] std::int32_t partition() const { return partition_; }
  [[nodiscard]] std::uint64_t records() const { return records_; }  // read so far
  // Offsets of the changelog that are still to be read, some of which hold no record; 0 before it is known.
  [[nodiscard]] std::int64_t left() const { return tail_ != nullptr ? std::max<std::int64_t>(tail_->end() - tail_->Position(), 0) : 0; }

 private:
  enum class State : std::uint8_t { kNew, kReading, kRead };

  [[nodiscard]] Result<bool> ClaimDirectory();
  [[nodiscard]] Result<void> Begin(runtime::EventSource& source, runtime::LogDirectory& directory);
  [[nodiscard]] Result<void> Read();
  [[nodiscard]] Result<std::vector<runtime::LogPosition>> Positions(runtime::LogDirectory& directory) const;
  [[nodiscard]] std::vector<runtime::LogId> Inputs() const;

  const ProcessParts& parts_;
  std::int32_t partition_;
  std::shared_ptr<const runtime::MemberToken> member_;
  State state_ = State::kNew;
  std::vector<std::optional<std::int64_t>> committed_;  // of Inputs()
  std::optional<DirectoryClaims::Claim> claim_;         // before the tail, so that it ends last
  std::optional<Milliseconds> waits_since_;             // Clock::Monotonic; for the claim
  std::unique_ptr<ChangelogTail> tail_;
  std::optional<formats::PartitionMeta> meta_;
  std::uint64_t records_ = 0;
};

}  // namespace antiphon::orchestrator
