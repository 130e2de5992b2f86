#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/archive/segment_file.h"
#include "state/base/hash.h"
#include "state/base/result.h"
#include "state/base/time.h"

// What manifest.json says of an archive. Source: docs/archive.md, "The manifest".
namespace antiphon::archive {

inline constexpr std::uint32_t kArchiveVersion = 1;
inline constexpr std::string_view kManifestFile = "manifest.json";

// The roles of segments: the words of process::TopicRole, and kSnapshot.
inline constexpr std::string_view kSnapshotRole = "snapshot";

// One segment of a span: the records of a log in [begin, end) that a reader of committed records sees. Those at `next` and after may be of
// commits after the span's last: the next span begins at `next` and has them too. Of a snapshot the offsets count its rows.
struct SegmentInfo {
  std::string file;  // relative to the span's folder
  std::string role;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t begin = 0;
  std::int64_t next = 0;
  std::int64_t end = 0;
  bool expired = false;  // an output of the archive's first span whose first records had expired already
  SegmentFigures figures;
  friend bool operator==(const SegmentInfo&, const SegmentInfo&) = default;
};

// What a span has of a partition: its commits first to last (last < first: none), and its state after the last.
struct PartitionSpan {
  std::uint64_t first = 1;
  std::uint64_t last = 0;
  std::uint64_t customers = 0;
  std::optional<EngineTime> clock;  // the engine's after the last; nothing: no commit yet
  Hash128 topology;                 // in force after the last
  friend bool operator==(const PartitionSpan&, const PartitionSpan&) = default;
};

struct SpanInfo {
  std::uint64_t number = 0;               // from 1
  std::string folder;                     // relative to the archive
  EngineTime made{};                      // wall time
  bool has_commits = true;                // false: a snapshot to begin with, what was before has expired
  EngineTime begins{};                    // engine time: what was decided at or after it is in this span or a later one
  std::vector<Hash128> topologies;        // that the span's commits name
  std::vector<PartitionSpan> partitions;  // by partition
  std::vector<SegmentInfo> segments;
  friend bool operator==(const SpanInfo&, const SpanInfo&) = default;

  // The latest clock of a partition at the span's end.
  [[nodiscard]] EngineTime Reaches() const;
  // nullptr: there is none.
  [[nodiscard]] const SegmentInfo* Find(std::string_view topic, std::int32_t partition) const;
  [[nodiscard]] const SegmentInfo* SnapshotOf(std::int32_t partition) const;
};

struct Manifest {
  std::string group;
  std::string prefix;
  std::vector<SpanInfo> spans;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

[[nodiscard]] std::string EncodeManifest(const Manifest& manifest);
// Fails (stop the process) on what is no manifest, or of a newer version; `path` is for the message.
[[nodiscard]] Result<Manifest> DecodeManifest(std::string_view text, const std::string& path);

// A stretch of engine time [from, to); nothing: the archive's own beginning or end.
struct Stretch {
  std::optional<EngineTime> from;
  std::optional<EngineTime> to;
};
// Spans, by index, [first, last].
struct SpanRange {
  std::size_t first = 0;
  std::size_t last = 0;
};
// The fewest spans that have all that was decided in a stretch. Fails (stop the process) if the archive does not reach so far, and says
// from when on, or until when, it does.
[[nodiscard]] Result<SpanRange> SpansOf(const Manifest& manifest, const Stretch& stretch);

}  // namespace antiphon::archive
