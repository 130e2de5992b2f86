#include "services/formats/merged_log.h"

#include <algorithm>
#include <utility>

#include "state/base/check.h"

namespace antiphon::formats {

Result<MergedLog> MergedLog::Open(const std::vector<std::string>& paths, const LogReader::Options& options, TimeOf time_of) {
  std::vector<LogReader> readers;
  readers.reserve(paths.size());
  for (const std::string& path : paths) {
    auto reader = LogReader::Open(path, options);
    if (!reader) return std::unexpected(reader.error());
    readers.push_back(std::move(*reader));
  }
  return MergedLog(std::move(readers), std::move(time_of));
}

// Looks at the next line of `file`. What is no line has no time and keeps its place behind the line before it.
void MergedLog::Fill(std::size_t file) {
  Head& head = heads_[file];
  head.mark = readers_[file].MarkHere();
  head.line = readers_[file].Next();
  if (head.line.kind != LogLine::Kind::kLine || readers_.size() == 1) return;
  const auto time = time_of_(head.line.text);
  if (time && (!head.newest || *time > *head.newest)) head.newest = time;
}

MergedLog::Line MergedLog::Next() {
  if (heads_.empty()) {
    heads_.resize(readers_.size());
    for (std::size_t file = 0; file < readers_.size(); ++file) Fill(file);
  } else if (given_ < heads_.size()) {
    Fill(given_);
  }
  given_ = heads_.size();
  for (std::size_t file = 0; file < heads_.size(); ++file) {
    if (heads_[file].line.kind == LogLine::Kind::kEnd) continue;
    if (given_ == heads_.size() || heads_[file].newest < heads_[given_].newest) given_ = file;
  }
  if (given_ == heads_.size()) return {};
  return {.line = heads_[given_].line, .file = static_cast<std::uint32_t>(given_)};
}

MergedLog::Mark MergedLog::MarkHere() const {
  Mark mark;
  mark.marks.reserve(readers_.size());
  for (std::size_t file = 0; file < readers_.size(); ++file) {
    const bool looked_at = file < heads_.size() && file != given_;
    mark.marks.push_back(looked_at ? heads_[file].mark : readers_[file].MarkHere());
  }
  return mark;
}

void MergedLog::Release(const Mark& mark) {
  for (std::size_t file = 0; file < readers_.size(); ++file) readers_[file].Release(mark.marks.at(file));
}

Result<void> MergedLog::SkipTo(const std::vector<std::uint64_t>& offsets) {
  ANTIPHON_CHECK(heads_.empty() && offsets.size() == readers_.size());
  for (std::size_t file = 0; file < readers_.size(); ++file) {
    if (auto skipped = readers_[file].SkipTo(offsets[file]); !skipped) return skipped;
  }
  return {};
}

}  // namespace antiphon::formats
