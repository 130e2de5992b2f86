#include <utility>

#include "services/replay/replay_source.h"

namespace antiphon::replay {
namespace {

class LogSource final : public ReplaySource {
 public:
  explicit LogSource(formats::MergedLog log) : log_(std::move(log)) {}

  [[nodiscard]] Result<SourceItem> Next() override {
    const formats::MergedLog::Line next = log_.Next();
    SourceItem item;
    if (next.line.kind == formats::LogLine::Kind::kEnd) {
      ended_ = true;
      return item;
    }
    item.kind = SourceItem::Kind::kLine;
    item.line = next.line;
    item.file = next.file;
    return item;
  }

  [[nodiscard]] Mark MarkHere() const override { return log_.MarkHere().marks; }
  void Release(const Mark& mark) override { log_.Release({.marks = mark}); }

  [[nodiscard]] std::vector<formats::JournalSource> Sources() const override {
    std::vector<formats::JournalSource> sources;
    for (const formats::LogReader& reader : log_.readers()) {
      sources.push_back({.position = static_cast<std::uint32_t>(sources.size()),
                         .name = reader.path(),
                         .digest = ended_ ? reader.digest() : Hash128{},
                         .bytes = reader.bytes()});
    }
    return sources;
  }

  [[nodiscard]] const std::string& BrokenText(std::uint32_t file) const override { return log_.readers()[file].broken(); }

  [[nodiscard]] std::uint64_t raw_bytes() const override {
    std::uint64_t bytes = 0;
    for (const formats::LogReader& reader : log_.readers()) bytes += reader.raw_bytes();
    return bytes;
  }
  [[nodiscard]] std::uint64_t raw_size() const override {
    std::uint64_t bytes = 0;
    for (const formats::LogReader& reader : log_.readers()) {
      if (reader.raw_size() == 0) return 0;
      bytes += reader.raw_size();
    }
    return bytes;
  }

 private:
  formats::MergedLog log_;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<ReplaySource>> OpenLogs(const std::vector<std::string>& paths, formats::JsonEventDecoder& decoder) {
  auto log = formats::MergedLog::Open(paths, formats::LogReader::Options{},
                                      [&decoder](formats::PaddedText line) { return decoder.PeekTime(line); });
  if (!log) return std::unexpected(std::move(log.error()));
  return std::make_unique<LogSource>(*std::move(log));
}

}  // namespace antiphon::replay
