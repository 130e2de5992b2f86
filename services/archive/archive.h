#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "services/archive/manifest.h"
#include "services/archive/state_fold.h"
#include "state/base/hash.h"
#include "state/base/result.h"

namespace antiphon::archive {

// The folders and files of an archive beside its spans. Source: docs/archive.md, "The folder".
inline constexpr std::string_view kTopologiesFolder = "topologies";
inline constexpr std::string_view kProcessFile = "process.yaml";  // of a span

// Archive: a folder that `antiphon export` wrote, for reading. Immutable.
class Archive {
 public:
  // Fails (stop the process) if there is no archive, or its manifest is damaged or of a newer version.
  [[nodiscard]] static Result<Archive> Open(std::filesystem::path folder);

  [[nodiscard]] const Manifest& manifest() const { return manifest_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path PathOf(const SpanInfo& span) const { return folder_ / span.folder; }
  [[nodiscard]] std::filesystem::path TopologyOf(const Hash128& version) const { return folder_ / kTopologiesFolder / ToHex(version); }

  // Reads every segment of a span: each is whole and the one that the manifest names. O(bytes).
  [[nodiscard]] Result<void> CheckSegments(const SpanInfo& span) const;
  // The state of a partition at the end of a span. Fails on a snapshot that is damaged, or not the one that the manifest names.
  [[nodiscard]] Result<StateFold> ReadSnapshot(const SpanInfo& span, std::int32_t partition) const;

 private:
  Archive(std::filesystem::path folder, Manifest manifest) : folder_(std::move(folder)), manifest_(std::move(manifest)) {}

  std::filesystem::path folder_;
  Manifest manifest_;
};

}  // namespace antiphon::archive
