#include "services/tools/customer_log.h"

#include <algorithm>
#include <utility>

#include "engine/expression/arena.h"
#include "services/formats/journal.h"
#include "services/formats/json_event_decoder.h"
#include "services/formats/merged_log.h"
#include "services/runtime/partitioner.h"
#include "state/base/check.h"

namespace antiphon::tools {

using formats::Decoded;
using formats::LogLine;

Result<LogOptions> ResolveLogs(LogOptions options) {
  if (options.replay.empty()) {
    if (options.logs.empty()) return Fail(Recovery::kStopProcess, "no log is given; name the files of events, or --replay FOLDER");
    return options;
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
  return options;
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
    while (!at_end_) {
      if (!pending_) Read();
      if (!pending_) break;
      const EngineTime now = std::max(clock_, pending_->time);
      if (until && now > *until) break;
      NoteBackfill(pending_->decoded, now);
      clock_ = now;
      if (auto applied = Apply(pending_->decoded); !applied) return applied;
      pending_.reset();
      if (enough && enough()) return {};
    }
    if (until && pending_ && *until > clock_)
      NoteBackfill(pending_->decoded, *until);  // a part of the stretch that it moves the clock over
    if (until && (!at_end_ || beyond == Beyond::kGoOn)) clock_ = std::max(clock_, *until);
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

 private:
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
