#include "services/archive/archive.h"

#include <system_error>
#include <utility>

#include "services/files/output_file.h"

namespace antiphon::archive {
namespace {

// Every record of a segment, which must be the one that the manifest names.
template <typename Visitor>
Result<void> ReadSegment(const SegmentInfo& segment, const std::filesystem::path& path, const Visitor& visit) {
  auto reader = SegmentReader::Open(path);
  if (!reader) return std::unexpected(std::move(reader.error()));
  while (true) {
    const auto next = reader->Next();
    if (!next) return std::unexpected(next.error());
    const std::optional<runtime::LogRecord>& record = *next;
    if (!record) break;
    if (auto visited = visit(*record); !visited) return Fail(visited.error().recovery, path.string() + ": " + visited.error().message);
  }
  const SegmentFigures read = reader->figures();
  if (read == segment.figures && reader->topic() == segment.topic && reader->partition() == segment.partition) return {};
  return Fail(Recovery::kStopProcess, path.string() + ": a sound segment, but not the one that the manifest names: it has " +
                                          std::to_string(read.records) + " records and digest " + ToHex(read.digest) + ", there " +
                                          std::to_string(segment.figures.records) + " and " + ToHex(segment.figures.digest));
}

}  // namespace

Result<Archive> Archive::Open(std::filesystem::path folder) {
  const std::filesystem::path path = folder / kManifestFile;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return Fail(Recovery::kStopProcess, folder.string() + " is no archive: it has no " + std::string(kManifestFile) +
                                            "; `antiphon export --process FILE --archive DIR` makes one");
  }
  const auto text = files::ReadWholeFile(path);
  if (!text) return std::unexpected(text.error());
  auto manifest = DecodeManifest(*text, path.string());
  if (!manifest) return std::unexpected(std::move(manifest.error()));
  return Archive(std::move(folder), *std::move(manifest));
}

Result<void> Archive::CheckSegments(const SpanInfo& span) const {
  for (const SegmentInfo& segment : span.segments) {
    const auto nothing = [](const runtime::LogRecord&) { return Result<void>(); };
    if (auto read = ReadSegment(segment, PathOf(span) / segment.file, nothing); !read) return read;
  }
  return {};
}

Result<StateFold> Archive::ReadSnapshot(const SpanInfo& span, std::int32_t partition) const {
  const SegmentInfo* segment = span.SnapshotOf(partition);
  if (segment == nullptr) return Fail(Recovery::kStopProcess, span.folder + ": no snapshot of partition " + std::to_string(partition));
  StateFold fold;
  auto read =
      ReadSegment(*segment, PathOf(span) / segment->file, [&fold](const runtime::LogRecord& record) { return fold.TakeIn(record); });
  if (!read) return std::unexpected(std::move(read.error()));
  return fold;
}

}  // namespace antiphon::archive
