#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "services/formats/dead_letter.h"
#include "services/formats/record_writer.h"
#include "services/orchestrator/decoders.h"
#include "services/orchestrator/lane.h"
#include "services/orchestrator/process_parts.h"
#include "services/orchestrator/rekeyed_records.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log_directory.h"
#include "services/runtime/membership.h"
#include "services/runtime/output_sink.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

// Rekeyer: hands the records of the inputs with `key: other` to their customers: each becomes a record of antiphon.rekeyed in the partition
// of its customer, or of each of several, a dead letter, or nothing; in one transaction with the positions of the inputs. So exactly once,
// and in the order of each partition that is read. One per process, a group of its own (RekeyGroupOf), a thread of its own, which also
// polls that group: between rounds nothing is uncommitted, so partitions can be let go at any poll. It has no state but the positions:
//
//   no partitions -> assigned      the group says so
//   assigned      -> reading       the committed positions are known, and what they leave open was committed
//   reading       -> assigned      a transaction is lost: all anew, with a new sink, from the committed positions
//   any           -> no partitions the group takes them away
//
// A test calls Round() itself instead of Run(). Source: docs/live.md, "Re-keying".
class Rekeyer final : private runtime::Membership::LogsListener {
 public:
  using MakeMembership = std::function<Result<std::unique_ptr<runtime::Membership>>(runtime::Membership::LogsListener&)>;
  struct Options {
    std::unique_ptr<runtime::EventSource> source;  // with the headers of the inputs
    Decoders decoders;
    runtime::OutputSinkFactory* sinks = nullptr;  // outlives this
    runtime::LogDirectory* directory = nullptr;   // of its group; outlives this
    MakeMembership make_membership;
  };
  // REQUIRES: parts.sources, which outlives this, is not empty; parts.figures.
  Rekeyer(const ProcessParts& parts, Options options);
  ~Rekeyer() override;

  // The thread: until Stop, or an Error that the process must stop for. Commits and leaves its group at the end.
  [[nodiscard]] Result<void> Run();
  // From any thread.
  void Stop();

  // One poll of the group and one round. True if it did something.
  [[nodiscard]] Result<bool> Round();
  void Leave();

 private:
  void OnAssigned(std::span<const runtime::LogId> logs, std::shared_ptr<const runtime::MemberToken> member) override;
  void OnRevoked(bool lost) override;

  struct Log {
    runtime::LogId log;
    std::int64_t committed = 0;
    std::uint64_t records = 0;  // of the transaction under way
    std::uint64_t handed = 0;
  };

  [[nodiscard]] Result<bool> TryRound();
  [[nodiscard]] Result<void> BeginReading();
  [[nodiscard]] Result<std::int64_t> FirstPosition(runtime::LogId log) const;
  [[nodiscard]] Result<void> TakeUntilFull();
  [[nodiscard]] Result<bool> TakeFrom(Log& from);
  [[nodiscard]] Result<void> Hand(Log& from, const runtime::LogRecord& record);
  [[nodiscard]] Result<void> PutLetter(runtime::LogId log, const runtime::LogRecord& record, const formats::Decoded& decoded);
  [[nodiscard]] bool HasMoved() const;
  [[nodiscard]] Result<bool> Commit();
  [[nodiscard]] Result<void> ShowLags();
  void StopReading();
  void Lose(const Error& why);
  [[nodiscard]] const std::string& TopicOf(runtime::LogId log) const { return parts_.topics->topics()[log.topic].name; }
  [[nodiscard]] LiveFigures::Source& FiguresOf(runtime::LogId log);

  const ProcessParts& parts_;
  Options options_;
  formats::RecordWriter writer_;  // of dead letters
  TransactionCounts counts_;
  std::unique_ptr<runtime::Membership> membership_;
  std::atomic<bool> stop_ = false;

  std::vector<runtime::LogId> owned_;
  std::shared_ptr<const runtime::MemberToken> member_;
  std::unique_ptr<runtime::OutputSink> sink_;
  bool reading_ = false;
  std::vector<Log> logs_;        // owned_, while it is reading
  bool positions_open_ = false;  // a log has no committed position yet
  std::uint32_t taken_ = 0;      // records of the transaction under way

  std::vector<std::unique_ptr<LaneMemory>> memory_;  // by input; of one record
  std::vector<std::string_view> customers_;          // of a record; reused
  RekeyedHeaders headers_;
  std::string text_;
  Milliseconds committed_at_{0};
  Milliseconds not_before_{0};  // after a loss: no round until then
  Milliseconds lags_at_{0};
};

}  // namespace antiphon::orchestrator
