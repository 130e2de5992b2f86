#include <deque>
#include <type_traits>
#include <utility>

#include "services/replay/replay_source.h"

namespace antiphon::replay {
namespace {

using formats::JournalEntry;
using formats::JournalReader;
using formats::LogLine;
using formats::LogReader;

// One log of the journal, read in step with the ranges.
struct JournaledLog {
  std::unique_ptr<LogReader> reader;  // nothing: its lines stand in the journal (standard input)
  std::optional<LogLine> ahead;       // looked at, beyond the range in hand
};

// Walks through the journal's entries. Records that stand in the journal in full are copied into buffers of their own, which live as long
// as marks demand: mark i of a record's buffer is its number, kept behind the readers' marks.
class JournaledSource final : public ReplaySource {
 public:
  JournaledSource(JournalReader journal, std::vector<JournaledLog> logs) : journal_(std::move(journal)), logs_(std::move(logs)) {}

  [[nodiscard]] Result<SourceItem> Next() override {
    while (true) {
      if (entry_ == entries_.size()) {
        auto commit = journal_.Next();
        if (!commit) return std::unexpected(std::move(commit.error()));
        std::optional<formats::JournalCommit>& next = *commit;
        if (!next) return SourceItem{};
        if (next->partition != formats::kAllPartitions) {
          return Fail(Recovery::kStopProcess,
                      "the journal has commits of single partitions: it is of a live run, which replay cannot follow");
        }
        entries_ = std::move(next->entries);
        entry_ = 0;
        continue;
      }
      auto item = std::visit([this](const auto& entry) { return Read(entry); }, entries_[entry_]);
      if (!item) return std::unexpected(std::move(item.error()));
      if (const std::optional<SourceItem>& given = *item; given) return *given;
      ++entry_;
      given_ = false;
    }
  }

  [[nodiscard]] Mark MarkHere() const override {
    Mark marks;
    for (const JournaledLog& log : logs_) marks.push_back(log.reader ? log.reader->MarkHere() : 0);
    marks.push_back(first_record_ + records_.size());
    return marks;
  }

  // A line that was looked at must stay: nothing of its log is released meanwhile.
  void Release(const Mark& mark) override {
    for (std::size_t i = 0; i < logs_.size(); ++i) {
      if (logs_[i].reader && !logs_[i].ahead) logs_[i].reader->Release(mark[i]);
    }
    for (; first_record_ < mark.back() && !records_.empty(); ++first_record_) records_.pop_front();
  }

  [[nodiscard]] std::vector<formats::JournalSource> Sources() const override { return journal_.header().sources; }
  [[nodiscard]] const std::string& BrokenText(std::uint32_t file) const override { return logs_[file].reader->broken(); }
  [[nodiscard]] std::uint64_t raw_bytes() const override {
    std::uint64_t bytes = 0;
    for (const JournaledLog& log : logs_) bytes += log.reader ? log.reader->raw_bytes() : 0;
    return bytes;
  }
  [[nodiscard]] std::uint64_t raw_size() const override {
    std::uint64_t bytes = 0;
    for (const JournaledLog& log : logs_) bytes += log.reader ? log.reader->raw_size() : 0;
    return bytes;
  }

 private:
  using Read1 = Result<std::optional<SourceItem>>;  // nothing: the entry is done

  [[nodiscard]] Read1 Read(const formats::JournalFloor& floor) {
    return Once({.kind = SourceItem::Kind::kFloor, .line = {}, .time = floor.floor});
  }
  [[nodiscard]] Read1 Read(const formats::JournalTick& tick) {
    return Once({.kind = SourceItem::Kind::kTick, .line = {}, .time = tick.to});
  }

  // Of a live run alone, which is played by services/archive.
  [[nodiscard]] Read1 Read(const formats::JournalActivation& /*activation*/) {
    return Fail(Recovery::kStopProcess, "the journal activates another topology: it is of a live run; antiphon verify plays those");
  }

  [[nodiscard]] Read1 Read(const formats::JournalRecord& record) {
    if (given_) return std::nullopt;
    records_.emplace_back(record.bytes);
    LogLine line;
    line.kind = LogLine::Kind::kLine;
    line.text = records_.back().padded();
    line.offset = record.offset;
    line.number = ++record_lines_;
    return Once({.kind = SourceItem::Kind::kLine, .line = line, .file = record.source});
  }

  [[nodiscard]] Read1 Read(const formats::JournalRange& range) {
    if (range.source >= logs_.size() || !logs_[range.source].reader) {
      return Fail(Recovery::kStopProcess, "the journal is damaged: it names a log that it does not list");
    }
    JournaledLog& log = logs_[range.source];
    while (true) {
      LogLine line;
      if (log.ahead) {
        line = *log.ahead;
        log.ahead.reset();
      } else {
        line = log.reader->Next();
      }
      if (line.kind == LogLine::Kind::kEnd) return std::nullopt;
      if (line.kind != LogLine::Kind::kBroken) {
        if (line.offset < range.from) continue;
        if (line.offset >= range.to) {
          log.ahead = line;
          return std::nullopt;
        }
      }
      return SourceItem{.kind = SourceItem::Kind::kLine, .line = line, .file = range.source};
    }
  }

  [[nodiscard]] Read1 Once(SourceItem item) {
    if (std::exchange(given_, true)) return std::nullopt;
    return item;
  }

  JournalReader journal_;
  std::vector<JournaledLog> logs_;  // by position
  std::vector<JournalEntry> entries_;
  std::size_t entry_ = 0;
  bool given_ = false;  // the entry's only item was given
  std::deque<formats::PaddedBuffer> records_;
  std::uint64_t first_record_ = 0;
  std::uint64_t record_lines_ = 0;
};

Result<void> CheckContent(const formats::JournalSource& source, const std::string& path) {
  auto content = formats::ReadContent(path);
  if (!content) return std::unexpected(std::move(content.error()));
  const bool whole = source.digest != Hash128{};
  if (whole ? content->bytes == source.bytes && content->digest == source.digest : content->bytes >= source.bytes) return {};
  std::string message = path + " is not the log of the journal (" + source.name + "): ";
  message += content->bytes != source.bytes
                 ? "it has " + std::to_string(content->bytes) + " bytes, the journal says " + std::to_string(source.bytes)
                 : "its digest is " + ToHex(content->digest) + ", the journal says " + ToHex(source.digest);
  return Fail(Recovery::kStopProcess, message + "; give the logs of the journaled run, in the same order");
}

}  // namespace

Result<std::unique_ptr<ReplaySource>> OpenJournal(const std::string& journal, const std::vector<std::string>& paths) {
  auto opened = JournalReader::Open(journal);
  if (!opened) return std::unexpected(std::move(opened.error()));
  std::vector<JournaledLog> logs;
  std::size_t next = 0;
  for (const formats::JournalSource& source : opened->header().sources) {
    JournaledLog& log = logs.emplace_back();
    if (source.name == "-") continue;
    if (next == paths.size()) {
      return Fail(Recovery::kStopProcess,
                  "the journal needs the log " + source.name + ": give the logs of the journaled run, in the same order");
    }
    const std::string& path = paths[next++];
    if (auto same = CheckContent(source, path); !same) return std::unexpected(std::move(same.error()));
    auto reader = LogReader::Open(path);
    if (!reader) return std::unexpected(std::move(reader.error()));
    log.reader = std::make_unique<LogReader>(*std::move(reader));
  }
  if (next < paths.size()) return Fail(Recovery::kStopProcess, "the journal knows no log " + paths[next] + ": leave it out");
  return std::make_unique<JournaledSource>(*std::move(opened), std::move(logs));
}

}  // namespace antiphon::replay
