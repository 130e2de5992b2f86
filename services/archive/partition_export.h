#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/archive/log_cursor.h"
#include "services/archive/manifest.h"
#include "services/archive/state_fold.h"
#include "services/formats/live_records.h"
#include "services/orchestrator/decoders.h"
#include "services/orchestrator/process_parts.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"

namespace antiphon::archive {

// SpanDraft: a span that is being written, into a folder that nobody reads yet.
struct SpanDraft {
  std::filesystem::path folder;
  const SpanInfo* before = nullptr;  // the archive's last span; nullptr: there is none
  bool snapshot_only = false;
  SpanInfo span;
  std::vector<std::string> notes;
  bool gap = false;  // the error that ended it: something has expired
  std::function<void(std::uint64_t records)> progress;
  std::uint64_t records = 0;
};

// PartitionExport: writes what a span has of one partition: its journal after the span before, the inputs that it names, the outputs, and
// the state after its last commit. Used once, by one thread.
//
// Which lines of an output are of commits up to the last one cannot be seen in its topic. So what is surely theirs is told from what may be
// a later commit's: the stable end before the changelog was asked for its last commit, and the high watermark after it.
class PartitionExport {
 public:
  // All outlive it. Adds to the draft.
  PartitionExport(const orchestrator::ProcessParts& parts, runtime::EventSource& source, runtime::LogDirectory& directory,
                  const orchestrator::Decoders& decoders, std::int32_t partition, SpanDraft& draft)
      : parts_(parts), source_(source), directory_(directory), decoders_(decoders), partition_(partition), draft_(draft) {}

  [[nodiscard]] Result<void> Run();
  // The time of the first event of its inputs; nothing: none was read from the beginning.
  [[nodiscard]] std::optional<EngineTime> first_event() const { return first_event_; }

 private:
  // What the journal of the span names of one input.
  struct Named {
    std::uint64_t from = 0;
    std::uint64_t records = 0;
  };
  // A log that is written: its records in [begin, end).
  struct Wanted {
    runtime::LogId log;
    std::int64_t begin = 0;
    std::int64_t next = 0;
    std::int64_t end = 0;
    bool expired = false;
    std::optional<std::uint64_t> named;  // of an input
  };

  [[nodiscard]] Result<void> ReadEdges(std::vector<std::int64_t>& sure);
  [[nodiscard]] Result<void> WriteJournal();
  [[nodiscard]] Result<void> TakeInCommit(const formats::LiveCommit& commit);
  [[nodiscard]] Result<void> AddInputs(std::vector<Wanted>& wanted);
  [[nodiscard]] Result<void> AddOutputs(const std::vector<std::int64_t>& sure, std::vector<Wanted>& wanted);
  [[nodiscard]] Result<void> WriteLogs(const std::vector<Wanted>& wanted);
  [[nodiscard]] Result<void> WriteLog(const Wanted& wanted, LogCursor& cursor);
  [[nodiscard]] bool LookAtFirstEvent(const runtime::LogRecord& record, runtime::LogId log);
  [[nodiscard]] Result<void> WriteSnapshot();
  [[nodiscard]] Result<std::optional<EngineTime>> ClockOfState() const;

  [[nodiscard]] runtime::LogId LogOf(process::TopicRole role) const { return {.topic = parts_.topics->Of(role), .partition = partition_}; }
  [[nodiscard]] const SegmentInfo* Before(const std::string& topic) const;
  [[nodiscard]] std::unexpected<Error> Gap(const std::string& what);
  [[nodiscard]] std::uint64_t last_before() const;

  const orchestrator::ProcessParts& parts_;
  runtime::EventSource& source_;
  runtime::LogDirectory& directory_;
  const orchestrator::Decoders& decoders_;
  std::int32_t partition_;
  SpanDraft& draft_;
  StateFold fold_;
  std::uint64_t sequence_ = 0;                       // of the last commit that is in the archive
  std::map<std::string, Named, std::less<>> named_;  // by topic
  std::optional<EngineTime> first_event_;
};

// A segment of the draft from a cursor: its records before `end`. For the logs of no partition too.
[[nodiscard]] Result<void> WriteSegment(SpanDraft& draft, SegmentInfo info, LogCursor& cursor,
                                        const std::function<void(const runtime::LogRecord&)>& look = {});

}  // namespace antiphon::archive
