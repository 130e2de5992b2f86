#include "services/tools/customer_log.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "engine/expression/arena.h"
#include "services/files/output_file.h"
#include "services/formats/journal.h"
#include "services/formats/json_event_decoder.h"
#include "services/formats/merged_log.h"
#include "services/replay/output_folder.h"
#include "services/replay/progress.h"
#include "services/replay/resume_point.h"
#include "services/runtime/partitioner.h"
#include "services/runtime/version.h"
#include "state/base/check.h"

namespace antiphon::tools {

using formats::Decoded;
using formats::LogLine;

namespace {

constexpr std::uint64_t kLinesPerLook = 1024;  // at the clock of the wall, for progress

// Where the clock of a replay that was stopped stands; nothing if it ran to its end.
Result<std::optional<EngineTime>> StopOfReplay(const std::string& folder) {
  const auto text = files::ReadWholeFile(folder + "/" + std::string(replay::kResumeFile));
  if (!text) return std::nullopt;  // there is none
  auto point = replay::ParseResumePoint(*text);
  if (!point) return std::unexpected(std::move(point.error()));
  return point->clock;
}

// The last tick of the journal: where the clock of a whole replay ended.
Result<std::optional<EngineTime>> EndOfReplay(formats::JournalReader& journal) {
  std::optional<EngineTime> end;
  while (true) {
    auto commit = journal.Next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    const std::optional<formats::JournalCommit>& next = *commit;
    if (!next) return end;
    for (const formats::JournalEntry& entry : next->entries) {
      if (const auto* const tick = std::get_if<formats::JournalTick>(&entry)) end = std::max(end.value_or(tick->to), tick->to);
    }
  }
}

std::vector<std::string> NotesOf(const formats::JournalHeader& header, const topology::Topology& topology) {
  std::vector<std::string> notes;
  if (header.topology_version != topology.version) {
    notes.push_back("the replay ran under topology version " + ToHex(header.topology_version) + ", this one is " + ToHex(topology.version) +
                    ": what follows is what this one says, which may not be what was decided then");
  }
  if (header.semantics_version != runtime::kSemanticsVersion) {
    notes.push_back("the replay was made by an engine of semantics version " + std::to_string(header.semantics_version) + ", this one is " +
                    std::to_string(runtime::kSemanticsVersion) + ": it may have decided otherwise then");
  }
  return notes;
}

}  // namespace

Result<ResolvedLogs> ResolveLogs(LogOptions options, const topology::Topology& topology) {
  if (options.replay.empty()) {
    if (options.logs.empty()) return Fail(Recovery::kStopProcess, "no log is given; name the files of events, or --replay FOLDER");
    return ResolvedLogs{.logs = std::move(options), .notes = {}};
  }
  if (!options.logs.empty()) return Fail(Recovery::kStopProcess, "both logs and --replay are given; leave one out");
  auto reader = formats::JournalReader::Open(options.replay + "/journal");
  if (!reader) return std::unexpected(std::move(reader.error()));
  options.partitions = reader->header().partitions;
  for (const formats::JournalSource& source : reader->header().sources) {
    if (source.name == "-") {
      return Fail(Recovery::kStopProcess,
                  options.replay + " replayed standard input, which cannot be read again; name the logs themselves");
    }
    options.logs.push_back(source.name);
  }
  std::vector<std::string> notes = NotesOf(reader->header(), topology);
  const auto stop = StopOfReplay(options.replay);
  if (!stop) return std::unexpected(stop.error());
  options.until = *stop;
  if (options.until) {
    notes.push_back("the replay was stopped at " + FormatTime(*options.until) + ": nothing after it is looked at");
  } else {
    const auto end = EndOfReplay(*reader);
    if (!end) return std::unexpected(end.error());
    options.until = *end;
  }
  return ResolvedLogs{.logs = std::move(options), .notes = std::move(notes)};
}

class LogWalk::Impl {
 public:
  // An event or control record, and its time.
  struct Pending {
    Decoded decoded;
    EngineTime time{};
  };

  Impl(Options options, Result<void>& opened)
      : options_(std::move(options)),
        decoder_(*options_.topology),
        times_(*options_.topology),
        arena_(decoder_.ArenaBytes(1, formats::kLineBytesMaxDefault)) {
    auto log = formats::MergedLog::Open(options_.logs.logs, {}, [this](formats::PaddedText line) { return times_.PeekTime(line); });
    if (!log) {
      opened = std::unexpected(std::move(log.error()));
      return;
    }
    log_ = std::make_unique<formats::MergedLog>(*std::move(log));
    partition_ = options_.customer.empty() ? 0 : runtime::PartitionOf(options_.customer, options_.logs.partitions);
    sessions_.resize(options_.logs.partitions);
    for (std::uint32_t i = 0; i < sessions_.size(); ++i) {
      if (!options_.customer.empty() && i != partition_) continue;
      auto session = Session::Create({.topology = options_.topology, .observer = options_.observer, .watched = options_.customer});
      if (!session) {
        opened = std::unexpected(std::move(session.error()));
        return;
      }
      sessions_[i] = *std::move(session);
    }
  }

  Result<void> WalkTo(std::optional<EngineTime> until, Beyond beyond, const std::function<bool()>& enough) {
    const std::optional<EngineTime> limit = options_.logs.until;
    while (!at_end_) {
      if (!pending_) Read();
      if (!pending_) break;
      const EngineTime now = std::max(clock_, pending_->time);
      if (until && now > *until && (!limit || *until < *limit)) break;
      if (limit && now > *limit) {
        at_end_ = true;  // for the replay that is explained the logs ended here
        break;
      }
      NoteBackfill(pending_->decoded, now);
      clock_ = now;
      if (auto applied = Apply(pending_->decoded); !applied) return applied;
      pending_.reset();
      if (enough && enough()) return {};
    }
    progress_.Clear();
    if (until && pending_ && *until > clock_) {
      NoteBackfill(pending_->decoded, *until);  // a part of the stretch that it moves the clock over
    }
    if (until && (!at_end_ || beyond == Beyond::kGoOn)) {
      clock_ = std::max(clock_, *until);
    } else if (limit) {
      clock_ = std::max(clock_, until ? std::min(*until, *limit) : *limit);
    }
    for (const auto& session : sessions_) {
      if (session == nullptr) continue;
      if (auto advanced = session->AdvanceTo(clock_); !advanced) return advanced;
    }
    return {};
  }

  [[nodiscard]] Session& own() const { return *sessions_[partition_]; }

  Options options_;
  formats::JsonEventDecoder decoder_;
  formats::JsonEventDecoder times_;  // asked ahead of the line in hand
  expression::Arena arena_;
  std::unique_ptr<formats::MergedLog> log_;
  std::vector<std::unique_ptr<Session>> sessions_;  // by partition; nullptr where nobody is asked for
  std::uint32_t partition_ = 0;
  std::optional<Pending> pending_;  // read, and past the time walked to
  EngineTime clock_{};
  bool at_end_ = false;
  bool known_ = false;
  std::optional<SeenEvent> last_;
  std::uint64_t events_ = 0;
  std::uint64_t dead_letters_ = 0;
  std::uint64_t lines_ = 0;
  replay::Progress progress_{options_.progress};

 private:
  void ShowProgress() {
    if (++lines_ % kLinesPerLook != 0 || options_.progress == nullptr) return;
    std::uint64_t done = 0;
    std::uint64_t size = 0;
    bool known = true;  // how much there is: not of a pipe
    for (const formats::LogReader& reader : log_->readers()) {
      done += reader.raw_bytes();
      size += reader.raw_size();
      known = known && reader.raw_size() > 0;
    }
    progress_.Show(lines_, done, known ? size : 0);
  }

  // Whatever partition the event is of.
  void NoteBackfill(const Decoded& decoded, EngineTime now) {
    if (decoded.kind != Decoded::Kind::kEvent || !decoded.event.backfill || now <= clock_) return;
    for (const auto& session : sessions_) {
      if (session != nullptr) session->TellBackfill({.after = clock_, .until = now});
    }
  }

  // The next event or control record.
  void Read() {
    while (true) {
      arena_.Reset();
      log_->ReleaseAll();
      const formats::MergedLog::Line line = log_->Next();
      ShowProgress();
      if (line.line.kind == LogLine::Kind::kEnd) {
        at_end_ = true;
        return;
      }
      if (line.line.kind != LogLine::Kind::kLine) {
        ++dead_letters_;
        continue;
      }
      Decoded decoded = decoder_.Decode(line.line.text, {.partition = line.file, .offset = line.line.offset}, arena_);
      if (decoded.kind == Decoded::Kind::kEvent || decoded.kind == Decoded::Kind::kControl) {
        const EngineTime time = decoded.kind == Decoded::Kind::kEvent ? decoded.event.time : decoded.control.time;
        pending_ = {.decoded = std::move(decoded), .time = time};
        return;
      }
      if (decoded.kind == Decoded::Kind::kDeadLetter) ++dead_letters_;
    }
  }

  Result<void> Apply(const Decoded& decoded) {
    if (decoded.kind == Decoded::Kind::kControl) {
      for (const auto& session : sessions_) {
        if (session == nullptr) continue;
        if (auto applied = session->Apply(decoded.control, clock_); !applied) return applied;
      }
      return {};
    }
    const decision::Event& event = decoded.event;
    const std::uint32_t partition = runtime::PartitionOf(event.customer, options_.logs.partitions);
    const bool own = event.customer == options_.customer;
    if (!options_.customer.empty() && !own && !(event.backfill && partition == partition_)) return {};
    if (own) {
      known_ = true;
      ++events_;
      last_ = SeenEvent{
          .now = clock_, .time = event.time, .type = options_.topology->event_types[event.type].name, .id = std::string(event.id)};
    }
    return sessions_[partition]->Apply(event, clock_);
  }
};

LogWalk::LogWalk(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogWalk::~LogWalk() = default;

Result<std::unique_ptr<LogWalk>> LogWalk::Open(Options options) {
  ANTIPHON_CHECK(options.topology != nullptr && options.observer != nullptr && options.logs.partitions > 0);
  Result<void> opened;
  auto impl = std::make_unique<Impl>(std::move(options), opened);
  if (!opened) return std::unexpected(std::move(opened.error()));
  return std::unique_ptr<LogWalk>(new LogWalk(std::move(impl)));
}

Result<void> LogWalk::WalkTo(std::optional<EngineTime> until, Beyond beyond, const std::function<bool()>& enough) {
  return impl_->WalkTo(until, beyond, enough);
}
EngineTime LogWalk::clock() const { return impl_->clock_; }
bool LogWalk::at_end() const { return impl_->at_end_; }
Snapshot LogWalk::Look() const { return impl_->own().Look(impl_->options_.customer); }
bool LogWalk::known() const { return impl_->known_; }
const std::optional<SeenEvent>& LogWalk::last() const { return impl_->last_; }
std::uint64_t LogWalk::events() const { return impl_->events_; }
std::uint64_t LogWalk::dead_letters() const { return impl_->dead_letters_; }

}  // namespace antiphon::tools
