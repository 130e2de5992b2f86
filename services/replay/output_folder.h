#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "state/base/result.h"

namespace antiphon::replay {

// The files of a replay's output folder. Source: docs/replay.md, "What it writes".
inline constexpr std::string_view kMarkerFile = ".antiphon-replay";  // says that the folder is ours
inline constexpr std::array<std::string_view, 3> kRecordFileNames{"decisions.jsonl", "contacts.jsonl", "outbound.jsonl"};
inline constexpr std::string_view kDeadLettersFile = "dead-letters.jsonl";
inline constexpr std::string_view kJournalFile = "journal";
inline constexpr std::string_view kSummaryJsonFile = "summary.json";
inline constexpr std::string_view kSummaryTextFile = "summary.txt";
inline constexpr std::string_view kResumeFile = "resume.json";
inline constexpr std::string_view kSnapshotFile = "state.snapshot";
inline constexpr std::string_view kStateFolder = "state";  // of the RocksDB stores

// OutputFolder: where one replay writes. It never deletes or overwrites what it did not make.
class OutputFolder {
 public:
  enum class Use : std::uint8_t {
    kNew,      // refused if anything is there
    kReplace,  // what an earlier replay left is removed; refused if the folder is not a replay's
    kResume,   // a stopped replay's
  };
  [[nodiscard]] static Result<OutputFolder> Open(std::string path, Use use);

  [[nodiscard]] std::string PathOf(std::string_view name) const;
  [[nodiscard]] const std::string& path() const { return path_; }
  // Removes one of our files or folders, if it is there.
  [[nodiscard]] Result<void> Remove(std::string_view name) const;

 private:
  explicit OutputFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace antiphon::replay
