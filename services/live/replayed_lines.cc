#include "services/live/replayed_lines.h"

#include <cstring>
#include <fstream>
#include <functional>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>

#include "state/base/hash.h"

namespace antiphon::live {
namespace {

using orchestrator::OutputKind;
using orchestrator::OutputLine;

// Before each line in a partition's file.
struct LineHead {
  std::int64_t time_ms = 0;
  std::uint32_t file = 0;
  std::uint32_t length = 0;
};

std::size_t FileOf(OutputKind kind) {
  switch (kind) {
    case OutputKind::kDecisions:
      return static_cast<std::size_t>(replay::RecordFile::kDecisions);
    case OutputKind::kContacts:
      return static_cast<std::size_t>(replay::RecordFile::kContacts);
    case OutputKind::kOutbound:
    case OutputKind::kAnswer:
      return static_cast<std::size_t>(replay::RecordFile::kOutbound);
    case OutputKind::kDeadLetter:
      break;
  }
  return replay::kRecordFiles;
}

// Reads a partition's file, line after line.
class LineReader {
 public:
  explicit LineReader(const std::string& path) : file_(path, std::ios::binary) {}

  // False at the end.
  bool Next() {
    if (!file_.read(reinterpret_cast<char*>(&head_), sizeof head_)) return false;
    line_.resize(head_.length);
    return static_cast<bool>(file_.read(line_.data(), static_cast<std::streamsize>(line_.size())));
  }
  [[nodiscard]] const LineHead& head() const { return head_; }
  [[nodiscard]] const std::string& line() const { return line_; }

 private:
  std::ifstream file_;
  LineHead head_;
  std::string line_;
};

}  // namespace

Result<std::unique_ptr<ReplayedLines>> ReplayedLines::Create(const replay::OutputFolder& folder, std::int32_t partition,
                                                             const archive::Stretch& stretch) {
  std::string name = "lines-" + std::to_string(partition) + ".new";
  auto file = files::OutputFile::Create(folder.PathOf(name));
  if (!file) return std::unexpected(std::move(file.error()));
  return std::unique_ptr<ReplayedLines>(new ReplayedLines(std::move(name), *std::move(file), stretch));
}

Result<void> ReplayedLines::Put(const OutputLine& line) {
  ++lines_;
  if (stretch_.from && line.time < *stretch_.from) return {};
  if (stretch_.to && line.time >= *stretch_.to) return {};
  const std::size_t file = FileOf(line.kind);
  const LineHead head{
      .time_ms = ToEpochMs(line.time), .file = static_cast<std::uint32_t>(file), .length = static_cast<std::uint32_t>(line.line.size())};
  char bytes[sizeof head];
  std::memcpy(bytes, &head, sizeof head);
  file_.Append(std::string_view(bytes, sizeof bytes));
  file_.Append(line.line);
  hashed_ = line.line;
  char ordinal[sizeof line.ordinal];
  std::memcpy(ordinal, &line.ordinal, sizeof ordinal);
  hashed_.append(ordinal, sizeof ordinal);
  ++digests_[file].lines;
  digests_[file].sum += HashBytes128(hashed_);
  return file_.State();
}

Result<void> MergeLines(const std::vector<std::unique_ptr<ReplayedLines>>& partitions, const replay::OutputFolder& folder) {
  std::vector<files::OutputFile> files;
  for (const std::string_view name : kReplayedFiles) {
    auto file = files::OutputFile::Create(folder.PathOf(name));
    if (!file) return std::unexpected(std::move(file.error()));
    files.push_back(*std::move(file));
  }
  std::vector<LineReader> readers;
  std::priority_queue<std::pair<std::int64_t, std::size_t>, std::vector<std::pair<std::int64_t, std::size_t>>, std::greater<>> heads;
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    readers.emplace_back(folder.PathOf(partitions[i]->name()));
    if (readers.back().Next()) heads.emplace(readers.back().head().time_ms, i);
    for (const replay::LineDigest& digest : partitions[i]->digests()) expected += digest.lines;
  }
  std::uint64_t merged = 0;
  for (; !heads.empty(); ++merged) {
    const std::size_t i = heads.top().second;
    heads.pop();
    LineReader& reader = readers[i];
    files[reader.head().file].Append(reader.line());
    files[reader.head().file].Append('\n');
    if (reader.Next()) heads.emplace(reader.head().time_ms, i);
  }
  if (merged != expected) return Fail(Recovery::kStopProcess, folder.path() + ": what was written there cannot be read back");
  for (files::OutputFile& file : files) {
    if (auto closed = file.Close(); !closed) return closed;
  }
  for (const auto& partition : partitions) {
    if (auto removed = folder.Remove(partition->name()); !removed) return removed;
  }
  return {};
}

}  // namespace antiphon::live
